import { useEffect } from "preact/hooks";
import { duration_of } from "../children/fields";
import { lasting } from "../children/words";
import { count, counted } from "../format";
import { is_experiment } from "../sentences";
import { ChildTable } from "./child_table";
import { Chosen } from "./chosen";
import { Guard } from "./error";
import { Iterations } from "./iterations";
import { useView } from "./parts";
import { Steps } from "./steps";
import { Sweep } from "./sweep";

/** The runs below the run: what they are together, all of them in a table, and those that the reader chose. */
export function Children() {
  const view = useView();
  const { store, children: desk } = view;
  const { family, total, left, error, changed } = store.children;
  changed.value;
  useEffect(() => void desk.fill(), [total.value]);
  const kind = family.value?.kind ?? "nested";
  if (!total.value) {
    const none = is_experiment(store.run.value)
      ? "No runs in this experiment yet: each appears here when it begins."
      : "This run has no children.";
    return <p class="rd-empty">{error.value || (left.value ? "Reading the children…" : none)}</p>;
  }
  return (
    <>
      {error.value && <p class="rd-banner">{error.value} What is shown is as it was last read.</p>}
      <Summary />
      {kind === "pipeline" && (
        <Guard what="This graph">
          <Steps />
        </Guard>
      )}
      {(kind === "automl" || kind === "sweep") && (
        <Guard what="This chart" key={kind}>
          {kind === "automl" ? <Iterations /> : <Sweep />}
        </Guard>
      )}
      <ChildTable />
      <Chosen />
    </>
  );
}

/** States of all of them, as a bar and in words: a press shows only those. */
function Summary() {
  const view = useView();
  const { store, children: desk } = view;
  const { family, changed, left } = store.children;
  changed.value;
  const states = new Map<string, number>();
  const finer = store.children.reader("fact", "state");
  let seconds = 0;
  for (const child of store.children.rows.values()) {
    const state = String(finer(child) || child.status);
    states.set(state, (states.get(state) ?? 0) + 1);
    // The time of a run below another one is part of that one's.
    if (child.status !== "Running" && !child.parent) seconds += duration_of(store.children, child, 0) ?? 0;
  }
  const ordered = [...states].sort((one, other) => order_of(one[0]) - order_of(other[0]));
  const all = store.children.rows.size;
  const planned = family.value?.iterations ?? null;
  // What prepares the others was not planned as one of them.
  const begun = desk.ordered.value.length;
  const chosen = desk.states.value;
  const toggle = (state: string) => {
    const next = new Set(chosen);
    if (!next.delete(state)) next.add(state);
    desk.states.value = next;
  };
  return (
    <div class="rd-children-summary">
      <div class="rd-states" aria-hidden="true">
        {ordered.map(([state, number]) => (
          <i key={state} class={`rd-state-${tone_of(state)}`} style={{ flexGrow: number }} />
        ))}
        {planned !== null && planned > begun && <i class="rd-state-none" style={{ flexGrow: planned - begun }} />}
      </div>
      <div class="rd-chips">
        {ordered.map(([state, number]) => (
          <button
            type="button"
            key={state}
            class="rd-quiet"
            aria-pressed={chosen.has(state)}
            onClick={() => toggle(state)}
          >
            <i aria-hidden="true" class={`rd-state-dot rd-state-${tone_of(state)}`} />
            {words_of(state)} <b>{count(number)}</b>
          </button>
        ))}
        <span class="rd-secondary">
          {planned !== null && `${count(Math.min(begun, planned))} of ${count(planned)} planned · `}
          {seconds > 0 && `${lasting(seconds)} spent`}
          {left.value > 0 && ` · ${count(all)} loaded, about ${counted(left.value, "more", "more")} to come`}
        </span>
      </div>
      {store.is_forgotten.value && (
        <p class="rd-secondary">All of them have ended: {family.value?.producer} does not say so of the run itself.</p>
      )}
      {family.value?.note && <p class="rd-secondary">{family.value.note}</p>}
    </div>
  );
}

const ORDER = ["Completed", "Running", "Pruned", "Failed", "Canceled"];
const order_of = (state: string) => ORDER.indexOf(state) + 1 || 9;
const words_of = (state: string) =>
  state.replace(/([a-z])([A-Z])/g, (_, one, other) => `${one} ${other.toLowerCase()}`);

/** The colour of a state. */
export function tone_of(state: string): "good" | "run" | "warn" | "bad" | "calm" {
  if (state === "Completed" || state === "Finished") return "good";
  if (state === "Running" || state === "Finalizing") return "run";
  if (state === "Failed") return "bad";
  if (state === "Pruned" || state === "Canceled" || state === "NotResponding") return "warn";
  return "calm";
}
