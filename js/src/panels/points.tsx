import { at } from "../arrays";
import { clock_time, count, number } from "../format";
import type { Metric } from "../store";
import { More, usePages } from "./parts";

const PAGE = 100;

/** A chart as a table: the points held here, newest first. */
export function PointsTable({ metric, height }: { metric: Metric; height: number }) {
  metric.changed.value;
  const { points, ordinal } = metric.series.kept;
  const { shown, more } = usePages(PAGE, metric);
  const rows = Array.from({ length: Math.min(shown, ordinal.length) }, (_, index) => ordinal.length - 1 - index);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="rd-points" style={{ height: `${height}px` }} tabIndex={0} aria-label="Points">
      <table class="rd-table" aria-label={`Points of ${metric.series.name.slice(0, 200)}`}>
        <thead>
          <tr>
            <th scope="col" class="rd-number">
              Step
            </th>
            <th scope="col" class="rd-number">
              Value
            </th>
            <th scope="col" class="rd-number">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => (
            <tr key={at(ordinal, index)}>
              <td class="rd-number">{count(at(points.step, index))}</td>
              <td class="rd-number">{number(at(points.value, index))}</td>
              <td class="rd-number">{clock_time(at(points.time, index), true)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <More left={ordinal.length - shown} page={PAGE} more={more} what="points" />
    </section>
  );
}
