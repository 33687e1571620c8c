import type { Goal } from "../contract";
import { running_best } from "./ranking";

/** One row of a chart of scores. */
export interface Score {
  id: string;
  x: number;
  y: number;
}

/** Dots that are drawn at most: the best and the worst of long stretches stay. */
export const DOTS = 1_500;

/**
 * Fewer scores, in order: most of them at even distances, so that they lie as densely as all do, and the lowest and
 * highest of each stretch.
 */
export function thinned(scores: readonly Score[], most = DOTS): readonly Score[] {
  if (scores.length <= most) return scores;
  const kept = new Set<number>();
  const every = scores.length / (0.8 * most);
  for (let place = 0; place < scores.length; place += every) kept.add(Math.floor(place));
  const wide = Math.ceil(scores.length / (0.1 * most));
  for (let from = 0; from < scores.length; from += wide) {
    let [low, high] = [from, from];
    const end = Math.min(scores.length, from + wide);
    for (let place = from; place < end; place++) {
      if ((scores[place]?.y ?? 0) < (scores[low]?.y ?? 0)) low = place;
      if ((scores[place]?.y ?? 0) > (scores[high]?.y ?? 0)) high = place;
    }
    kept.add(low).add(high);
  }
  return scores.filter((_, place) => kept.has(place));
}

/** The best so far as a line of steps: only where it changes, and at both ends. */
export function steps(scores: readonly Score[], goal: Goal): { x: Float64Array; y: Float64Array } {
  const best = running_best(
    scores.map(({ y }) => y),
    goal,
  );
  const x: number[] = [];
  const y: number[] = [];
  scores.forEach((score, place) => {
    const here = best[place] ?? Number.NaN;
    if (Number.isNaN(here)) return;
    const before = y[y.length - 1];
    if (before !== undefined && before !== here) {
      x.push(score.x);
      y.push(before);
    }
    if (before !== here || place === scores.length - 1) {
      x.push(score.x);
      y.push(here);
    }
  });
  return { x: Float64Array.from(x), y: Float64Array.from(y) };
}

/** The range of scores that is shown: all, or without the worst few where these would flatten the rest. */
export function score_range(scores: readonly Score[], goal: Goal): { range: [number, number]; hidden: number } {
  const ordered = scores.map(({ y }) => y).sort((one, other) => (goal === "min" ? one - other : other - one));
  const [best = 0] = ordered;
  const worst = ordered[ordered.length - 1] ?? best;
  const most = ordered[Math.floor(0.95 * (ordered.length - 1))] ?? worst;
  const is_flat = ordered.length >= 20 && Math.abs(worst - best) > 6 * Math.abs(most - best) && most !== best;
  const end = is_flat ? most : worst;
  const hidden = is_flat ? ordered.filter((value) => (goal === "min" ? value > end : value < end)).length : 0;
  const room = Math.abs(best - end) * 0.06 || Math.abs(best) * 0.05 || 0.5;
  return { range: [Math.min(best, end) - room, Math.max(best, end) + room], hidden };
}
