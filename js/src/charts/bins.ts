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

/** A bin at an end that is so many times as wide as its neighbour holds all rows beyond. */
const WIDE = 2;

/** Which end bins hold all rows beyond: the first, the last. */
export function open_ends({ edges, counts }: Bins): [boolean, boolean] {
  const width = (bin: number) => at(edges, bin + 1) - at(edges, bin);
  const last = counts.length - 1;
  return last < 2 ? [false, false] : [width(0) > WIDE * width(1), width(last) > WIDE * width(last - 1)];
}

/** Where bins are drawn: those that hold all rows beyond as wide as their neighbours, or they would look like most. */
export function drawn_edges(bins: Bins): Float64Array {
  const found = bins.edges.slice();
  const last = bins.counts.length;
  const [first_is_open, last_is_open] = open_ends(bins);
  if (first_is_open) found[0] = 2 * at(found, 1) - at(found, 2);
  if (last_is_open) found[last] = 2 * at(found, last - 1) - at(found, last - 2);
  return found;
}
