import { at, joined } from "./arrays";
import type { SeriesFacts, Stats as StatsFacts } from "./contract";

/** Points of a series that the page keeps at most. */
export const KEPT_IN_PAGE = 2_000;

/** Points of one metric, in the order in which the store received them. */
export interface Points {
  step: Float64Array;
  /** Seconds since 1970. */
  time: Float64Array;
  value: Float64Array;
}

/** Some points of a series, and their places among all of its points. */
export interface Kept {
  points: Points;
  ordinal: Float64Array;
  /** Of each `width` consecutive points the lowest, the highest and the first not finite are here; 1: all are. */
  width: number;
}

function taken(kept: Kept, chosen: readonly number[], width: number): Kept {
  const pick = (column: Float64Array) => Float64Array.from(chosen, (index) => at(column, index));
  const { step, time, value } = kept.points;
  return {
    points: { step: pick(step), time: pick(time), value: pick(value) },
    ordinal: pick(kept.ordinal),
    width,
  };
}

/**
 * Of each bucket of `width` ordinals the first lowest, the first highest, the first not finite; and the last point.
 * The same as `thin` in `src/rundetails/series.py`; recorded cases hold both to it.
 */
export function thin(kept: Kept, width: number): Kept {
  const { ordinal, points } = kept;
  const length = ordinal.length;
  if (width <= kept.width || length === 0) return kept;
  const chosen: number[] = [];
  let start = 0;
  while (start < length) {
    const bucket = Math.floor(at(ordinal, start) / width);
    let lowest = -1;
    let highest = -1;
    let odd = -1;
    let end = start;
    for (; end < length && Math.floor(at(ordinal, end) / width) === bucket; end++) {
      const value = at(points.value, end);
      if (!Number.isFinite(value)) {
        if (odd < 0) odd = end;
        continue;
      }
      if (lowest < 0 || value < at(points.value, lowest)) lowest = end;
      if (highest < 0 || value > at(points.value, highest)) highest = end;
    }
    const found = new Set([lowest, highest, odd].filter((index) => index >= 0));
    chosen.push(...[...found].sort((one, other) => one - other));
    start = end;
  }
  if (chosen[chosen.length - 1] !== length - 1) chosen.push(length - 1);
  return taken(kept, chosen, width);
}

/** Thinned by the smallest power of two that leaves at most `limit` points (at least 4). */
export function thin_to(kept: Kept, limit: number): Kept {
  const most = Math.max(limit, 4);
  let { width } = kept;
  let thinned = kept;
  while (thinned.ordinal.length > most) {
    // No bucket is empty: a width that makes more buckets than `limit` need not be tried.
    const span = at(thinned.ordinal, thinned.ordinal.length - 1) - at(thinned.ordinal, 0);
    width = Math.max(2 * width, 2 ** Math.ceil(Math.log2(span / most)));
    thinned = thin(thinned, width);
  }
  return thinned;
}

/** NaN sorts below everything, as in MLflow's own "latest". */
const order = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);

/** Exact numbers over all points that a series has seen. Null where no point says. */
export class Stats {
  count = 0;
  last: number | null = null;
  last_step: number | null = null;
  last_time: number | null = null;
  min: number | null = null;
  min_step: number | null = null;
  max: number | null = null;
  max_step: number | null = null;
  not_finite = 0;

  static of(facts: StatsFacts, count: number, points: Points): Stats {
    const stats = new Stats();
    stats.count = count;
    stats.last = facts.last === null ? null : Number(facts.last);
    stats.last_step = facts.last_step;
    stats.min = facts.min;
    stats.min_step = facts.min_step;
    stats.max = facts.max;
    stats.max_step = facts.max_step;
    stats.not_finite = facts.not_finite;
    // The time of the last value does not travel: the kept points know it, since thinning keeps the last point.
    for (let index = 0; index < points.step.length; index++) {
      if (at(points.step, index) === facts.last_step)
        stats.last_time = Math.max(stats.last_time ?? Number.NEGATIVE_INFINITY, at(points.time, index));
    }
    return stats;
  }

  add({ step, time, value }: Points): void {
    this.count += value.length;
    this.not_finite += value.filter((point) => !Number.isFinite(point)).length;
    this.note({ step, time, value });
  }

  /** Takes the values into account, but does not count the points: they come again, with others. */
  note({ step, time, value }: Points): void {
    for (let index = 0; index < value.length; index++) {
      const point = at(value, index);
      const here = at(step, index);
      if (Number.isFinite(point)) {
        if (this.min === null || point < this.min) [this.min, this.min_step] = [point, here];
        if (this.max === null || point > this.max) [this.max, this.max_step] = [point, here];
      }
      if (this.is_latest(here, at(time, index), point))
        [this.last_step, this.last_time, this.last] = [here, at(time, index), point];
    }
  }

  private is_latest(step: number, time: number, value: number): boolean {
    if (this.last === null || this.last_step === null) return true;
    if (step !== this.last_step) return step > this.last_step;
    const before = this.last_time ?? Number.NEGATIVE_INFINITY;
    return time !== before ? time > before : order(value) >= order(this.last);
  }
}

/** One metric as the page remembers it: a bounded copy of its points and exact numbers about all of them. */
export class Series {
  readonly id: number;
  readonly name: string;
  readonly goal: SeriesFacts["goal"];
  kept: Kept;
  stats: Stats;
  /** Whether the store has points that were not read, because nobody saw the chart. */
  is_behind: boolean;

  constructor(facts: SeriesFacts, [step, time, value, ordinal]: readonly Float64Array[]) {
    this.id = facts.id;
    this.name = facts.name;
    this.goal = facts.goal;
    this.is_behind = facts.is_behind ?? false;
    const none = new Float64Array(0);
    const points = { step: step ?? none, time: time ?? none, value: value ?? none };
    this.kept = { points, ordinal: ordinal ?? none, width: facts.width };
    if (facts.stats) this.stats = Stats.of(facts.stats, facts.count, points);
    else {
      this.stats = new Stats();
      this.stats.add(points);
    }
    this.bound();
  }

  /** Points behind it, kept here or not. */
  get count(): number {
    return this.stats.count;
  }

  /** Whether points are left out of the copy. */
  get is_thinned(): boolean {
    return this.kept.ordinal.length < this.count;
  }

  note_latest(step: number, time: number, value: number): void {
    this.is_behind = true;
    this.stats.note({ step: Float64Array.of(step), time: Float64Array.of(time), value: Float64Array.of(value) });
  }

  append(step: Float64Array, time: Float64Array, value: Float64Array): void {
    const ordinal = Float64Array.from(value, (_, index) => this.count + index);
    const { points } = this.kept;
    this.is_behind = false;
    this.stats.add({ step, time, value });
    this.kept = {
      points: {
        step: joined(points.step, step),
        time: joined(points.time, time),
        value: joined(points.value, value),
      },
      ordinal: joined(this.kept.ordinal, ordinal),
      width: this.kept.width,
    };
    this.bound();
  }

  private bound(): void {
    if (this.kept.ordinal.length <= KEPT_IN_PAGE) return;
    // What was appended since the last thinning is whole: first bring all of it to the width that holds already.
    this.kept = thin_to(thin({ ...this.kept, width: 1 }, this.kept.width), KEPT_IN_PAGE);
  }
}
