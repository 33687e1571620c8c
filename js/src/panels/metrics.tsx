import { csv, download } from "../csv";
import { count, counted } from "../format";
import { rows } from "../points_csv";
import { by_prefix, type Group, search } from "../search";
import { no_metrics } from "../sentences";
import { FORMULA } from "../smoothing";
import { Grid, PINNED, Section } from "./grid";
import { Search, Segments, Ticking, useView } from "./parts";
import { useSiblings } from "./siblings";
import { Values } from "./values";

/** With more charts than this they are grouped by prefix, unless the reader says otherwise. */
const FLAT_AT_MOST = 12;
/** So many single values stand above the charts without being asked for. */
const OPEN_AT_MOST = 8;
const SINGLES = "//singles";

/** Groups of charts: pinned first, system metrics last. */
function groups_of(names: readonly string[], pinned: readonly string[], is_grouped: boolean): Group[] {
  const kept = pinned.filter((name) => names.includes(name));
  const rest = kept.length ? names.filter((name) => !kept.includes(name)) : names;
  const all = by_prefix(rest);
  const system = all.filter(({ prefix }) => prefix === "system");
  const others = all.filter(({ prefix }) => prefix !== "system");
  const flat: Group[] = rest.length ? [{ prefix: "", names: others.flatMap((group) => group.names) }] : [];
  const own = is_grouped
    ? others
    : flat
        .filter((group) => group.names.length)
        .map(({ prefix }) => ({
          prefix,
          names: rest.filter((name) => !name.startsWith("system/")),
        }));
  return [...(kept.length ? [{ prefix: PINNED, names: kept }] : []), ...own, ...system];
}

export function Metrics() {
  const view = useView();
  const { store } = view;
  store.shape.value;
  const names = store.names.value;
  const query = view.query.value;
  const compared = useSiblings(view);
  const found = search(names, query, (name) => name);
  // The curve that is compared with those of siblings stands first.
  const curves = found.filter((name) => store.is_curve(name));
  const charted = curves.includes(compared) ? [compared, ...curves.filter((name) => name !== compared)] : curves;
  const single = found.filter((name) => !store.is_curve(name));
  const is_grouped = view.is_grouped.value ?? charted.length > FLAT_AT_MOST;
  const are_singles_open = view.groups.value.get(SINGLES) ?? (single.length <= OPEN_AT_MOST || !charted.length);
  if (!names.length)
    return (
      <p class="rd-empty rd-no-metrics">
        <Ticking text={() => no_metrics(store.run.value, store.clock.now())} />
      </p>
    );
  return (
    <>
      <Tools names={found} is_grouped={is_grouped} />
      {!found.length && (
        <p class="rd-empty">
          No metric contains “<bdi>{query}</bdi>”.{" "}
          <button
            type="button"
            onClick={() => {
              view.query.value = "";
            }}
          >
            Show all {count(names.length)}
          </button>
        </p>
      )}
      {view.as_table.value && found.length > 0 && <Values names={found} are_single={false} />}
      {!view.as_table.value && single.length > 0 && (
        <Section
          title="Single values"
          size={single.length}
          is_open={are_singles_open}
          toggle={() => view.toggle_group(SINGLES, !are_singles_open)}
        >
          <Values names={single} are_single />
        </Section>
      )}
      {!view.as_table.value && <Grid groups={groups_of(charted, view.pinned.value, is_grouped)} />}
    </>
  );
}

function Tools({ names, is_grouped }: { names: readonly string[]; is_grouped: boolean }) {
  const view = useView();
  const { store } = view;
  const save = () => download(`${store.run.value?.id ?? "run"}-metrics.csv`, csv(rows(store, names)));
  return (
    <div class="rd-tools" role="toolbar" aria-label="Charts">
      <Search
        query={view.query.value}
        set={(query) => {
          view.query.value = query;
        }}
        what={counted(store.names.value.length, "metric")}
      />
      <Segments
        label="Horizontal axis"
        value={view.axis.value}
        choices={[
          ["step", "Step"],
          ["relative", "Relative"],
          ["wall", "Wall"],
        ]}
        choose={(axis) => {
          view.axis.value = axis;
        }}
      />
      <Segments
        label="Vertical axis"
        value={view.is_log.value ? "log" : "linear"}
        choices={[
          ["linear", "Linear"],
          ["log", "Log"],
        ]}
        choose={(kind) => {
          view.is_log.value = kind === "log";
        }}
      />
      <label class="rd-smoothing" title={FORMULA}>
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={view.smoothing.value}
          aria-valuetext={view.smoothing.value.toFixed(2)}
          onInput={(event) => {
            view.smoothing.value = Number(event.currentTarget.value);
          }}
        />
        <output>{view.smoothing.value.toFixed(2)}</output>
      </label>
      <span class="rd-tools-end">
        <button
          type="button"
          class="rd-quiet"
          aria-pressed={is_grouped}
          title="Group charts by what stands before the first slash"
          onClick={() => {
            view.is_grouped.value = !is_grouped;
          }}
        >
          Groups
        </button>
        <button
          type="button"
          class="rd-quiet"
          aria-pressed={view.as_table.value}
          title="Charts as a table (t)"
          onClick={() => {
            view.as_table.value = !view.as_table.value;
          }}
        >
          Table
        </button>
        <button
          type="button"
          class="rd-quiet rd-csv"
          title={`The points shown here, of ${count(names.length)} metrics`}
          onClick={save}
        >
          ⤓ CSV
        </button>
      </span>
    </div>
  );
}
