import { at } from "./arrays";
import type { Kept } from "./series";

export const FORMULA =
  "Debiased exponential moving average: s = w·s + (1 − w)·value, shown as s / (1 − wⁿ). w is the number beside the slider.";

/** Debiased exponential moving average. What is not finite is passed over and stays a gap. */
export function smooth(values: Float64Array, weight: number): Float64Array {
  const smoothed = new Float64Array(values.length).fill(Number.NaN);
  let average = 0;
  let unseen = 1;
  for (let index = 0; index < values.length; index++) {
    const value = at(values, index);
    if (!Number.isFinite(value)) continue;
    average = average * weight + (1 - weight) * value;
    unseen *= weight;
    smoothed[index] = average / (1 - unseen);
  }
  return smoothed;
}

/**
 * The same for points of which many are left out: lowest and highest of a bucket follow one another, and their average
 * would swing between them. So the middle of each bucket is smoothed, and all its points get that.
 */
export function smooth_kept({ ordinal, width }: Kept, values: Float64Array, weight: number): Float64Array {
  if (width <= 1) return smooth(values, weight);
  const bucket_of = new Int32Array(values.length);
  const middles: number[] = [];
  let low = Number.NaN;
  let high = Number.NaN;
  let before = Number.NaN;
  for (let index = 0; index < values.length; index++) {
    const bucket = Math.floor(at(ordinal, index) / width);
    if (bucket !== before) {
      middles.push(Number.NaN);
      low = high = Number.NaN;
      before = bucket;
    }
    const value = at(values, index);
    if (Number.isFinite(value)) {
      low = Number.isNaN(low) ? value : Math.min(low, value);
      high = Number.isNaN(high) ? value : Math.max(high, value);
      middles[middles.length - 1] = low / 2 + high / 2;
    }
    bucket_of[index] = middles.length - 1;
  }
  const smoothed = smooth(Float64Array.from(middles), weight);
  return values.map((value, index) => (Number.isFinite(value) ? at(smoothed, at(bucket_of, index)) : Number.NaN));
}
