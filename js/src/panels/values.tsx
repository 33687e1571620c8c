import type { Goal } from "../contract";
import { count, number } from "../format";
import { More, usePages, useView } from "./parts";
import { Sparkline } from "./tiles";

const PAGE = 100;
const NEXT: Record<string, Goal | null> = { none: "max", max: "min", min: null };

function Row({ name, are_single }: { name: string; are_single: boolean }) {
  const view = useView();
  const metric = view.store.metric(name);
  if (!metric) return null;
  metric.changed.value;
  const { stats, goal: guessed, count: points } = metric.series;
  const chosen = view.goal(name);
  const goal = chosen.value === undefined ? guessed : chosen.value;
  const best = goal === null ? null : goal === "min" ? stats.min : stats.max;
  const shown = <td class="rd-number rd-strong">{number(stats.last, [stats.min, stats.max])}</td>;
  const label = (
    <th scope="row" title={name}>
      <bdi>{name}</bdi>
    </th>
  );
  // Its last value is its smallest, largest and best as well.
  if (are_single)
    return (
      <tr data-metric={name}>
        {label}
        {shown}
      </tr>
    );
  const sign = goal === "min" ? "▼" : goal === "max" ? "▲" : "–";
  const words = goal === "min" ? "lower is better" : goal === "max" ? "higher is better" : "no direction";
  const others = [stats.last, stats.min, stats.max];
  return (
    <tr data-metric={name}>
      {label}
      {shown}
      <td class="rd-number">{number(stats.min, others)}</td>
      <td class="rd-number">{number(stats.max, others)}</td>
      <td
        class="rd-number"
        title={
          best === null ? words : `${words}; at step ${count((goal === "min" ? stats.min_step : stats.max_step) ?? 0)}`
        }
      >
        {best === null ? "" : number(best, others)}{" "}
        <button
          type="button"
          class="rd-quiet rd-goal"
          aria-label={`Direction: ${words}. Change`}
          title={`${words}: change`}
          onClick={() => {
            chosen.value = NEXT[goal ?? "none"] ?? null;
          }}
        >
          {sign}
        </button>
      </td>
      <td class="rd-number">{count(points)}</td>
      <td class="rd-spark">
        <Sparkline metric={metric} height={18} />
      </td>
    </tr>
  );
}

/** Metrics as numbers: single values, or all of them when the reader prefers a table. */
export function Values({ names, are_single }: { names: readonly string[]; are_single: boolean }) {
  const view = useView();
  const { shown, more } = usePages(PAGE, view.query.value);
  return (
    <div class="rd-values">
      <div class="rd-scroll">
        <table
          class={`rd-table${are_single ? " rd-singles" : ""}`}
          aria-label={are_single ? "Single values" : "All metrics"}
        >
          <thead>
            <tr>
              <th scope="col">Metric</th>
              {(are_single ? ["Value"] : ["Last", "Min", "Max", "Best", "Points"]).map((words) => (
                <th scope="col" class="rd-number" key={words}>
                  {words}
                </th>
              ))}
              {!are_single && <th scope="col">Curve</th>}
            </tr>
          </thead>
          <tbody>
            {names.slice(0, shown).map((name) => (
              <Row key={name} name={name} are_single={are_single} />
            ))}
          </tbody>
        </table>
      </div>
      <More left={names.length - shown} page={PAGE} more={more} what="metrics" />
    </div>
  );
}
