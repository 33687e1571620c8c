import { extent } from "./arrays";

/** From data to the plot: linear or log, from `low` at 0 to `high` at 1. */
export interface Scale {
  low: number;
  high: number;
  is_log: boolean;
}

/** Where a value stands between the ends of the scale, 0 to 1 within it. Halves keep ±1e308 from overflowing. */
export function position({ low, high, is_log }: Scale, value: number): number {
  if (is_log) return (Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
  return (value / 2 - low / 2) / (high / 2 - low / 2);
}

/** The value that stands at a place: the inverse of `position`. */
export function value_at({ low, high, is_log }: Scale, place: number): number {
  if (is_log) return 10 ** (Math.log10(low) + place * (Math.log10(high) - Math.log10(low)));
  return low * (1 - place) + high * place;
}

const MOST = Number.MAX_VALUE;

/** A scale that shows all of these values with a little room; null when it can show none. */
export function scale_of(values: Float64Array, is_log: boolean, room = 0.05): Scale | null {
  const found = extent(is_log ? values.map((value) => (value > 0 ? value : Number.NaN)) : values);
  if (!found) return null;
  const [low, high] = found;
  if (is_log) {
    const [from, to] = low === high ? [low / 2, Math.min(high * 2, MOST)] : [low, high];
    const ratio = 10 ** ((Math.log10(to) - Math.log10(from)) * room);
    return { low: Math.max(from / ratio, Number.MIN_VALUE), high: Math.min(to * ratio, MOST), is_log };
  }
  if (low === high) {
    const around = low === 0 ? 1 : Math.abs(low) * 0.1;
    return { low: Math.max(low - around, -MOST), high: Math.min(high + around, MOST), is_log };
  }
  const margin = (high / 2 - low / 2) * 2 * room;
  const extra = Number.isFinite(margin) ? margin : 0;
  return { low: Math.max(low - extra, -MOST), high: Math.min(high + extra, MOST), is_log };
}

/** Seconds that look round on a clock. */
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200];

/** Distance of ticks: a round number of which about `wanted` fit. */
function gap_of(low: number, high: number, wanted: number, is_clock: boolean): number {
  const rough = high / wanted - low / wanted;
  if (is_clock && rough > 0.5) {
    const found = CLOCK_STEPS.find((step) => step >= rough * 0.75);
    if (found) return found;
    const days = rough / 86_400;
    return 86_400 * Math.max(1, days > 1 ? rounded(days) : 1);
  }
  return rounded(rough);
}

/** The round number nearest to this one, as ratios go. */
function rounded(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const part = rough / power;
  return power * (part < Math.SQRT2 ? 1 : part < Math.sqrt(10) ? 2 : part < Math.sqrt(50) ? 5 : 10);
}

/** Round values within the scale, about `wanted` of them, and their distance. */
export function ticks_of(
  scale: Scale,
  wanted: number,
  kind: "number" | "whole" | "clock" | "wall" = "number",
): { values: number[]; gap: number } {
  const { low, high, is_log } = scale;
  if (is_log) {
    const first = Math.ceil(Math.log10(low) - 1e-9);
    const last = Math.floor(Math.log10(high) + 1e-9);
    if (last - first >= 1) {
      const every = Math.max(1, Math.ceil((last - first + 1) / wanted));
      const values: number[] = [];
      for (let power = first; power <= last; power += every) values.push(10 ** power);
      return { values, gap: 0 };
    }
  }
  let gap = gap_of(low, high, wanted, kind === "clock" || kind === "wall");
  if (kind === "whole") gap = Math.max(1, gap);
  if (!(gap > 0) || !Number.isFinite(gap)) return { values: [], gap: 0 };
  // Ticks of times of day are round where the reader is, not in Greenwich.
  const shift = kind === "wall" ? new Date(low * 1_000).getTimezoneOffset() * 60 : 0;
  const values: number[] = [];
  const first = Math.ceil((low - shift) / gap - 1e-9);
  for (let index = 0; index < 50; index++) {
    const value = (first + index) * gap + shift;
    if (value > high + gap * 1e-9) break;
    values.push(Math.abs(value) < gap * 1e-9 ? 0 : Number(value.toPrecision(14)));
  }
  return { values, gap };
}
