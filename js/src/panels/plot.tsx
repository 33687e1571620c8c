import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { at, extent } from "../arrays";
import { bqplot_chart, type Chart } from "../chart";
import { count } from "../format";
import { type Look, type Picture, picture, type Zoom } from "../picture";
import { plain_chart } from "../plain";
import { position, scale_of, value_at } from "../scale";
import type { Kept } from "../series";
import type { Metric } from "../store";
import { floats } from "../wire";
import { Overlay } from "./overlay";
import { useView } from "./parts";

interface Props {
  metric: Metric;
  is_log: boolean;
  height: number;
  /** What the reader should know about the chart is put here. */
  notices: Signal<readonly string[]>;
}

/** Closer points of the range that is zoomed to, as the kernel gave them. */
interface Closer {
  kept: Kept;
  count: number;
}

export function Plot({ metric, is_log, height, notices }: Props) {
  const view = useView();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const left = useRef(0);
  const is_mounted = useSignal(typeof IntersectionObserver === "undefined");
  const drawn = useSignal<Picture | null>(null);
  const zoom = useSignal<Zoom | null>(null);
  const closer = useSignal<Closer | null>(null);
  const note = useSignal("");
  const { axis, smoothing, store } = view;

  const look = (): Look => ({
    axis: axis.value,
    is_log,
    smoothing: smoothing.value,
    started: store.run.value?.started ?? null,
    zoom: zoom.value,
  });
  const compose = (): Picture => {
    const kept = (zoom.value && closer.value?.kept) || metric.series.kept;
    const width = frame.current?.clientWidth || 320;
    const made = picture(kept, look(), width, height, left.current);
    left.current = made.margin.left;
    return made;
  };
  /** Says on the card what is drawn: tests and benchmarks read it. */
  const publish = (made: Picture) => {
    drawn.value = made;
    const badge = closer.value && zoom.value ? in_view(closer.value) : "";
    notices.value = [note.value, badge, ...made.notices].filter(Boolean);
    const card = frame.current?.closest<HTMLElement>(".rd-chart");
    if (!card) return;
    card.dataset.points = String(metric.series.count);
    const highest = extent(made.raw.y);
    if (highest) card.dataset.max = String(highest[1]);
  };
  const draw = () => {
    if (!chart.current || !frame.current?.isConnected) return;
    const made = compose();
    chart.current.draw(made);
    publish(made);
  };
  const later = () => view.staggered.add(metric, draw);

  useEffect(
    () => (frame.current ? view.mounts.watch(frame.current, (now) => (is_mounted.value = now)) : undefined),
    [],
  );

  // The chart itself: made when it comes into sight, and again when the scale changes its kind.
  useEffect(() => {
    const element = canvas.current;
    if (!is_mounted.value || !element) return;
    let is_over = false;
    left.current = 0;
    if (zoom.peek()) zoom.value = { x: zoom.peek()?.x ?? { low: 0, high: 1, is_log: false }, y: y_of(zoom.peek()) };
    const first = compose();
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
      view.staggered.forget(metric);
      chart.current?.dispose();
      chart.current = null;
      element.replaceChildren();
      const card = frame.current?.closest<HTMLElement>(".rd-chart");
      if (card) delete card.dataset.points;
    };
  }, [is_mounted.value, is_log, metric]);

  // News of the series wait their turn; what the reader does is drawn at once.
  useEffect(() => metric.changed.subscribe(later), [metric, is_log, height]);
  useEffect(draw, [axis.value, smoothing.value, zoom.value, closer.value, height, store.run.value?.started]);
  useEffect(() => {
    if (!frame.current || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => later());
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [metric, is_log, height]);
  useEffect(() => {
    reset();
    left.current = 0;
  }, [axis.value]);

  const reset = () => {
    zoom.value = null;
    closer.value = null;
  };

  function y_of(wanted: Zoom | null) {
    const { points } = picture(metric.series.kept, { ...look(), zoom: null }, 320, height);
    if (!wanted) return null;
    const inside = points.y.filter((_, index) => {
      const place = position(wanted.x, at(points.x, index));
      return place >= 0 && place <= 1;
    });
    return scale_of(inside, is_log);
  }

  const zoom_to = (from: number, to: number) => {
    const before = drawn.value;
    if (!before) return;
    const [low, high] = [value_at(before.x, Math.min(from, to)), value_at(before.x, Math.max(from, to))];
    if (!(high > low)) return;
    const wanted: Zoom = { x: { low, high, is_log: false }, y: null };
    zoom.value = { ...wanted, y: y_of(wanted) };
    closer.value = null;
    if (!metric.series.is_thinned || !store.source.value?.can_zoom) return;
    const { x, kept } = before.points;
    const steps = kept.points.step.filter((_, index) => at(x, index) >= low && at(x, index) <= high);
    const span = before.unit === "step" ? ([low, high] as const) : extent(steps);
    if (!span) return;
    const asked = zoom.value;
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
        closer.value = { kept: { points, ordinal, width: behind > rows ? 4 : 1 }, count: behind };
      });
  };

  return (
    <div class="rd-plot" ref={frame} style={{ height: `${height}px` }}>
      <div class="rd-canvas" ref={canvas} aria-hidden="true" />
      <Overlay metric={metric} drawn={drawn} zoom={zoom} zoom_to={zoom_to} reset={reset} />
    </div>
  );
}

const in_view = ({ kept, count: behind }: Closer) =>
  kept.ordinal.length < behind
    ? `${count(kept.ordinal.length)} of ${count(behind)} points in view, extremes kept`
    : `all ${count(behind)} points in view`;
