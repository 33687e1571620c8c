import { at, extent, joined_all } from "./arrays";
import { type AxisKind, type AxisUnit, axis, broken } from "./axis";
import { type Band, outline } from "./children/siblings";
import { count, counted, duration_tick, log_tick, ticks, wall_tick } from "./format";
import { position, type Scale, scale_of, ticks_of } from "./scale";
import type { Kept } from "./series";
import { smooth_kept } from "./smoothing";

/** A series that is to be drawn. */
export interface Drawn {
  name: string;
  /** 1 to 6. */
  color: number;
  kept: Kept;
}

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
  color: number;
}

/** One series as it is drawn. */
export interface Curve {
  name: string;
  color: number;
  raw: Line;
  smoothed: Line | null;
  /** Where single points stand, across and up, 0 to 1: when there are too few for a line to be seen. */
  dots: [number, number][];
  /** The points behind the lines, for the readout. */
  points: CurvePoints;
}

export interface CurvePoints {
  x: Float64Array;
  y: Float64Array;
  smoothed: Float64Array | null;
  kept: Kept;
  /** Places of the points in the order of x; null: as they are. */
  order: Uint32Array | null;
}

/** What lies behind the curves: where those of the run's siblings are. */
export interface Behind {
  /** Outlines of the areas between 10 and 90 %, and between 25 and 75 %. */
  outer: Line;
  inner: Line;
  middle: Line;
  band: Band;
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
  /** Pixels of the plot itself, within the margins. */
  plot: { width: number; height: number };
  /** The series that the chart is of, then those laid over it. */
  curves: Curve[];
  /** null: nothing, or no axis of steps. */
  behind: Behind | null;
  marks: Mark[];
  /** What the reader should know, one sentence each. */
  notices: string[];
  /** Whether the series are of sizes so different that a linear axis flattens some of them. */
  is_uneven: boolean;
}

const MARKS_AT_MOST = 200;
const DOTS_AT_MOST = 12;
/** Fewer points are not smoothed: their line would show what nobody measured. */
const SMOOTHED_FROM = 5;
/** Pixels of a letter of a tick label at most: DejaVu is wide. */
const LETTER = 6.9;
/** Series that differ more than this, times, are better seen on a log axis. */
const UNEVEN = 100;
const EMPTY: Line = { x: new Float64Array(0), y: new Float64Array(0) };
const NOTHING: Scale = { low: 0, high: 1, is_log: false };

export function picture(
  series: readonly Drawn[],
  look: Look,
  width: number,
  height: number,
  left = 0,
  band: Band | null = null,
): Picture {
  const { axes, unit, notices } = common_axis(series, look);
  const behind = band && unit === "step" ? behind_of(band, look.is_log) : null;
  const parts = series.map(({ kept }, index) => masked(kept, axes[index] ?? EMPTY.x, look));
  const all = parts.map(({ y }) => y);
  const values = series.map(({ kept }) => kept.points.value);
  const hidden = look.is_log ? tally(values, (one) => Number.isFinite(one) && one <= 0) : 0;
  if (hidden) notices.push(`${counted(hidden, "value")} ≤ 0 cannot be shown on a log scale.`);
  const odd = tally(values, (one) => !Number.isFinite(one));
  if (odd && odd === tally(values, () => true)) notices.push(`No finite value to draw: ${count(odd)} NaN or ±∞.`);

  const x_scale = look.zoom?.x ?? x_extent(behind ? [...axes, behind.outer.x] : axes, unit) ?? NOTHING;
  const found = look.zoom ? look.zoom.y : scale_of_all(behind ? [...all, behind.outer.y] : all, look.is_log);
  const y_scale = found ?? NOTHING;
  const y_marks = found ? number_ticks(y_scale, Math.max(2, Math.min(6, Math.floor(height / 36)))) : [];
  const longest = Math.max(0, ...y_marks.map(({ label }) => label.length));
  const needed = Math.ceil((longest * LETTER + 12) / 6) * 6;
  const most = Math.max(84, 0.3 * width);
  const margin = { top: 8, right: 14, bottom: 22, left: Math.max(left, Math.min(most, Math.max(30, needed))) };
  const is_drawn = found !== null || look.zoom !== null;

  const curves = series.map(({ name, color, kept }, index): Curve => {
    const { x, y, smoothed } = parts[index] ?? { ...EMPTY, smoothed: null };
    return {
      name,
      color,
      raw: is_drawn ? broken(x, y) : EMPTY,
      smoothed: smoothed && broken(x, smoothed),
      dots: dots_of(x, y, x_scale, y_scale),
      points: { x, y: kept.points.value, smoothed, kept, order: order_of(x) },
    };
  });
  return {
    x: x_scale,
    y: y_scale,
    unit,
    x_ticks: x_ticks(x_scale, unit, width, margin),
    y_ticks: y_marks,
    margin,
    plot: { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom },
    curves,
    behind,
    marks: marks_of(curves, x_scale),
    notices,
    is_uneven: !look.is_log && are_uneven(all),
  };
}

function behind_of(band: Band, is_log: boolean): Behind {
  const is_shown = (value: number) => Number.isFinite(value) && (value > 0 || !is_log);
  const [lowest, low, middle, high, highest] = band.quantiles;
  const { step } = band;
  return {
    outer: outline(step, lowest, highest, is_shown),
    inner: outline(step, low, high, is_shown),
    middle: { x: step, y: middle.map((value) => (is_shown(value) ? value : Number.NaN)) },
    band,
  };
}

/** Where the points of each series stand. Order is an axis only while it is that of all of them. */
function common_axis(series: readonly Drawn[], { axis: kind, started }: Look) {
  const first = started ?? Math.min(...series.map(({ kept }) => at(kept.points.time, 0)).filter(Number.isFinite));
  const found = series.map(({ kept }) => axis(kept, kind, Number.isFinite(first) ? first : null));
  const is_order = found.length > 0 && found.every((one) => one.unit === "order");
  const unit: AxisUnit = is_order ? "order" : kind;
  const axes = found.map((one, index) => (is_order ? one.x : one.unit === "order" ? steps(series[index]) : one.x));
  return { axes, unit, notices: is_order && found[0]?.note ? [found[0].note] : [] };
}

const steps = (drawn: Drawn | undefined) => drawn?.kept.points.step ?? EMPTY.x;

/** What can be drawn of a series, and its smoothed course. */
function masked(kept: Kept, x: Float64Array, { is_log, smoothing }: Look) {
  const { value } = kept.points;
  const y = Float64Array.from(value, (one) => (Number.isFinite(one) && (one > 0 || !is_log) ? one : Number.NaN));
  const smoothed = smoothing > 0 && value.length >= SMOOTHED_FROM ? smooth_kept(kept, y, smoothing) : null;
  return { x, y, smoothed };
}

function tally(columns: readonly Float64Array[], is_one: (value: number) => boolean): number {
  let found = 0;
  for (const column of columns) for (const value of column) if (is_one(value)) found++;
  return found;
}

function scale_of_all(columns: readonly Float64Array[], is_log: boolean): Scale | null {
  return scale_of(columns.length === 1 && columns[0] ? columns[0] : joined_all(columns), is_log);
}

function are_uneven(columns: readonly Float64Array[]): boolean {
  if (columns.length < 2) return false;
  const sizes = columns.map((column) => Math.max(...(extent(column) ?? [0]).map(Math.abs))).filter((size) => size > 0);
  return Math.max(...sizes) / Math.min(...sizes) > UNEVEN && tally(columns, (value) => value <= 0) === 0;
}

/** Places of the points by x, where they do not rise anyway. */
function order_of(x: Float64Array): Uint32Array | null {
  let index = 1;
  while (index < x.length && at(x, index) >= at(x, index - 1)) index++;
  if (index >= x.length) return null;
  return Uint32Array.from(x, (_, place) => place).sort((one, other) => at(x, one) - at(x, other) || one - other);
}

function marks_of(curves: readonly Curve[], x_scale: Scale): Mark[] {
  const marks: Mark[] = [];
  for (const { points, color } of curves) {
    const { value, step } = points.kept.points;
    for (let index = 0; index < value.length && marks.length < MARKS_AT_MOST; index++) {
      const one = at(value, index);
      if (Number.isFinite(one)) continue;
      const place = position(x_scale, at(points.x, index));
      if (place < 0 || place > 1) continue;
      marks.push({ place, kind: Number.isNaN(one) ? "NaN" : one > 0 ? "∞" : "-∞", step: at(step, index), color });
    }
  }
  return marks;
}

/** From the first point to the last, or from 0 when the first stands close to it; around a lone one, 1 to each side. */
function x_extent(columns: readonly Float64Array[], unit: AxisUnit): Scale | null {
  const found = extent(Float64Array.from(columns.flatMap((x) => extent(x) ?? [])));
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

/** Index of the point nearest to `x`, found by halving; of several at one place the last. -1 when there is none. */
export function nearest({ x: all, order }: CurvePoints, x: number): number {
  const place = (index: number) => (order ? at(order, index) : index);
  let low = 0;
  let high = all.length;
  // The first point beyond x.
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(all, place(middle)) > x) high = middle;
    else low = middle + 1;
  }
  if (low === 0) return all.length ? place(0) : -1;
  if (low === all.length) return place(low - 1);
  const [before, after] = [place(low - 1), place(low)];
  return x - at(all, before) <= at(all, after) - x ? before : after;
}

/** Part of the width of a chart by which a point may be off the cursor and still speak for it. */
const SLACK = 0.02;

/** The point of a curve that the cursor of all charts means; -1 where the curve has none. */
export function at_cursor({ x: scale }: Picture, { points }: Curve, x: number): number {
  const index = nearest(points, x);
  if (index < 0) return -1;
  const { x: all, order } = points;
  const slack = (scale.high - scale.low) * SLACK;
  const first = at(all, order ? at(order, 0) : 0);
  const last = at(all, order ? at(order, all.length - 1) : all.length - 1);
  return x < first - slack || x > last + slack ? -1 : index;
}
