import type { Goal } from "../contract";
import type { Field } from "./fields";
import { is_sound } from "./fields";
import type { Cell, Child } from "./store";

export interface Sorting {
  key: string;
  is_down: boolean;
}

type Rank = number | string | null;

/** What a row is sorted by; null sorts last, whatever the direction. */
function rank(cell: Cell): Rank {
  if (cell === undefined || cell === "" || (typeof cell === "number" && Number.isNaN(cell))) return null;
  return cell;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(one: Rank, other: Rank, is_down: boolean): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
  const found =
    typeof one === "number" && typeof other === "number"
      ? one - other || (one === other ? 0 : one < other ? -1 : 1)
      : typeof one === typeof other
        ? collator.compare(String(one), String(other))
        : typeof one === "number"
          ? -1
          : 1;
  return is_down ? -found : found;
}

/**
 * Rows by several columns, the first first. What is no number comes last whatever the direction, and so do runs that
 * failed, unless they are to keep their place.
 */
export function sorted(
  rows: readonly Child[],
  sorting: readonly Sorting[],
  fields: readonly Field[],
  is_failed_last = true,
): Child[] {
  const chosen = sorting.flatMap(({ key, is_down }) => {
    const field = fields.find((one) => one.key === key);
    return field ? [{ field, is_down }] : [];
  });
  if (!chosen.length) return [...rows];
  const keyed = rows.map((child, index) => ({
    child,
    index,
    is_last: is_failed_last && !is_sound(child),
    ranks: chosen.map(({ field }) => rank(field.of(child))),
  }));
  keyed.sort((one, other) => {
    if (one.is_last !== other.is_last) return one.is_last ? 1 : -1;
    for (let place = 0; place < chosen.length; place++) {
      const found = compare(one.ranks[place] ?? null, other.ranks[place] ?? null, chosen[place]?.is_down ?? false);
      if (found) return found;
    }
    return one.index - other.index;
  });
  return keyed.map(({ child }) => child);
}

/** Whether `one` is better than `other`. */
export const is_better = (one: number, other: number, goal: Goal): boolean =>
  goal === "min" ? one < other : one > other;

/**
 * The best value up to each place; NaN before the first number. What is no number is never best, and neither is ±∞.
 * The same as `running_best` in `src/rundetails/choosing/best.py`.
 */
export function running_best(values: readonly (number | undefined)[], goal: Goal): Float64Array {
  let best = Number.NaN;
  return Float64Array.from(values, (value) => {
    if (value !== undefined && Number.isFinite(value) && (Number.isNaN(best) || is_better(value, best, goal)))
      best = value;
    return best;
  });
}

/** Place of the best value, the first of equals; -1 when there is none. */
export function best_place(values: readonly (number | undefined)[], goal: Goal): number {
  let best = -1;
  values.forEach((value, place) => {
    if (value === undefined || !Number.isFinite(value)) return;
    if (best < 0 || is_better(value, values[best] ?? Number.NaN, goal)) best = place;
  });
  return best;
}

/** How many came after the last improvement; null when there was none. */
export function since_improvement(values: readonly (number | undefined)[], goal: Goal): number | null {
  const best = best_place(values, goal);
  return best < 0 ? null : values.length - 1 - best;
}

export interface Group {
  label: string;
  count: number;
  best: number | null;
  median: number | null;
  /** Seconds spent. */
  seconds: number;
}

/** Rows by a label, the one with the best value first. */
export function groups(
  rows: readonly { label: string; value: number | undefined; seconds: number | undefined }[],
  goal: Goal,
): Group[] {
  const found = new Map<string, { values: number[]; count: number; seconds: number }>();
  for (const { label, value, seconds } of rows) {
    const group = found.get(label) ?? { values: [], count: 0, seconds: 0 };
    group.count++;
    group.seconds += seconds ?? 0;
    if (value !== undefined && Number.isFinite(value)) group.values.push(value);
    found.set(label, group);
  }
  const listed = [...found].map(([label, { values, count, seconds }]): Group => {
    const ordered = values.sort((one, other) => (goal === "min" ? one - other : other - one));
    const middle = ordered.length >> 1;
    const median = ordered.length % 2 ? ordered[middle] : ((ordered[middle - 1] ?? 0) + (ordered[middle] ?? 0)) / 2;
    return { label, count, best: ordered[0] ?? null, median: ordered.length ? (median ?? null) : null, seconds };
  });
  return listed.sort(
    (one, other) => compare(one.best, other.best, goal === "max") || one.label.localeCompare(other.label),
  );
}

/** The rows as a tree: each followed by those below it, and how deep it lies. */
export function tree(
  rows: readonly Child[],
  folded: ReadonlySet<string>,
): { child: Child; depth: number; below: number }[] {
  const here = new Set(rows.map(({ id }) => id));
  const by_parent = new Map<string, Child[]>();
  const tops: Child[] = [];
  for (const child of rows) {
    if (child.parent === null || !here.has(child.parent)) tops.push(child);
    else by_parent.set(child.parent, [...(by_parent.get(child.parent) ?? []), child]);
  }
  const found: { child: Child; depth: number; below: number }[] = [];
  const put = (child: Child, depth: number) => {
    const inner = by_parent.get(child.id) ?? [];
    found.push({ child, depth, below: inner.length });
    if (!folded.has(child.id) && depth < 50) for (const one of inner) put(one, depth + 1);
  };
  for (const child of tops) put(child, 0);
  return found;
}

/** Points that none beats in both directions, by x. The same as `pareto_front` in `src/rundetails/choosing/pareto.py`. */
export function pareto_front<Point extends { x: number; y: number }>(
  points: readonly Point[],
  goal_x: Goal,
  goal_y: Goal,
): Point[] {
  const cost = ({ x, y }: Point) => [goal_x === "min" ? x : -x, goal_y === "min" ? y : -y] as const;
  const ordered = points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .map((point) => ({ point, cost: cost(point) }))
    .sort((one, other) => one.cost[0] - other.cost[0] || one.cost[1] - other.cost[1]);
  const found: Point[] = [];
  let least = Number.POSITIVE_INFINITY;
  let last: readonly [number, number] | null = null;
  for (const {
    point,
    cost: [across, up],
  } of ordered) {
    const is_same = last !== null && last[0] === across && last[1] === up;
    if (up >= least && !is_same) continue;
    found.push(point);
    [least, last] = [up, [across, up]];
  }
  return found.sort((one, other) => one.x - other.x);
}

/** A step of a pipeline. */
export interface Step {
  id: string;
  label: string;
  /** Labels of those that it waits for. */
  after: readonly string[];
}

/** How many steps lie before each one at most: 0 for those that wait for nobody. Steps that wait for each other stay. */
export function depths(all: readonly Step[]): Map<string, number> {
  const by_label = new Map(all.map((step) => [step.label, step]));
  const found = new Map<string, number>();
  const depth = (step: Step, above: readonly string[]): number => {
    const known = found.get(step.id);
    if (known !== undefined) return known;
    let deepest = -1;
    for (const label of step.after) {
      const before = by_label.get(label);
      if (before && !above.includes(before.id) && before.id !== step.id)
        deepest = Math.max(deepest, depth(before, [...above, step.id]));
    }
    found.set(step.id, deepest + 1);
    return deepest + 1;
  };
  for (const step of all) depth(step, []);
  return found;
}
