import { at, extent } from "../arrays";
import { count, number } from "../format";
import { type Bins, bins_of } from "./bins";
import { data_of, numbers } from "./reading";
import { bars, type Stroke, type Subject, straight } from "./sketch";

/** In bins of the true values. */
export interface Predictions extends Bins {
  /** Mean prediction in each bin, and how far the predictions spread around it. */
  averages: Float64Array;
  errors: Float64Array;
}

export function predictions_of(json: unknown): Predictions {
  const data = data_of(json);
  const bins = bins_of(data);
  const errors = numbers(data.bin_errors).map((one) => (Number.isFinite(one) ? Math.abs(one) : 0));
  // An empty bin has no average, whatever stands there.
  const averages = numbers(data.bin_averages).map((one, bin) => (at(bins.counts, bin) > 0 ? one : Number.NaN));
  if (averages.length !== bins.counts.length || errors.length !== bins.counts.length)
    throw new Error("Its bin_averages and bin_errors are not as many as its bin_counts.");
  return { ...bins, averages, errors };
}

/** Part of the height that the bars of the counts take at most. */
const COUNTS = 0.18;

export function predictions_subject({ edges, averages, errors, counts, middles }: Predictions): Subject {
  const across = extent(edges) ?? [0, 1];
  const ends = averages.map((one, bin) => one - at(errors, bin));
  const others = averages.map((one, bin) => one + at(errors, bin));
  const [lowest, highest] = extent(Float64Array.of(...ends, ...others, ...across)) ?? [0, 1];
  const around = (highest - lowest || 1) * 0.04;
  const floor = lowest - around - (highest - lowest || 1) * COUNTS;
  const top = highest + around;
  const most = Math.max(1, ...counts);
  const tall = counts.map((one) => (one / most) * COUNTS * (top - floor));
  const heights = bars(edges, tall);
  const [x, y]: [number[], number[]] = [[], []];
  const cap = (across[1] - across[0]) * 0.006;
  for (const [bin, average] of averages.entries()) {
    const [middle, error] = [at(middles, bin), at(errors, bin)];
    if (!Number.isFinite(average) || !error) continue;
    const [low, high] = [average - error, average + error];
    x.push(middle - cap, middle + cap, middle, middle, middle - cap, middle + cap, middle);
    y.push(low, low, low, high, high, high, Number.NaN);
  }
  const shown: Stroke[] = [
    {
      name: "rows in each bin",
      color: 0,
      look: "filled",
      x: heights.x,
      y: heights.y.map((one) => floor + one),
      opacity: 0.25,
    },
    straight("ideal: predicted = true", across, across),
    { name: "± error", color: 1, look: "solid", x: Float64Array.from(x), y: Float64Array.from(y), opacity: 0.7 },
    { name: "course", color: 1, look: "solid", ...without_gaps(middles, averages), opacity: 0.45 },
    {
      name: "mean prediction",
      color: 1,
      look: "dots",
      x: middles,
      y: averages,
      opacity: 1,
      tell: (bin) =>
        `true ${number(at(edges, bin))} to ${number(at(edges, bin + 1))}: predicted ${number(at(averages, bin))} ± ${number(at(errors, bin))}, ${count(at(counts, bin))} rows`,
    },
  ];
  return { x_label: "true value", y_label: "predicted value", x: across, y: [floor, top], strokes: shown };
}

function without_gaps(x: Float64Array, y: Float64Array) {
  const is_there = (_: number, index: number) => Number.isFinite(at(y, index));
  return { x: x.filter(is_there), y: y.filter(is_there) };
}
