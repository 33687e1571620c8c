import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { differing } from "../children/differences";
import { quoted } from "../children/filter";
import type { Cell } from "../children/store";
import type { ImportanceFacts } from "../contract";
import { GONE } from "../files";
import { count, counted, number } from "../format";
import { Heads, useView } from "./parts";

const METHOD =
  "A random forest (Breiman 2001) learns the ranks of the scores from the parameters; its decrease in impurity is " +
  "shared out, times what it explains of runs that it has not seen (after Hutter et al. 2014).";

type State =
  | { kind: "asking" }
  | { kind: "known"; listed: readonly ImportanceFacts[]; count: number }
  | { kind: "failed"; words: string };

/** Which parameters mattered: computed by the kernel, in the background. */
export function Importance() {
  const view = useView();
  const { store, children: desk } = view;
  const state = useSignal<State>({ kind: "asking" });
  const metric = desk.metric.value;
  // Again whenever a tenth more of them are there.
  const size = Math.floor(Math.log(Math.max(1, store.children.total.value)) / Math.log(1.1));
  useEffect(() => {
    let is_over = false;
    void view.wishes.wish(view.id, "importance", { metric }).then((answer) => {
      if (is_over) return;
      if (!answer) state.value = { kind: "failed", words: GONE };
      else if (answer.message.error) state.value = { kind: "failed", words: answer.message.error };
      else state.value = { kind: "known", listed: answer.message.importance ?? [], count: answer.message.count ?? 0 };
    });
    return () => {
      is_over = true;
    };
  }, [metric, size]);
  const now = state.value;
  if (now.kind === "asking") return <p class="rd-empty">Finding out which parameters mattered…</p>;
  if (now.kind === "failed") return <p class="rd-empty">{now.words}</p>;
  const most = Math.max(...now.listed.map(({ importance }) => importance), 1e-9);
  const sum = now.listed.reduce((all, { importance }) => all + importance, 0);
  return (
    <div class="rd-importance">
      <p class="rd-secondary" title={METHOD}>
        {Math.round(100 * sum)} % of what sets the {counted(now.count, "run")} apart in {metric} follows from their
        parameters (random forest; no proof of a cause).
      </p>
      <table class="rd-table rd-labels" aria-label="Importance of parameters">
        <tbody>
          {now.listed.slice(0, 20).map(({ name, importance, how }) => (
            <tr key={name} title={METHOD}>
              <th scope="row">
                <bdi>{name}</bdi>
              </th>
              <td class="rd-bar" style={{ "--rd-share": `${(100 * importance) / most}%` }} />
              <td class="rd-number rd-strong">{Math.round(100 * importance)} %</td>
              <td class="rd-secondary">{how}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Runs by the value of one parameter: mean and spread of their scores. */
export function Groups() {
  const { store, children: desk } = useView();
  const kids = store.children;
  kids.changed.value;
  const ordered = desk.ordered.value;
  const metric = desk.metric.value;
  const own = useSignal("");
  const found = useMemo(() => {
    const varied = [...differing(kids, ordered)].map((name) => [name, scores_by(name)] as const);
    return new Map(varied.filter(([, groups]) => groups.size <= 60));
  }, [ordered, metric]);
  const names = [...found.keys()];
  // A group of one tells nothing: first a parameter whose values come again.
  const first = names.find((name) => 2 * (found.get(name)?.size ?? 0) <= ordered.length) ?? names[0] ?? "";
  const chosen = found.has(own.value) ? own.value : first;

  function scores_by(name: string): Map<Cell, number[]> {
    const groups = new Map<Cell, number[]>();
    ordered.forEach((child, place) => {
      const cell = kids.cell(child, "parameter", name);
      const score = desk.scores.value[place];
      const group = groups.get(cell) ?? [];
      groups.set(cell, group);
      if (score !== undefined && Number.isFinite(score)) group.push(score);
    });
    return groups;
  }

  if (!chosen) return <p class="rd-empty">No parameter with few enough values differs between the runs.</p>;
  const cells = [...(found.get(chosen) ?? [])];
  const numbers = cells.map(([cell]) => (typeof cell === "number" ? cell : null));
  const groups = cells.map(([cell, scores]) => {
    const mean = scores.reduce((sum, one) => sum + one, 0) / scores.length;
    const spread = Math.sqrt(scores.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (scores.length - 1));
    const best = desk.goal.value === "min" ? Math.min(...scores) : Math.max(...scores);
    const label = cell === undefined ? "–" : typeof cell === "number" ? number(cell, numbers) : cell;
    return { cell, label, count: scores.length, mean, spread, best };
  });
  const order = (mean: number) =>
    Number.isNaN(mean) ? Number.POSITIVE_INFINITY : desk.goal.value === "min" ? mean : -mean;
  groups.sort((one, other) => order(one.mean) - order(other.mean));
  const known = groups.filter(({ count: size }) => size);
  const low = Math.min(...known.map(({ mean, spread }) => mean - (spread || 0)));
  const high = Math.max(...known.map(({ mean, spread }) => mean + (spread || 0)));
  const place = (value: number) => (high > low ? (100 * (value - low)) / (high - low) : 50);
  return (
    <div class="rd-importance">
      <label class="rd-secondary">
        Group by{" "}
        <select
          class="rd-select"
          value={chosen}
          onChange={(event) => {
            own.value = event.currentTarget.value;
          }}
        >
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <table class="rd-table rd-labels" aria-label={`${metric} by ${chosen}`}>
        <Heads words={[chosen, "mean ± standard deviation"]} numbers={["Mean", "±", "Best", "Runs"]} />
        <tbody>
          {groups.map((group) => (
            <tr key={String(group.cell)}>
              <th scope="row">
                <button
                  type="button"
                  class="rd-quiet"
                  title="Show only these"
                  onClick={() => {
                    desk.query.value = `${quoted(chosen)} = ${group.cell === undefined ? "none" : quoted(String(group.cell))}`;
                  }}
                >
                  <bdi>{group.label}</bdi>
                </button>
              </th>
              <td class="rd-whisker">
                {group.count > 0 && (
                  <>
                    <i
                      style={{
                        left: `${place(group.mean - (group.spread || 0))}%`,
                        right: `${100 - place(group.mean + (group.spread || 0))}%`,
                      }}
                    />
                    <b style={{ left: `${place(group.mean)}%` }} />
                  </>
                )}
              </td>
              <td class="rd-number rd-strong">{group.count ? number(group.mean) : "–"}</td>
              <td class="rd-number">{group.count > 1 ? number(group.spread) : "–"}</td>
              <td class="rd-number">{group.count ? number(group.best) : "–"}</td>
              <td class="rd-number">{count(group.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
