import { useEffect, useMemo, useState } from "preact/hooks";
import { type Axis, axis_of, shade, shares } from "../children/axes";
import { differing } from "../children/differences";
import type { Field } from "../children/fields";
import type { Cell, Child } from "../children/store";
import { count, counted, number } from "../format";
import { useCanvas } from "./canvas";
import { useView } from "./parts";

const HIGH = 240;
const TOP = 34;
const BOTTOM = 14;
/** Axes that are drawn at most: those whose parameters differ. Pixels that each needs for its words. */
const AXES = 9;
const APART = 72;
/** Lines that are drawn at most; the best are among them. And of rows that are filtered out. */
const LINES = 4_000;
const FAINT = 1_000;
/** Lines that are drawn in one go. */
const AT_ONCE = 50;
/** More lines than this are drawn one pixel wide: Chromium draws those six times as fast. */
const FINE = 1_000;
/** Lines that may be drawn as strongly as a few are. */
const FEW = 300;

/** So many of them at even distances, and the last tenth of that: those that are best. */
function spread(places: readonly number[], most: number): readonly number[] {
  if (places.length <= most) return places;
  const every = places.length / (0.9 * most);
  const even = Array.from({ length: Math.floor(0.9 * most) }, (_, nth) => places[Math.floor(nth * every)] ?? 0);
  return [...even, ...places.slice(-0.1 * most)];
}

const has_several = (cells: readonly Cell[]) => new Set(cells.filter((cell) => cell !== undefined)).size > 1;

/** Parallel coordinates: an axis for each parameter that differs, and the score. Dragging along one filters the rows. */
export function Parallel() {
  const { store, children: desk } = useView();
  const kids = store.children;
  kids.changed.value;
  const ordered = desk.ordered.value;
  const metric = desk.metric.value;
  const scales = kids.family.value?.scales ?? {};
  const [room, set_room] = useState(AXES);
  const { axes, hidden } = useMemo(() => {
    const varied = differing(kids, ordered);
    // One value, which some lack, tells nothing of the score.
    const fields = desk.fields.value.filter(
      ({ kind, name, of }) => kind === "parameter" && varied.has(name) && has_several(ordered.map(of)),
    );
    const score = desk.fields.value.find(({ key }) => key === `metric:${metric}`);
    const shown = [...fields.slice(0, room - 1), ...(score ? [score] : [])];
    const axes = shown
      .map((field) => axis_of(field, ordered, field.kind === "parameter" ? scales[field.name] : "linear"))
      .filter((axis) => axis !== null);
    return { axes, hidden: Math.max(0, fields.length - (room - 1)) };
  }, [ordered, metric, desk.fields.value, room]);

  useEffect(() => {
    desk.on_axis = (field: Field, child: Child) =>
      axes.find((one) => one.field.key === field.key)?.place(field.of(child));
    // A range on an axis that went (another metric, a narrower view) would hide every row.
    const kept = [...desk.brushes.peek()].filter(([key]) => axes.some(({ field }) => field.key === key));
    if (kept.length < desk.brushes.peek().size) desk.brushes.value = new Map(kept);
  }, [axes]);
  const down = (axis: Axis, value: number) =>
    TOP + (1 - (value - axis.low) / (axis.high - axis.low)) * (HIGH - TOP - BOTTOM);
  const kept = desk.kept.value;

  const inputs = [ordered, axes, kept, desk.chosen.value];
  const { canvas, ref, width } = useCanvas(HIGH, inputs, function* (pen) {
    const shown = new Set(kept);
    const chosen = new Set(desk.chosen.value);
    const values = ordered.map((child) => kids.number(child, "metric", metric));
    const found = shares(values, desk.goal.value === "min");
    const order = ordered.map((_, place) => place).sort((one, other) => (found[one] ?? -1) - (found[other] ?? -1));
    const is_in = (place: number) => {
      const child = ordered[place];
      return child !== undefined && shown.has(child);
    };
    const strong = spread(order.filter(is_in), LINES);
    const faint = spread(
      order.filter((place) => !is_in(place)),
      FAINT,
    );
    const strength = strong.length > FEW ? 0.35 * Math.sqrt(FEW / strong.length) : 0.65;
    const fine = strong.length + faint.length > FINE ? 1 / (window.devicePixelRatio || 1) : 1.2;
    for (const [index, place] of [...faint, ...strong].entries()) {
      if (index % AT_ONCE === 0) yield;
      const child = ordered[place];
      if (!child) continue;
      const is_shown = shown.has(child);
      const share = found[place];
      pen.globalAlpha = !is_shown ? 0.04 : chosen.has(child.id) ? 1 : strength;
      pen.lineWidth = chosen.has(child.id) ? 2.5 : fine;
      pen.strokeStyle = share === undefined ? "#888" : shade(share);
      pen.beginPath();
      let is_down = false;
      axes.forEach((axis, along) => {
        const at = axis.place(axis.field.of(child));
        if (at === undefined) {
          is_down = false;
          return;
        }
        if (is_down) pen.lineTo(left(along), down(axis, at));
        else pen.moveTo(left(along), down(axis, at));
        is_down = true;
      });
      pen.stroke();
    }
  });
  useEffect(() => {
    if (width) set_room(Math.max(4, Math.min(AXES, Math.floor((width - 92) / APART) + 1)));
  }, [width]);
  const left = (place: number) => 46 + (axes.length < 2 ? 0 : (place / (axes.length - 1)) * Math.max(10, width - 92));

  /** Right of the last axis there is room for a short word, and no line. */
  const is_left = (axis: Axis, place: number) =>
    place === axes.length - 1 && axis.ticks.some(({ label }) => label.length > 6);

  const brush = (axis: Axis) => (event: PointerEvent) => {
    const box = canvas?.getBoundingClientRect();
    if (!box) return;
    const value = (y: number) => axis.low + (1 - (y - box.top - TOP) / (HIGH - TOP - BOTTOM)) * (axis.high - axis.low);
    const from = event.clientY;
    const over = new AbortController();
    const set = (to: number) => {
      const next = new Map(desk.brushes.value);
      if (Math.abs(to - from) < 4) next.delete(axis.field.key);
      else next.set(axis.field.key, [Math.min(value(from), value(to)), Math.max(value(from), value(to))]);
      desk.brushes.value = next;
    };
    document.addEventListener("pointermove", (moved) => set(moved.clientY), { signal: over.signal });
    document.addEventListener(
      "pointerup",
      (ended) => {
        set(ended.clientY);
        over.abort();
      },
      { signal: over.signal },
    );
    event.preventDefault();
  };
  if (axes.length < 2)
    return <p class="rd-empty">No parameter differs between the {counted(ordered.length, "run")} yet.</p>;
  const brushes = desk.brushes.value;
  return (
    <div class="rd-parallel">
      <canvas
        ref={ref}
        style={{ height: `${HIGH}px` }}
        role="img"
        aria-label="Parallel coordinates of parameters and score"
      />
      {width > 0 && (
        <svg class="rd-over" width={width} height={HIGH} aria-hidden="true">
          {axes.map((axis, index) => {
            const range = brushes.get(axis.field.key);
            const step = Math.max(1, Math.ceil(axis.ticks.length / 8));
            return (
              <g key={axis.field.key}>
                <line class="rd-axis" x1={left(index)} x2={left(index)} y1={TOP} y2={HIGH - BOTTOM} />
                {axis.ticks
                  .filter((_, place) => place % step === 0)
                  .map(({ value, label }) => (
                    <text
                      key={value}
                      x={left(index) + (is_left(axis, index) ? -6 : 6)}
                      y={down(axis, value) + 4}
                      text-anchor={is_left(axis, index) ? "end" : "start"}
                    >
                      {label.length > 12 ? `${label.slice(0, 11)}…` : label}
                    </text>
                  ))}
                {range && (
                  <rect
                    class="rd-brush"
                    x={left(index) - 7}
                    width={14}
                    y={down(axis, range[1])}
                    height={Math.max(2, down(axis, range[0]) - down(axis, range[1]))}
                  />
                )}
              </g>
            );
          })}
        </svg>
      )}
      {axes.map((axis, index) => (
        <span key={axis.field.key}>
          <span
            class="rd-axis-name"
            title={`${axis.field.title}${axis.scale === "log" ? " (log)" : ""}`}
            style={{
              left: `${left(index)}px`,
              maxWidth: `${Math.max(60, (width - 92) / Math.max(1, axes.length - 1) - 8)}px`,
            }}
            data-end={index === 0 ? "left" : index === axes.length - 1 ? "right" : undefined}
          >
            <bdi>{axis.field.title}</bdi>
            {axis.scale === "log" ? <em> log</em> : null}
          </span>
          <span
            class="rd-axis-area"
            style={{ left: `${left(index) - 12}px`, top: `${TOP}px`, height: `${HIGH - TOP - BOTTOM}px` }}
            title="Drag to filter the rows; click to show all again"
            onPointerDown={brush(axis)}
          />
        </span>
      ))}
      <p class="rd-secondary rd-parallel-note">
        {brushes.size > 0
          ? `${counted(kept.length, "run")} within the ranges. `
          : "Drag along an axis to filter the rows. "}
        {kept.length > LINES ? `${count(LINES)} of ${counted(kept.length, "run")} drawn. ` : ""}
        {hidden > 0 ? `${counted(hidden, "more parameter")} not drawn. ` : ""}
        Yellow is best, violet worst ({metric}{" "}
        {number(desk.best.value ? (kids.number(desk.best.value, "metric", metric) ?? null) : null)} at best).
      </p>
    </div>
  );
}
