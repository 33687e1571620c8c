import { describe, expect, it } from "vitest";
import { KEPT_IN_PAGE, type Kept, Series, Stats, thin, thin_to } from "../../js/src/series";
import series from "./recorded/series.json";

type Plain = (number | string)[];
interface PlainKept {
  step: Plain;
  time: Plain;
  value: Plain;
  ordinal: Plain;
  width: number;
}
interface Case {
  points: PlainKept;
  thin: Record<string, PlainKept>;
  thin_twice: PlainKept;
  thin_to: Record<string, PlainKept>;
  stats: Record<string, number | string | null>;
  stats_in_parts: Record<string, number | string | null>;
}

const recorded = series as unknown as Record<string, Case>;
const number = (text: number | string) =>
  text === "inf" ? Number.POSITIVE_INFINITY : text === "-inf" ? Number.NEGATIVE_INFINITY : Number(text);
const floats = (plain: Plain) => Float64Array.from(plain, number);
const kept = (plain: PlainKept): Kept => ({
  points: { step: floats(plain.step), time: floats(plain.time), value: floats(plain.value) },
  ordinal: floats(plain.ordinal),
  width: plain.width,
});
const facts = (stats: Stats) => ({ ...stats });
const numbers = (plain: Record<string, number | string | null>) =>
  Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, value === null ? null : number(value)]));

describe.each(Object.entries(recorded))("Python's %s", (_, one) => {
  const whole = kept(one.points);

  it.each(Object.entries(one.thin))("is thinned alike to buckets of %s", (width, expected) => {
    expect(thin(whole, Number(width))).toEqual(kept(expected));
  });
  it("is thinned alike in two steps", () => {
    expect(thin(thin(whole, 4), 32)).toEqual(kept(one.thin_twice));
  });
  it.each(Object.entries(one.thin_to))("is thinned alike to %s points", (limit, expected) => {
    expect(thin_to(whole, Number(limit))).toEqual(kept(expected));
  });
  it("has the same numbers, at once and in parts", () => {
    const at_once = new Stats();
    at_once.add(whole.points);
    expect(facts(at_once)).toEqual(numbers(one.stats));
    const in_parts = new Stats();
    const { step, time, value } = whole.points;
    for (let from = 0; from < step.length; from += 33)
      in_parts.add({
        step: step.slice(from, from + 33),
        time: time.slice(from, from + 33),
        value: value.slice(from, from + 33),
      });
    expect(facts(in_parts)).toEqual(numbers(one.stats_in_parts));
  });
});

describe("A series in the page", () => {
  const empty = { id: 1, name: "loss", goal: null, count: 0, kept: 0, width: 1 } as const;
  const none = [new Float64Array(0), new Float64Array(0), new Float64Array(0), new Float64Array(0)];

  it("stays bounded, counts what it was given, and keeps a spike", () => {
    const one_series = new Series(empty, none);
    for (let tick = 0; tick < 500; tick++) {
      const step = Float64Array.from({ length: 100 }, (_, index) => tick * 100 + index);
      one_series.append(
        step,
        step,
        step.map((one) => (one === 12_345 ? 99 : Math.sin(one))),
      );
    }
    expect(one_series.count).toBe(50_000);
    expect(one_series.kept.ordinal.length).toBeLessThanOrEqual(KEPT_IN_PAGE);
    expect(one_series.is_thinned).toBe(true);
    expect(one_series.stats.max_step).toBe(12_345);
    const { step, value } = one_series.kept.points;
    expect(step[value.indexOf(99)]).toBe(12_345);
    expect(step[step.length - 1]).toBe(49_999);
  });

  it("goes on from the kernel's numbers", () => {
    const stats = { last: "NaN", last_step: 9, min: -1, min_step: 2, max: 5, max_step: 3, not_finite: 1 };
    const one = (value: number) => Float64Array.of(value);
    const one_series = new Series({ ...empty, count: 10, kept: 1, width: 16, stats }, [
      one(9),
      one(90),
      one(Number.NaN),
      one(9),
    ]);
    one_series.append(one(10), one(100), one(7));
    expect(one_series.stats).toMatchObject({ count: 11, last: 7, last_step: 10, max: 7, min: -1, not_finite: 1 });
  });
});
