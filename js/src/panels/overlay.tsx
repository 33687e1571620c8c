import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { at } from "../arrays";
import { type Band, place_at } from "../children/siblings";
import type { Ink } from "../cursor";
import { clock_time, count, counted, duration, moment, number } from "../format";
import { at_cursor, type Curve, nearest, type Picture, type Zoom } from "../picture";
import { position, value_at } from "../scale";
import { useEach, useView } from "./parts";
import type { Charted } from "./plot";

/** Pixels that a pointer moves before a press becomes a zoom. */
const DRAG = 5;

interface OverlayProps {
  series: readonly Charted[];
  drawn: Signal<Picture | null>;
  zoom: Signal<Zoom | null>;
  zoom_to: (from: number, to: number) => void;
  reset: () => void;
}

/** What lies over the drawing: marks of values without a place, the readout, and the zoom. */
export function Overlay({ series: charted, drawn, zoom, zoom_to, reset }: OverlayProps) {
  const { cursor } = useView();
  const area = useRef<HTMLDivElement>(null);
  /** Whether the reader points into this chart, and at which point of its own series. */
  const is_pointing = useSignal(false);
  const index = useRef(-1);
  const dragged = useSignal<{ from: number; to: number } | null>(null);
  const pressed = useRef<{ x: number; place: number } | null>(null);
  const now = drawn.value;
  const margin = now?.margin ?? { top: 8, right: 14, bottom: 22, left: 30 };

  const place_of = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    if (!box?.width) return 0;
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const point = (x: number | null) => {
    const own = now?.curves[0];
    is_pointing.value = x !== null;
    index.current = x === null || !own ? -1 : nearest(own.points, x);
    cursor.point(x === null || !now ? null : { x, unit: now.unit });
  };
  const stop = () => {
    if (is_pointing.peek()) point(null);
  };
  // A card that goes while the reader points into it takes the line along.
  useEffect(() => () => is_pointing.peek() && cursor.point(null), []);
  const move = (event: PointerEvent) => {
    const place = place_of(event);
    if (now) point(snapped(now, value_at(now.x, place)));
    const start = pressed.current;
    if (start && (dragged.value || Math.abs(event.clientX - start.x) > DRAG))
      dragged.value = { from: start.place, to: place };
  };
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    pressed.current = { x: event.clientX, place: place_of(event) };
    area.current?.setPointerCapture(event.pointerId);
  };
  const release = () => {
    const span = dragged.value;
    pressed.current = null;
    dragged.value = null;
    if (span) zoom_to(span.from, span.to);
  };
  const key = (event: KeyboardEvent) => {
    if (!now) return;
    const x = now.curves[0]?.points.x;
    if (!x?.length) return;
    const here = index.current;
    const go = (wanted: number) => {
      const to = Math.min(x.length - 1, Math.max(0, wanted));
      point(at(x, to));
      index.current = to;
      event.preventDefault();
    };
    if (event.key === "ArrowRight") go(here + 1);
    else if (event.key === "ArrowLeft") go(here < 0 ? x.length - 1 : here - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(x.length - 1);
    else if (event.key === "Escape" && (zoom.value || is_pointing.value)) {
      stop();
      reset();
      event.stopPropagation();
    }
  };

  const label = charted.map(said).join("; ");
  const span = dragged.value;
  const is_several = (now?.curves.length ?? 0) > 1;
  return (
    <div class="rd-overlay" style={{ inset: `${margin.top}px ${margin.right}px ${margin.bottom}px ${margin.left}px` }}>
      <div
        class="rd-area"
        ref={area}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the readout from point to point.
        tabIndex={0}
        aria-label={label}
        onPointerMove={move}
        onPointerDown={press}
        onPointerUp={release}
        onPointerCancel={release}
        onPointerLeave={() => {
          if (!pressed.current) stop();
        }}
        onBlur={stop}
        onDblClick={reset}
        onKeyDown={key}
      />
      {now?.curves.map(({ name, color, dots, smoothed }) =>
        dots.map(([across, up], dot) => (
          <i
            key={`${dot} ${name}`}
            class={`rd-dot rd-color-${color}${smoothed ? " rd-ghost-dot" : ""}`}
            style={{ left: `${across * 100}%`, bottom: `${up * 100}%` }}
          />
        )),
      )}
      {now?.marks.map((mark, index) => (
        <i
          key={index}
          class={`rd-mark ${mark.kind === "∞" ? "rd-mark-up" : "rd-mark-down"}${is_several ? ` rd-color-${mark.color}` : ""}`}
          style={{ left: `${mark.place * 100}%` }}
          title={`${mark.kind} at step ${count(mark.step)}`}
        >
          {mark.kind === "∞" ? "▲" : mark.kind === "NaN" ? "×" : "▼"}
        </i>
      ))}
      {span && (
        <div
          class="rd-drag"
          style={{
            left: `${Math.min(span.from, span.to) * 100}%`,
            width: `${Math.abs(span.to - span.from) * 100}%`,
          }}
        />
      )}
      <Crosshair drawn={drawn} />
      {now && is_pointing.value && !span && <Readout now={now} />}
      {zoom.value && (
        <button type="button" class="rd-reset" onClick={reset}>
          Reset zoom
        </button>
      )}
    </div>
  );
}

const said = ({ metric: { series } }: Charted) => {
  const { last, min, max } = series.stats;
  return `${series.name.slice(0, 200)}: ${count(series.count)} points, last ${number(last)}, lowest ${number(min)}, highest ${number(max)}`;
};

/** The x of the point nearest to this one, of any series of the chart. */
function snapped({ curves }: Picture, x: number): number | null {
  let best: number | null = null;
  for (const { points } of curves) {
    const index = nearest(points, x);
    const found = index < 0 ? null : at(points.x, index);
    if (found !== null && (best === null || Math.abs(found - x) < Math.abs(best - x))) best = found;
  }
  return best;
}

/** Where a point of a curve is drawn, 0 to 1 up: on the smoothed line, if there is one. */
function up_of(now: Picture, { points: { y, smoothed } }: Curve, index: number): number {
  const shown = smoothed ? at(smoothed, index) : Number.NaN;
  return position(now.y, Number.isFinite(shown) ? shown : at(y, index));
}

/**
 * The line that all charts of the view share, and a dot on each curve. On a canvas: moving elements would have their
 * style computed anew, in a notebook against thousands of rules, thirty times a frame.
 */
function Crosshair({ drawn }: { drawn: Signal<Picture | null> }) {
  const { cursor } = useView();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEach([cursor.at, drawn], () => {
    const element = canvas.current;
    const now = drawn.peek();
    const place = cursor.at.peek();
    if (!element || !now) return;
    const across = place?.unit === now.unit ? position(now.x, place.x) : Number.NaN;
    const found = place ? now.curves.map((curve) => at_cursor(now, curve, place.x)) : [];
    const is_shown = across >= 0 && across <= 1 && found.some((index) => index >= 0);
    const was_hidden = Boolean(element.hidden);
    if (is_shown === was_hidden) element.hidden = !is_shown;
    if (!is_shown) return;
    cursor.ink ??= ink_of(element);
    draw_crosshair(element, now, across, found, cursor.ink);
  });
  return <canvas class="rd-cross" ref={canvas} hidden />;
}

/** Pixels around the plot, for dots at its edge. */
const RIM = 5;

/** The theme's colours, as the canvas has them. */
function ink_of(canvas: HTMLCanvasElement): Ink {
  const style = getComputedStyle(canvas);
  const read = (name: string) => style.getPropertyValue(name).trim();
  const series = [1, 2, 3, 4, 5, 6].map((color) => read(`--rd-s${color}`));
  return { line: style.color, paper: read("--rd-bg"), series };
}

function draw_crosshair(
  canvas: HTMLCanvasElement,
  now: Picture,
  across: number,
  found: readonly number[],
  ink: Ink,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = now.plot;
  const fine = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round((width + 2 * RIM) * fine), Math.round((height + 2 * RIM) * fine)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  context.setTransform(fine, 0, 0, fine, RIM * fine, RIM * fine);
  context.clearRect(-RIM, -RIM, width + 2 * RIM, height + 2 * RIM);
  context.fillStyle = ink.line;
  context.fillRect(Math.round(across * width * fine) / fine, 0, 1, height);
  for (const [nth, curve] of now.curves.entries()) {
    const index = found[nth] ?? -1;
    const up = index >= 0 ? up_of(now, curve, index) : Number.NaN;
    if (!(up >= 0 && up <= 1)) continue;
    context.beginPath();
    context.arc(position(now.x, at(curve.points.x, index)) * width, (1 - up) * height, 3, 0, 2 * Math.PI);
    context.fillStyle = ink.series[curve.color - 1] ?? "";
    context.strokeStyle = ink.paper;
    context.lineWidth = 1.5;
    context.stroke();
    context.fill();
  }
}

/** Where the siblings are at a step. */
function among(band: Band, x: number): string[] {
  const place = place_at(band, x);
  const [, low, middle, high] = band.quantiles;
  const median = place < 0 ? Number.NaN : at(middle, place);
  if (!Number.isFinite(median)) return [];
  const siblings = counted(at(band.count, place), "sibling");
  return [`${siblings}: median ${number(median)}`, `half ${number(at(low, place))} to ${number(at(high, place))}`];
}

/** What stands at the point that the reader points at; the values of several series stand in the legend. */
function Readout({ now }: { now: Picture }) {
  const place = useView().cursor.at.value;
  if (place?.unit !== now.unit) return null;
  const across = position(now.x, place.x);
  if (!(across >= 0 && across <= 1)) return null;
  // Step and time are said of a series that has a point right here.
  const found = now.curves.map((curve) => ({ curve, index: at_cursor(now, curve, place.x) }));
  const here = found.find(({ curve, index }) => index >= 0 && at(curve.points.x, index) === place.x);
  if (!here) return null;
  const { kept } = here.curve.points;
  const time = at(kept.points.time, here.index);
  const when =
    now.unit === "relative"
      ? duration(place.x)
      : now.unit === "wall"
        ? moment(time, Date.now() / 1_000, true)
        : clock_time(time, true);
  const { y, smoothed } = here.curve.points;
  const value = at(y, here.index);
  const shown = smoothed ? at(smoothed, here.index) : Number.NaN;
  return (
    <div class={`rd-readout ${across > 0.5 ? "rd-to-left" : "rd-to-right"}`} style={{ left: `${across * 100}%` }}>
      {now.curves.length === 1 && <b>{number(value, [at(y, Math.max(0, here.index - 1))])}</b>}
      {now.curves.length === 1 && Number.isFinite(shown) && <span>smoothed {number(shown)}</span>}
      <span>step {count(at(kept.points.step, here.index))}</span>
      <span>{when}</span>
      {now.behind && among(now.behind.band, place.x).map((words) => <span key={words}>{words}</span>)}
    </div>
  );
}
