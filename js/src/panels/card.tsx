import { useComputed, useSignal } from "@preact/signals";
import { count, number } from "../format";
import type { Metric } from "../store";
import { useView } from "./parts";
import { Plot } from "./plot";
import { PointsTable } from "./points";

const LOW = 150;
const TALL = 340;

/** One metric: its name, its last value, its chart. */
export function Card({ name }: { name: string }) {
  const view = useView();
  const metric = view.store.metric(name);
  const own_log = useSignal<boolean | null>(null);
  const is_table = useSignal(false);
  const notices = useSignal<readonly string[]>([]);
  // Compared with every card that there is: only the two that change are drawn again.
  const is_expanded = useComputed(() => view.expanded.value === name);
  const is_pinned = useComputed(() => view.pinned.value.includes(name));
  if (!metric) return null;
  const is_log = own_log.value ?? view.is_log.value;
  const height = is_expanded.value ? TALL : LOW;
  const expand = () => {
    view.expanded.value = is_expanded.value ? null : name;
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLButtonElement && event.key === "Enter") return;
    const acts: Record<string, () => void> = {
      Enter: expand,
      l: () => {
        own_log.value = !is_log;
      },
      t: () => {
        is_table.value = !is_table.value;
      },
    };
    const act = acts[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <article
      class={`rd-chart${is_expanded.value ? " rd-expanded" : ""}`}
      data-metric={name}
      aria-label={name.slice(0, 200)}
      onKeyDown={key}
    >
      <div class="rd-card-head">
        <h4 class="rd-title" title={name}>
          <bdi>{name}</bdi>
        </h4>
        <LastValue metric={metric} />
        <span class="rd-card-tools">
          <Tool words="Pin" title="Keep on top" is_on={is_pinned.value} act={() => view.toggle_pin(name)} />
          <Tool
            words="Log"
            title="Log axis (l)"
            is_on={is_log}
            act={() => {
              own_log.value = !is_log;
            }}
          />
          <Tool
            words="Table"
            title="Chart as table (t)"
            is_on={is_table.value}
            act={() => {
              is_table.value = !is_table.value;
            }}
          />
          <Tool
            words={is_expanded.value ? "Shrink" : "Expand"}
            title="Full width (Enter)"
            is_on={is_expanded.value}
            act={expand}
          />
        </span>
      </div>
      {is_table.value ? (
        <PointsTable metric={metric} height={height} />
      ) : (
        <Plot metric={metric} is_log={is_log} height={height} notices={notices} />
      )}
      <Notes metric={metric} notices={notices.value} />
    </article>
  );
}

function Tool({ words, title, is_on, act }: { words: string; title: string; is_on: boolean; act: () => void }) {
  return (
    <button type="button" class="rd-quiet" title={title} aria-pressed={is_on} onClick={act}>
      {words}
    </button>
  );
}

function LastValue({ metric }: { metric: Metric }) {
  metric.changed.value;
  const { last, min, max } = metric.series.stats;
  return <span class="rd-last">{number(last, [min, max])}</span>;
}

/** One line of fixed height, so that nothing moves when there is something to say. */
function Notes({ metric, notices }: { metric: Metric; notices: readonly string[] }) {
  metric.changed.value;
  const { series } = metric;
  const badge = `${count(series.kept.ordinal.length)} of ${count(series.count)} points, extremes kept`;
  const is_zoomed = notices.some((notice) => notice.includes("in view"));
  const lines = [...notices, ...(series.is_thinned && !is_zoomed ? [badge] : [])];
  return (
    <p class="rd-notes" title={lines.join("\n")}>
      {lines.join(" · ")}
    </p>
  );
}
