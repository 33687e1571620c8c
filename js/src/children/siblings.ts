import { at } from "../arrays";
import type { Line } from "../picture";
import type { Buffer } from "../wire";
import { floats } from "../wire";

/** Where the curves of a run's siblings lie: quantiles by step, made of each one's last value up to there. */
export interface Band {
  metric: string;
  /** How the run stands among them, in a sentence; empty when nothing can be said. */
  words: string;
  step: Float64Array;
  /** 10, 25, 50, 75 and 90 % of them lie below. */
  quantiles: readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  /** How many had come as far. */
  count: Float64Array;
}

const ROWS = 7;

/** Out of the kernel's answer; null when there are too few siblings to say anything. */
export function band_of(metric: string, words: string, buffer: Buffer | undefined): Band | null {
  const numbers = floats(buffer);
  const wide = Math.floor(numbers.length / ROWS);
  if (!wide) return null;
  const row = (place: number) => numbers.slice(place * wide, (place + 1) * wide);
  return { metric, words, step: row(0), quantiles: [row(1), row(2), row(3), row(4), row(5)], count: row(6) };
}

/** The outline between two lines, there and back; where `is_shown` denies either, it is left out. */
export function outline(
  step: Float64Array,
  low: Float64Array,
  high: Float64Array,
  is_shown: (value: number) => boolean,
): Line {
  const places = [...step.keys()].filter((place) => is_shown(at(low, place)) && is_shown(at(high, place)));
  const back = [...places].reverse();
  return {
    x: Float64Array.from([...places, ...back], (place) => at(step, place)),
    y: Float64Array.from([...places.map((place) => at(low, place)), ...back.map((place) => at(high, place))]),
  };
}

/** The place of the last step that is not behind `x`; -1 before the first. */
export function place_at({ step }: Band, x: number): number {
  let place = -1;
  while (place + 1 < step.length && at(step, place + 1) <= x) place++;
  return place;
}
