import { at } from "../arrays";
import { clock_time, count, number } from "../format";
import type { Points } from "../series";
import { More, usePages } from "./parts";
import type { Charted } from "./plot";

const PAGE = 100;

/** A chart as a table: the points held here, newest first. */
export function PointsTable({ series, height }: { series: readonly Charted[]; height: number }) {
  for (const { metric } of series) metric.changed.value;
  const { shown, more } = usePages(PAGE, series[0]?.metric);
  const rows = series.length > 1 ? rows_by_step(series) : rows_of(series[0]);
  const is_several = series.length > 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="rd-points" style={{ height: `${height}px` }} tabIndex={0} aria-label="Points">
      <table class="rd-table" aria-label={`Points of ${series.map(({ name }) => name.slice(0, 200)).join(", ")}`}>
        <thead>
          <tr>
            <th scope="col" class="rd-number">
              Step
            </th>
            {series.map(({ name, color }) => (
              <th scope="col" class="rd-number" key={name} title={name}>
                {is_several && <i class={`rd-swatch rd-color-${color}`} aria-hidden="true" />}
                {is_several ? <bdi>{name}</bdi> : "Value"}
              </th>
            ))}
            <th scope="col" class="rd-number">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map(({ key, step, time, values }) => (
            <tr key={key}>
              <td class="rd-number">{count(step)}</td>
              {values.map((value, index) => (
                <td class="rd-number" key={series[index]?.name}>
                  {value === undefined ? "" : number(value)}
                </td>
              ))}
              <td class="rd-number">{clock_time(time, true)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <More left={rows.length - shown} page={PAGE} more={more} what="points" />
    </section>
  );
}

interface Row {
  key: number;
  step: number;
  /** Of the first series that has the step. */
  time: number;
  /** One for each series; undefined where it has none. */
  values: (number | undefined)[];
}

/** Every point of one series, as it came. */
function rows_of(charted: Charted | undefined): Row[] {
  if (!charted) return [];
  const { points, ordinal } = charted.metric.series.kept;
  return Array.from(ordinal, (key, index) => ({
    key,
    ...row(points, index),
    values: [at(points.value, index)],
  })).reverse();
}

const row = ({ step, time }: Points, index: number) => ({ step: at(step, index), time: at(time, index) });

/** Several series side by side: of points at one step, the last. */
function rows_by_step(series: readonly Charted[]): Row[] {
  const found = new Map<number, Row>();
  series.forEach(({ metric }, nth) => {
    const { points } = metric.series.kept;
    for (let index = 0; index < points.step.length; index++) {
      const step = at(points.step, index);
      const known = found.get(step) ?? { key: step, ...row(points, index), values: series.map(() => undefined) };
      known.values[nth] = at(points.value, index);
      found.set(step, known);
    }
  });
  return [...found.values()].sort((one, other) => other.step - one.step);
}
