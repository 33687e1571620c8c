import { at } from "../arrays";
import { numbers } from "./reading";
import { finite_edges } from "./sketch";

/** Rows counted in bins. */
export interface Bins {
  /** One more than bins. */
  edges: Float64Array;
  counts: Float64Array;
  /** Of each bin. */
  middles: Float64Array;
  total: number;
}

export function bins_of(data: Record<string, unknown>): Bins {
  const edges = finite_edges(numbers(data.bin_edges));
  const counts = numbers(data.bin_counts).map((one) => (Number.isFinite(one) ? one : 0));
  if (edges.length !== counts.length + 1 || !counts.length)
    throw new Error("There must be one more of bin_edges than of bin_counts.");
  const middles = counts.map((_, bin) => (at(edges, bin) + at(edges, bin + 1)) / 2);
  return { edges, counts, middles, total: counts.reduce((sum, one) => sum + one, 0) };
}
