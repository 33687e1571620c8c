import { at, extent } from "./arrays";
import { type AxisKind, type AxisUnit, axis, broken } from "./axis";
import { count, counted, duration_tick, log_tick, ticks, wall_tick } from "./format";
import { position, type Scale, scale_of, ticks_of } from "./scale";
import type { Kept } from "./series";
import { smooth_kept } from "./smoothing";

/** How a reader wants to see a series. */
export interface Look {
  axis: AxisKind;
  is_log: boolean;
  /** Weight of the smoothing, 0 for none. */
  smoothing: number;
  /** Start of the run, where relative time begins; seconds since 1970. */
  started: number | null;
  zoom: Zoom | null;
}

/** The part of a chart that a reader looks at closely. It stays, whatever arrives. */
export interface Zoom {
  x: Scale;
  y: Scale | null;
}

export interface Line {
  x: Float64Array;
  y: Float64Array;
}

export interface Tick {
  value: number;
  label: string;
}

/** A value that no scale has: drawn at its true step, at the edge of the plot. */
export interface Mark {
  /** 0 at the left edge, 1 at the right. */
  place: number;
  kind: "NaN" | "∞" | "-∞";
  step: number;
}

export interface Margin {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** All that is to be drawn, and nothing about what draws it. */
export interface Picture {
  x: Scale;
  y: Scale;
  unit: AxisUnit;
  x_ticks: Tick[];
  y_ticks: Tick[];
  margin: Margin;
  raw: Line;
  smoothed: Line | null;
  /** Where single points stand, across and up, 0 to 1: when there are too few for a line to be seen. */
  dots: [number, number][];
  marks: Mark[];
  /** What the reader should know, one sentence each. */
  notices: string[];
  /** The points behind the lines, for the readout. */
  points: { x: Float64Array; y: Float64Array; smoothed: Float64Array | null; kept: Kept };
}

const MARKS_AT_MOST = 200;
const DOTS_AT_MOST = 12;
/** Fewer points are not smoothed: their line would show what nobody measured. */
const SMOOTHED_FROM = 5;
/** Pixels of a letter of a tick label at most: DejaVu is wide. */
const LETTER = 6.9;
const EMPTY: Line = { x: new Float64Array(0), y: new Float64Array(0) };
const NOTHING: Scale = { low: 0, high: 1, is_log: false };

export function picture(kept: Kept, look: Look, width: number, height: number, left = 0): Picture {
  const { value, step } = kept.points;
  const { x, unit, note } = axis(kept, look.axis, look.started);
  const notices = note ? [note] : [];
  const y = Float64Array.from(value, (one) => (Number.isFinite(one) && (one > 0 || !look.is_log) ? one : Number.NaN));
  const smoothed = look.smoothing > 0 && value.length >= SMOOTHED_FROM ? smooth_kept(kept, y, look.smoothing) : null;

  const hidden = look.is_log ? value.filter((one) => Number.isFinite(one) && one <= 0).length : 0;
  if (hidden) notices.push(`${counted(hidden, "value")} ≤ 0 cannot be shown on a log scale.`);
  const odd = value.filter((one) => !Number.isFinite(one)).length;
  if (odd === value.length && odd) notices.push(`No finite value to draw: ${count(odd)} NaN or ±∞.`);

  const x_scale = look.zoom?.x ?? x_extent(x, unit) ?? NOTHING;
  const found = look.zoom ? look.zoom.y : scale_of(y, look.is_log);
  const y_scale = found ?? NOTHING;
  const y_marks = found ? number_ticks(y_scale, Math.max(2, Math.min(6, Math.floor(height / 36)))) : [];
  const longest = Math.max(0, ...y_marks.map(({ label }) => label.length));
  const needed = Math.ceil((longest * LETTER + 12) / 6) * 6;
  const margin = { top: 8, right: 14, bottom: 22, left: Math.max(left, Math.min(84, Math.max(30, needed))) };
  const x_marks = x_ticks(x_scale, unit, width, margin);

  const marks: Mark[] = [];
  for (let index = 0; index < value.length && marks.length < MARKS_AT_MOST; index++) {
    const one = at(value, index);
    if (Number.isFinite(one)) continue;
    const place = position(x_scale, at(x, index));
    if (place < 0 || place > 1) continue;
    marks.push({ place, kind: Number.isNaN(one) ? "NaN" : one > 0 ? "∞" : "-∞", step: at(step, index) });
  }
  return {
    x: x_scale,
    y: y_scale,
    unit,
    x_ticks: x_marks,
    y_ticks: y_marks,
    margin,
    raw: found || look.zoom ? broken(x, y) : EMPTY,
    smoothed: smoothed && broken(x, smoothed),
    dots: dots_of(x, y, x_scale, y_scale),
    marks,
    notices,
    points: { x, y: value, smoothed, kept },
  };
}

/** From the first point to the last, or from 0 when the first stands close to it; around a lone one, 1 to each side. */
function x_extent(x: Float64Array, unit: AxisUnit): Scale | null {
  const found = extent(x);
  if (!found) return null;
  const [low, high] = found;
  if (low === high) return { low: low - 1, high: high + 1, is_log: false };
  const is_near_zero = unit !== "wall" && low > 0 && low < 0.02 * (high - low);
  return { low: is_near_zero ? 0 : low, high, is_log: false };
}

/** Up to 12 points without a line, or with a short one. */
function dots_of(x: Float64Array, y: Float64Array, across: Scale, up: Scale): [number, number][] {
  const found: [number, number][] = [];
  for (let index = 0; index < x.length; index++) {
    if (!Number.isFinite(at(y, index))) continue;
    if (found.length === DOTS_AT_MOST) return [];
    found.push([position(across, at(x, index)), position(up, at(y, index))]);
  }
  return found.filter((dot) => dot.every((place) => place >= 0 && place <= 1));
}

function number_ticks(scale: Scale, wanted: number): Tick[] {
  let found = ticks_of(scale, wanted);
  for (let more = 1; found.values.length < 3 && more <= 3; more++) found = ticks_of(scale, wanted + more);
  const { values, gap } = found;
  const labels = gap ? ticks(values) : values.map(log_tick);
  return values.map((value, index) => ({ value, label: labels[index] ?? "" }));
}

const KINDS = { step: "whole", order: "whole", relative: "clock", wall: "wall" } as const;

/** As many ticks as have room for their labels. */
function x_ticks(scale: Scale, unit: AxisUnit, width: number, margin: Margin): Tick[] {
  const room = Math.max(40, width - margin.left - margin.right);
  const middle = ({ value }: Tick) => margin.left + position(scale, value) * room;
  const half = ({ label }: Tick) => (label.length * LETTER) / 2;
  for (let wanted = Math.max(2, Math.floor(room / 56)); ; wanted--) {
    const { values, gap } = ticks_of(scale, wanted, KINDS[unit]);
    const labels = x_labels(values, gap, unit);
    const all = values.map((value, index) => ({ value, label: labels[index] ?? "" }));
    const is_roomy = all.every((tick, index) => {
      const before = all[index - 1];
      return !before || middle(before) + half(before) + 10 <= middle(tick) - half(tick);
    });
    // A label that would be cut off at the edge of the card is left out.
    if (is_roomy || wanted <= 1)
      return all.filter((tick) => middle(tick) + half(tick) <= width && middle(tick) >= half(tick));
  }
}

function x_labels(values: readonly number[], gap: number, unit: AxisUnit): string[] {
  if (unit === "relative") return values.map((value) => duration_tick(value, gap));
  if (unit === "wall") return values.map((value) => wall_tick(value, gap));
  return ticks(values);
}

/** Index of the point nearest to a place along x; -1 when there is none. */
export function nearest({ points, x }: Picture, place: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < points.x.length; index++) {
    const distance = Math.abs(position(x, at(points.x, index)) - place);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
