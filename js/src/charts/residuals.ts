import { at } from "../arrays";
import { count, number } from "../format";
import { data_of, numbers, percent } from "./reading";
import { bars, finite_edges, type Subject, straight } from "./sketch";

export interface Residuals {
  /** One more than counts. */
  edges: Float64Array;
  counts: Float64Array;
  total: number;
  mean: number;
  deviation: number;
  /** Whether mean and deviation are those of the rows, as Azure ML logs them; else of the bins' middles. */
  is_exact: boolean;
}

export function residuals_of(json: unknown): Residuals {
  const data = data_of(json);
  const edges = finite_edges(numbers(data.bin_edges));
  const counts = numbers(data.bin_counts).map((one) => (Number.isFinite(one) ? one : 0));
  if (edges.length !== counts.length + 1 || !counts.length)
    throw new Error("There must be one more of bin_edges than of bin_counts.");
  const middle = (bin: number) => (at(edges, bin) + at(edges, bin + 1)) / 2;
  let [total, sum] = [0, 0];
  for (const [bin, one] of counts.entries()) {
    total += one;
    sum += one * middle(bin);
  }
  const { mean: told_mean, stddev: told_deviation } = data;
  if (Number.isFinite(told_mean) && Number.isFinite(told_deviation))
    return { edges, counts, total, mean: Number(told_mean), deviation: Number(told_deviation), is_exact: true };
  const mean = sum / total;
  let squares = 0;
  for (const [bin, one] of counts.entries()) squares += one * (middle(bin) - mean) ** 2;
  return { edges, counts, total, mean, deviation: Math.sqrt(squares / total), is_exact: false };
}

export function residuals_subject({ edges, counts, total, mean }: Residuals): Subject {
  const [low, high] = [Math.min(at(edges, 0), 0), Math.max(at(edges, edges.length - 1), 0)];
  const top = Math.max(1, ...counts) * 1.06;
  return {
    x_label: "residual: predicted − true",
    y_label: "count",
    x: [low, high],
    y: [0, top],
    strokes: [
      { name: "count", color: 1, look: "filled", ...bars(edges, counts), opacity: 0.75 },
      straight("no error", [0, 0], [0, top]),
      { ...straight("mean", [mean, mean], [0, top]), color: 2, look: "solid" },
      {
        // Nothing to see: the middles of the bars, for the readout.
        name: "bins",
        color: 1,
        look: "dots",
        x: counts.map((_, bin) => (at(edges, bin) + at(edges, bin + 1)) / 2),
        y: counts,
        opacity: 0,
        tell: (bin) =>
          `from ${number(at(edges, bin))} to ${number(at(edges, bin + 1))}: ${count(at(counts, bin))} of ${count(total)} (${percent(at(counts, bin) / total)})`,
      },
    ],
  };
}
