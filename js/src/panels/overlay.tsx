import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { at } from "../arrays";
import { clock_time, count, duration, moment, number } from "../format";
import { nearest, type Picture, type Zoom } from "../picture";
import { position } from "../scale";
import type { Metric } from "../store";

/** Pixels that a pointer moves before a press becomes a zoom. */
const DRAG = 5;

interface OverlayProps {
  metric: Metric;
  drawn: Signal<Picture | null>;
  zoom: Signal<Zoom | null>;
  zoom_to: (from: number, to: number) => void;
  reset: () => void;
}

/** What lies over the drawing: marks of values without a place, the readout, and the zoom. */
export function Overlay({ metric, drawn, zoom, zoom_to, reset }: OverlayProps) {
  const area = useRef<HTMLDivElement>(null);
  /** Where the reader points, 0 to 1 along x. */
  const pointed = useSignal<number | null>(null);
  const dragged = useSignal<{ from: number; to: number } | null>(null);
  const pressed = useRef<{ x: number; place: number } | null>(null);
  const now = drawn.value;
  const margin = now?.margin ?? { top: 8, right: 14, bottom: 22, left: 30 };

  const place_of = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    if (!box?.width) return 0;
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const move = (event: PointerEvent) => {
    const place = place_of(event);
    pointed.value = place;
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
    const { x } = now.points;
    const here = pointed.value === null ? -1 : nearest(now, pointed.value);
    const go = (index: number) => {
      const to = Math.min(x.length - 1, Math.max(0, index));
      pointed.value = position(now.x, at(x, to));
      event.preventDefault();
    };
    if (event.key === "ArrowRight") go(here + 1);
    else if (event.key === "ArrowLeft") go(here < 0 ? x.length - 1 : here - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(x.length - 1);
    else if (event.key === "Escape" && (zoom.value || pointed.value !== null)) {
      pointed.value = null;
      reset();
      event.stopPropagation();
    }
  };

  const { series } = metric;
  const { stats } = series;
  const label = `${series.name.slice(0, 200)}: ${count(series.count)} points, last ${number(stats.last)}, lowest ${number(stats.min)}, highest ${number(stats.max)}`;
  const span = dragged.value;
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
          if (!pressed.current) pointed.value = null;
        }}
        onBlur={() => {
          pointed.value = null;
        }}
        onDblClick={reset}
        onKeyDown={key}
      />
      {now?.dots.map(([across, up]) => (
        <i
          key={across}
          class={`rd-dot${now.smoothed ? " rd-ghost-dot" : ""}`}
          style={{ left: `${across * 100}%`, bottom: `${up * 100}%` }}
        />
      ))}
      {now?.marks.map((mark, index) => (
        <i
          key={index}
          class={`rd-mark ${mark.kind === "∞" ? "rd-mark-up" : "rd-mark-down"}`}
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
      {now && pointed.value !== null && !span && <Readout now={now} place={pointed.value} />}
      {zoom.value && (
        <button type="button" class="rd-reset" onClick={reset}>
          Reset zoom
        </button>
      )}
    </div>
  );
}

function Readout({ now, place }: { now: Picture; place: number }) {
  const index = nearest(now, place);
  if (index < 0) return null;
  const { x, y, smoothed, kept } = now.points;
  const value = at(y, index);
  const across = position(now.x, at(x, index));
  const shown = smoothed ? at(smoothed, index) : Number.NaN;
  const up = position(now.y, Number.isFinite(shown) ? shown : value);
  const time = at(kept.points.time, index);
  const when =
    now.unit === "relative"
      ? duration(at(x, index))
      : now.unit === "wall"
        ? moment(time, Date.now() / 1_000, true)
        : clock_time(time, true);
  if (!(across >= 0 && across <= 1)) return null;
  return (
    <>
      <i class="rd-cross" style={{ left: `${across * 100}%` }} />
      {up >= 0 && up <= 1 && <i class="rd-dot-here" style={{ left: `${across * 100}%`, bottom: `${up * 100}%` }} />}
      <div class={`rd-readout ${across > 0.5 ? "rd-to-left" : "rd-to-right"}`} style={{ left: `${across * 100}%` }}>
        <b>{number(value, [at(y, Math.max(0, index - 1))])}</b>
        {Number.isFinite(shown) && <span>smoothed {number(shown)}</span>}
        <span>step {count(at(kept.points.step, index))}</span>
        <span>{when}</span>
      </div>
    </>
  );
}
