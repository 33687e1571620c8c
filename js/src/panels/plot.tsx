import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { at, extent, joined_all } from "../arrays";
import type { AxisUnit } from "../axis";
import { bqplot_chart, type Chart } from "../chart";
import type { Band } from "../children/siblings";
import { count } from "../format";
import { type Curve, type Look, type Picture, picture, type Zoom } from "../picture";
import { plain_chart } from "../plain";
import { position, scale_of, value_at } from "../scale";
import type { Kept } from "../series";
import type { Metric } from "../store";
import { floats } from "../wire";
import { Overlay } from "./overlay";
import { useView } from "./parts";

/** A metric of the chart, in its colour. */
export interface Charted {
  name: string;
  color: number;
  metric: Metric;
}

/** Composes what is shown anew, for so many pixels. */
export type Compose = (width: number, height: number) => Picture;

interface Props {
  /** The metric that the chart is of, then those laid over it. */
  series: readonly Charted[];
  is_log: boolean;
  height: number;
  /** Where the curves of the run's siblings lie; by default not known, or none. */
  band?: Band | null;
  /** What the reader should know about the chart is put here. */
  notices: Signal<readonly string[]>;
  /** What is on the screen is put here. */
  drawn: Signal<Picture | null>;
  compose: { current: Compose | null };
}

/** Closer points of the range that is zoomed to, as the kernel gave them. */
interface Closer {
  kept: Kept;
  count: number;
}

export function Plot({ series, is_log, height, band = null, notices, drawn, compose }: Props) {
  const view = useView();
  const base = series[0]?.metric;
  /** The same as long as the same metrics are drawn in the same colours. */
  const names = series.map(({ name, color }) => `${color} ${name}`).join("\n");
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const left = useRef(0);
  const is_mounted = useSignal(typeof IntersectionObserver === "undefined");
  const turn = useRef({}).current;
  const zoom = useSignal<Zoom | null>(null);
  const closer = useSignal<ReadonlyMap<string, Closer>>(NONE);
  const note = useSignal("");
  const { axis, smoothing, store } = view;

  const look = (): Look => ({
    axis: axis.value,
    is_log,
    smoothing: smoothing.value,
    started: store.run.value?.started ?? null,
    zoom: zoom.value,
  });
  const parts = () =>
    series.map(({ name, color, metric }) => {
      const kept = (zoom.value && closer.value.get(name)?.kept) || metric.series.kept;
      return { name, color, kept };
    });
  const composed = (): Picture => {
    const width = frame.current?.clientWidth || 320;
    const made = picture(parts(), look(), width, height, left.current, band);
    left.current = made.margin.left;
    return made;
  };
  compose.current = (width, high) => picture(parts(), look(), width, high, 0, band);
  /** Says on the card what is drawn: tests and benchmarks read it. */
  const publish = (made: Picture) => {
    drawn.value = made;
    const badge = closer.value.size && zoom.value ? in_view([...closer.value.values()]) : "";
    notices.value = [note.value, badge, ...made.notices].filter(Boolean);
    const card = frame.current?.closest<HTMLElement>(".rd-chart");
    if (!card || !base) return;
    card.dataset.points = String(base.series.count);
    const highest = extent(made.curves[0]?.raw.y ?? new Float64Array(0));
    if (highest) card.dataset.max = String(highest[1]);
  };
  const draw = () => {
    if (!chart.current || !frame.current?.isConnected) return;
    const made = composed();
    chart.current.draw(made);
    publish(made);
  };
  const later = () => view.staggered.add(turn, draw);

  useEffect(
    () => (frame.current ? view.mounts.watch(frame.current, (now) => (is_mounted.value = now)) : undefined),
    [],
  );

  const has_band = band !== null;
  // The chart itself: made when it comes into sight, and again when the scale changes its kind.
  useEffect(() => {
    const element = canvas.current;
    if (!is_mounted.value || !element) return;
    let is_over = false;
    left.current = 0;
    if (zoom.peek()) zoom.value = { x: zoom.peek()?.x ?? { low: 0, high: 1, is_log: false }, y: y_of(zoom.peek()) };
    const first = composed();
    const { manager } = view;
    const attempt = manager ? bqplot_chart(manager, element, first) : Promise.reject(new Error("no widget manager"));
    void attempt
      .catch(() => {
        note.value = "Drawn plainly: bqplot could not be loaded in this page.";
        return plain_chart(element);
      })
      .then((made) => {
        if (is_over) return made.dispose();
        chart.current = made;
        draw();
      });
    return () => {
      is_over = true;
      view.staggered.forget(turn);
      chart.current?.dispose();
      chart.current = null;
      element.replaceChildren();
      const card = frame.current?.closest<HTMLElement>(".rd-chart");
      if (card) delete card.dataset.points;
    };
  }, [is_mounted.value, is_log, base, names, has_band]);

  // News of the series wait their turn; what the reader does is drawn at once.
  useEffect(() => {
    const stops = series.map(({ metric }) => metric.changed.subscribe(later));
    return () => {
      for (const stop of stops) stop();
    };
  }, [base, names, is_log, height]);
  useEffect(draw, [axis.value, smoothing.value, zoom.value, closer.value, height, store.run.value?.started, band]);
  useEffect(() => {
    if (!frame.current || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => later());
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [base, names, is_log, height]);
  useEffect(() => {
    reset();
    left.current = 0;
  }, [axis.value]);
  useEffect(
    () => () => {
      compose.current = null;
    },
    [],
  );

  const reset = () => {
    zoom.value = null;
    closer.value = NONE;
  };

  function y_of(wanted: Zoom | null) {
    if (!wanted) return null;
    const whole = series.map(({ name, color, metric }) => ({ name, color, kept: metric.series.kept }));
    const { curves } = picture(whole, { ...look(), zoom: null }, 320, height);
    const inside = curves.map(({ points }) =>
      points.y.filter((_, index) => {
        const place = position(wanted.x, at(points.x, index));
        return place >= 0 && place <= 1;
      }),
    );
    return scale_of(joined_all(inside), is_log);
  }

  const zoom_to = (from: number, to: number) => {
    const before = drawn.value;
    if (!before) return;
    const [low, high] = [value_at(before.x, Math.min(from, to)), value_at(before.x, Math.max(from, to))];
    if (!(high > low)) return;
    const wanted: Zoom = { x: { low, high, is_log: false }, y: null };
    zoom.value = { ...wanted, y: y_of(wanted) };
    closer.value = NONE;
    const asked = zoom.value;
    if (store.source.value?.can_zoom)
      series.forEach((one, index) => {
        const curve = before.curves[index];
        if (curve && one.metric.series.is_thinned) ask_closer(one, curve, before.unit, low, high, asked);
      });
  };

  /** Asks the kernel for closer points of a part of one series. */
  const ask_closer = (
    { name, metric }: Charted,
    { points: { x, kept } }: Curve,
    unit: AxisUnit,
    low: number,
    high: number,
    asked: Zoom,
  ) => {
    const steps = kept.points.step.filter((_, index) => at(x, index) >= low && at(x, index) <= high);
    const span = unit === "step" ? ([low, high] as const) : extent(steps);
    if (!span) return;
    void view.wishes
      .wish(view.id, "range", { series: metric.series.id, first_step: span[0], last_step: span[1] })
      .then((answer) => {
        if (!answer || answer.message.error || zoom.value !== asked) return;
        const numbers = floats(answer.buffers[0]);
        const rows = Math.floor(numbers.length / 3);
        if (!rows) return;
        const column = (index: number) => numbers.slice(index * rows, (index + 1) * rows);
        const points = { step: column(0), time: column(1), value: column(2) };
        const ordinal = Float64Array.from(points.step, (_, index) => index);
        const behind = answer.message.count ?? rows;
        // Of how many points each is one is not said: four make a bucket to smooth over.
        const kept = { points, ordinal, width: behind > rows ? 4 : 1 };
        closer.value = new Map(closer.value).set(name, { kept, count: behind });
      });
  };

  return (
    <div class="rd-plot" ref={frame} style={{ height: `${height}px` }}>
      <div class="rd-canvas" ref={canvas} aria-hidden="true" />
      <Overlay series={series} drawn={drawn} zoom={zoom} zoom_to={zoom_to} reset={reset} />
    </div>
  );
}

function in_view(closer: readonly Closer[]): string {
  const kept = closer.reduce((sum, one) => sum + one.kept.ordinal.length, 0);
  const behind = closer.reduce((sum, one) => sum + one.count, 0);
  return kept < behind
    ? `${count(kept)} of ${count(behind)} points in view, extremes kept`
    : `all ${count(behind)} points in view`;
}

const NONE: ReadonlyMap<string, Closer> = new Map();
