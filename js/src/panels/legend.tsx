import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { at } from "../arrays";
import { number } from "../format";
import type { Picture } from "../picture";
import { at_cursor } from "../picture";
import type { Metric } from "../store";
import { useEach, useView } from "./parts";

interface ValueProps {
  metric: Metric;
  drawn: Signal<Picture | null>;
  /** Which of the chart's series. */
  index: number;
}

/** The last value; while the reader points into any chart, the value there. Written without drawing anything again. */
export function Value({ metric, drawn, index }: ValueProps) {
  const { cursor } = useView();
  const span = useRef<HTMLSpanElement>(null);
  const was_there = useRef(false);
  useEach([metric.changed, cursor.at, drawn], () => {
    const element = span.current;
    if (!element?.firstChild) return;
    const { last, min, max } = metric.series.stats;
    const place = cursor.at.peek();
    const picture = drawn.peek();
    const curve = picture?.curves[index];
    const is_there = place !== null && curve !== undefined && picture?.unit === place.unit;
    const point = is_there ? at_cursor(picture, curve, place.x) : -1;
    const words = !is_there
      ? number(last, [min, max])
      : point < 0
        ? "–"
        : number(at(curve.points.y, point), [min, max]);
    // Into the text node that is there: a new one would have the page's styles looked through.
    const text = element.firstChild as Text;
    if (text.data !== words) text.data = words;
    if (was_there.current !== is_there) element.classList.toggle("rd-at-cursor", is_there);
    was_there.current = is_there;
  });
  return (
    <span class="rd-last" ref={span}>
      {" "}
    </span>
  );
}

interface LegendProps {
  series: readonly { name: string; color: number; metric: Metric }[];
  drawn: Signal<Picture | null>;
  remove: (name: string) => void;
}

/** Which line is which, its value, and how it goes away. */
export function Legend({ series, drawn, remove }: LegendProps) {
  return (
    <ul class="rd-legend" aria-label="Series of this chart">
      {series.map(({ name, color, metric }, index) => (
        <li key={name} title={name}>
          <i class={`rd-swatch rd-color-${color}`} aria-hidden="true" />
          <bdi>{name}</bdi>
          <Value metric={metric} drawn={drawn} index={index} />
          {index > 0 && (
            <button
              type="button"
              class="rd-quiet"
              aria-label={`Take out ${name.slice(0, 200)}`}
              title="Take out of this chart"
              onClick={() => remove(name)}
            >
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
