import { at } from "../arrays";
import { ticks } from "../format";
import type { Margin, Tick } from "../picture";
import { position, type Scale, ticks_of } from "../scale";

export type Look = "solid" | "dashed" | "dash_dotted" | "dotted" | "dots" | "filled";

/** One line, row of dots or set of filled shapes; where y is NaN it has a gap. */
export interface Stroke {
  name: string;
  /** 1 to 6; 0 is quiet, for what is there to compare with. */
  color: number;
  look: Look;
  x: Float64Array;
  y: Float64Array;
  opacity: number;
  /** What the reader is told of a point; "" where there is nothing to tell. Left out: of none. */
  tell?: (index: number) => string;
}

/** A chart of lines, dots and bars with linear axes, and nothing about what draws it. */
export interface Sketch {
  x_label: string;
  y_label: string;
  x: Scale;
  y: Scale;
  x_ticks: Tick[];
  y_ticks: Tick[];
  margin: Margin;
  width: number;
  height: number;
  strokes: readonly Stroke[];
}

/** A point of a stroke. */
export interface Spot {
  stroke: number;
  index: number;
}

export type Subject = Pick<Sketch, "x_label" | "y_label" | "strokes"> & {
  x: readonly [number, number];
  y: readonly [number, number];
  /** Where the axis is not a linear one of numbers: what stands at its places. */
  marks?: { x?: readonly Tick[]; y?: readonly Tick[] };
};

const LETTER = 6.9;

export const scale = ([low, high]: readonly [number, number]): Scale => ({ low, high, is_log: false });

function labelled(axis: Scale, wanted: number): Tick[] {
  const { values } = ticks_of(axis, wanted);
  const labels = ticks(values);
  return values.map((value, index) => ({ value, label: labels[index] ?? "" }));
}

/** The same subject for so many pixels. */
export function sketch({ x: across, y: up, marks, ...subject }: Subject, width: number, height: number): Sketch {
  const [x, y] = [scale(across), scale(up)];
  const y_ticks = marks?.y ? [...marks.y] : labelled(y, Math.max(2, Math.min(6, Math.floor(height / 44))));
  const longest = Math.max(0, ...y_ticks.map(({ label }) => label.length));
  const margin = { top: 24, right: 16, bottom: 40, left: Math.max(30, Math.ceil(longest * LETTER + 12)) };
  const room = width - margin.left - margin.right;
  let x_ticks = marks?.x ? [...marks.x] : labelled(x, 6);
  const widest = Math.max(0, ...x_ticks.map(({ label }) => label.length)) * LETTER + 10;
  const fit = Math.max(2, Math.floor(room / widest));
  if (x_ticks.length > fit) {
    const every = Math.ceil(x_ticks.length / fit);
    x_ticks = marks?.x ? x_ticks.filter((_, place) => place % every === 0) : labelled(x, fit).slice(0, fit + 1);
  }
  return { ...subject, x, y, x_ticks, y_ticks, margin, width, height };
}

/** From data to pixels. */
export function places({ x, y, margin, width, height }: Sketch) {
  return {
    across: (value: number) => margin.left + position(x, value) * (width - margin.left - margin.right),
    down: (value: number) => margin.top + (1 - position(y, value)) * (height - margin.top - margin.bottom),
  };
}

/** The point to tell of that is nearest to a place; `is_across`: however high the place is. */
export function spot_near(made: Sketch, left: number, top: number, is_across: boolean): Spot | null {
  const { across, down } = places(made);
  let best: Spot | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [stroke, { x, y, tell }] of made.strokes.entries()) {
    for (let index = 0; tell && index < x.length; index++) {
      if (!Number.isFinite(at(y, index)) || !tell(index)) continue;
      const distance = Math.hypot(across(at(x, index)) - left, is_across ? 0 : down(at(y, index)) - top);
      if (distance < least) [least, best] = [distance, { stroke, index }];
    }
  }
  return best;
}

/** Where an arrow key leads: along a stroke, or to another one. */
export function spot_beside(made: Sketch, from: Spot | null, key: string): Spot | null {
  const told = made.strokes.flatMap(({ tell }, stroke) => (tell ? [stroke] : []));
  const first = told[0];
  if (first === undefined) return null;
  const now = from && told.includes(from.stroke) ? from : null;
  const { x, y, tell } = made.strokes[now?.stroke ?? first] as Stroke;
  const walk = (start: number, by: number): Spot | null => {
    for (let index = start; index >= 0 && index < x.length; index += by)
      if (Number.isFinite(at(y, index)) && tell?.(index)) return { stroke: now?.stroke ?? first, index };
    return now;
  };
  if (key === "Home" || (!now && key.startsWith("Arrow"))) return walk(0, 1);
  if (key === "End") return walk(x.length - 1, -1);
  if (!now) return null;
  if (key === "ArrowRight") return walk(now.index + 1, 1);
  if (key === "ArrowLeft") return walk(now.index - 1, -1);
  const turn = told.indexOf(now.stroke) + (key === "ArrowDown" ? 1 : -1);
  const other = told[(turn + told.length) % told.length] ?? first;
  const { across, down } = places(made);
  const only = { ...made, strokes: made.strokes.map((one, stroke) => (stroke === other ? one : silent(one))) };
  return spot_near(only, across(at(x, now.index)), down(at(y, now.index)), false) ?? now;
}

function silent({ tell: _, ...stroke }: Stroke): Stroke {
  return stroke;
}

/** Bars from bin to bin as shapes with gaps between them. */
export function bars(edges: Float64Array, heights: Float64Array): { x: Float64Array; y: Float64Array } {
  const x: number[] = [];
  const y: number[] = [];
  for (const [bin, height] of heights.entries()) {
    if (!(height > 0)) continue;
    const [from, to] = [at(edges, bin), at(edges, bin + 1)];
    x.push(from, from, to, to, from, to);
    y.push(0, height, height, 0, 0, Number.NaN);
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y) };
}

/** A straight line. */
export const straight = (name: string, x: readonly [number, number], y: readonly [number, number]): Stroke => ({
  name,
  color: 0,
  look: "dashed",
  x: Float64Array.from(x),
  y: Float64Array.from(y),
  opacity: 1,
});

/** Edges of bins without infinite ones: such a bin is drawn as wide as its neighbour. */
export function finite_edges(edges: Float64Array): Float64Array {
  const found = edges.slice();
  const last = found.length - 1;
  const width = (from: number) => {
    const wide = at(found, from + 1) - at(found, from);
    return last > 2 && Number.isFinite(wide) ? wide : 1;
  };
  if (last > 1 && !Number.isFinite(at(found, 0))) found[0] = at(found, 1) - width(1);
  if (last > 1 && !Number.isFinite(at(found, last))) found[last] = at(found, last - 1) + width(last - 2);
  return found;
}
