import { describe, expect, it, vi } from "vitest";
import { axis, broken } from "../../js/src/axis";
import { Clock, Staggered } from "../../js/src/clock";
import { csv, field } from "../../js/src/csv";
import {
  age,
  column_decimals,
  duration,
  moment,
  number,
  short_id,
  span,
  ticks,
  with_decimals,
} from "../../js/src/format";
import { picture } from "../../js/src/picture";
import { position, scale_of, ticks_of, value_at } from "../../js/src/scale";
import { by_prefix, search } from "../../js/src/search";
import type { Kept } from "../../js/src/series";
import { smooth, smooth_kept } from "../../js/src/smoothing";

const of = (...values: number[]) => Float64Array.from(values);
const kept = (values: number[], steps = values.map((_, index) => index)): Kept => ({
  points: { step: of(...steps), time: of(...values.map((_, index) => 100 + index)), value: of(...values) },
  ordinal: of(...values.map((_, index) => index)),
  width: 1,
});
const drawn = (...all: Kept[]) => all.map((one, index) => ({ name: `m${index + 1}`, color: index + 1, kept: one }));
const look = { axis: "step", is_log: false, smoothing: 0, started: 100, zoom: null } as const;

describe("Smoothing", () => {
  it("is not drawn to zero at the start", () => {
    expect(Array.from(smooth(of(4, 4, 4), 0.9))).toEqual([4, 4, 4].map((value) => expect.closeTo(value, 12)));
  });
  it("weighs as the formula says", () => {
    const [, second] = smooth(of(1, 2), 0.5);
    expect(second).toBeCloseTo((0.5 * 0.5 * 1 + 0.5 * 2) / (1 - 0.25), 12);
  });
  it("passes over what is not finite", () => {
    const [first, gap, last] = smooth(of(1, Number.NaN, 1), 0.6);
    expect([first, last]).toEqual([1, expect.closeTo(1, 12)]);
    expect(gap).toBeNaN();
  });
});

describe("Smoothing of a thinned series", () => {
  it("does not swing between the extremes of each bucket", () => {
    const thinned: Kept = { ...kept([0, 2, 0, 2, 0, 2]), ordinal: of(0, 3, 8, 11, 16, 19), width: 8 };
    expect(Array.from(smooth_kept(thinned, thinned.points.value, 0.5))).toEqual(Array(6).fill(1));
  });
  it("is the plain one where nothing is left out", () => {
    const whole = kept([1, 2, 3]);
    expect(smooth_kept(whole, whole.points.value, 0.5)).toEqual(smooth(whole.points.value, 0.5));
  });
});

describe("An axis", () => {
  it("breaks the line where it runs backwards", () => {
    const { x, y } = broken(of(0, 1, 0, 1), of(1, 2, 3, 4));
    expect(Array.from(x)).toEqual([0, 1, 0, 0, 1]);
    expect(Array.from(y)).toEqual([1, 2, Number.NaN, 3, 4]);
  });
  it("draws by order, and says so, when all steps are the same", () => {
    const found = axis(kept([1, 2, 3], [7, 7, 7]), "step", null);
    expect(Array.from(found.x)).toEqual([0, 1, 2]);
    expect(found.note).toBe("All points are at step 7: drawn by order.");
  });
  it("counts relative time from the start of the run", () => {
    expect(Array.from(axis(kept([1, 2]), "relative", 90).x)).toEqual([10, 11]);
  });
});

describe("A scale", () => {
  it("holds ±1e308 without overflowing", () => {
    const scale = scale_of(of(-1.7e308, 1.7e308), false);
    expect(scale).not.toBeNull();
    if (!scale) return;
    expect(position(scale, 0)).toBeCloseTo(0.5, 6);
    expect(value_at(scale, 0.5)).toBeCloseTo(0, -300);
    expect(ticks_of(scale, 4).values.length).toBeGreaterThan(1);
  });
  it.each([5, 0, -3, 1e-300])("gives room around the constant %s", (value) => {
    const scale = scale_of(of(value, value), false);
    expect(scale && scale.low < value && value < scale.high).toBe(true);
  });
  it("has nothing to show without a finite value, or a positive one on a log axis", () => {
    expect(scale_of(of(Number.NaN, Number.POSITIVE_INFINITY), false)).toBeNull();
    expect(scale_of(of(-1, 0), true)).toBeNull();
  });

  it("makes room around a lone value on a log axis, however large", () => {
    for (const value of [1e-300, 1, 1e308]) {
      const scale = scale_of(of(value, value), true);
      expect(scale && scale.low < value && scale.low > value / 3 && scale.high > value).toBe(true);
    }
  });
  it("has round ticks", () => {
    expect(ticks_of({ low: 0, high: 8_313, is_log: false }, 4).values).toEqual([0, 2_000, 4_000, 6_000, 8_000]);
    expect(ticks_of({ low: 0.001, high: 1_000, is_log: true }, 4).values).toEqual(
      [0.001, 0.1, 10, 1_000].map((one) => expect.closeTo(one, 9)),
    );
    expect(ticks_of({ low: 0, high: 3_600, is_log: false }, 4, "clock").gap).toBe(900);
  });
});

describe("A picture", () => {
  it("masks and counts what a log scale cannot show", () => {
    const made = picture(drawn(kept([1, 0, -2, 10])), { ...look, is_log: true }, 320, 150);
    expect(made.notices).toEqual(["2 values ≤ 0 cannot be shown on a log scale."]);
    expect(Array.from(made.curves[0]?.raw.y ?? [])).toEqual([1, Number.NaN, Number.NaN, 10]);
  });
  it("marks NaN and ±∞ at their true step", () => {
    const made = picture(
      drawn(kept([1, Number.NaN, 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])),
      look,
      320,
      150,
    );
    expect(made.marks.map(({ kind, step, place }) => [kind, step, place])).toEqual([
      ["NaN", 1, 0.25],
      ["∞", 3, 0.75],
      ["-∞", 4, 1],
    ]);
  });
  it("says when there is nothing finite to draw", () => {
    const made = picture(drawn(kept([Number.NaN, Number.NaN])), look, 320, 150);
    expect(made.notices).toEqual(["No finite value to draw: 2 NaN or ±∞."]);
    expect(made.curves[0]?.raw.y.length).toBe(0);
  });
  it("draws a lone point as a dot in the middle", () => {
    expect(picture(drawn(kept([3])), look, 320, 150).curves[0]?.dots).toEqual([[0.5, 0.5]]);
  });
  it("keeps its scale while zoomed", () => {
    const zoom = { x: { low: 1, high: 2, is_log: false }, y: { low: 0, high: 9, is_log: false } };
    const made = picture(drawn(kept([1, 2, 3, 400])), { ...look, zoom }, 320, 150);
    expect([made.x, made.y]).toEqual([zoom.x, zoom.y]);
  });
  it("has labels that do not touch", () => {
    const made = picture(
      drawn(
        kept(
          Array.from({ length: 100 }, Math.random),
          Array.from({ length: 100 }, (_, i) => i * 1e6),
        ),
      ),
      look,
      260,
      150,
    );
    expect(made.x_ticks.length).toBeGreaterThan(1);
  });
});

describe("Format", () => {
  it.each([
    [1204, "1,204"],
    [0.97312, "0.9731"],
    [0.000012, "1.2e-5"],
    [1204.37, "1,204"],
    [0, "0"],
    [-0.5, "-0.5"],
    [0.000234567, "0.000235"],
    [0.00563, "0.00563"],
    [0.0517, "0.0517"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-∞"],
    [1e308, "1e308"],
    [null, "–"],
  ])("%s as %s", (value, text) => expect(number(value)).toBe(text));
  it("adds digits until two values differ", () => {
    expect(number(0.973121, [0.973128])).toBe("0.97312");
  });
  it("gives all scores of a column the decimals that tell the best ones apart", () => {
    const shown = (values: number[], best: number) => {
      const decimals = column_decimals(values, best);
      return values.map((value) => with_decimals(value, decimals));
    };
    expect(shown([0.9468251, 0.94681, 0.9413], 0.9468251)).toEqual(["0.94683", "0.94681", "0.94130"]);
    expect(shown([0.051686, 0.10416, 12.5], 0.051686)).toEqual(["0.051686", "0.104160", "12.500000"]);
    expect(shown([0.87, 0.9, 1], 1)).toEqual(["0.87", "0.90", "1.00"]);
    expect(shown([3, 4_321], 4_321)).toEqual(["3", "4,321"]);
    expect(shown([1e-7, 2e-5, Number.NaN, Number.POSITIVE_INFINITY], 1e-7)).toEqual(["1e-7", "2e-5", "NaN", "∞"]);
    expect(shown([0.5, 1e-9, 1e12], 0.5)).toEqual(["0.5", "1e-9", "1e12"]);
  });
  it("gives ticks the decimals that they need", () => {
    expect(ticks([0.98, 1, 1.02])).toEqual(["0.98", "1.00", "1.02"]);
    expect(ticks([0, 5_000, 10_000])).toEqual(["0", "5,000", "10,000"]);
    expect(ticks([0, 1e6, 2e6])).toEqual(["0", "1e6", "2e6"]);
  });
  it("durations and ages", () => {
    expect(duration(408)).toBe("0:06:48");
    expect(duration(90_061)).toBe("1 d 1:01:01");
    expect(age(4.2)).toBe("4 s ago");
    expect(span(7_300)).toBe("2 h");
  });
  it("moments of other days with their date", () => {
    const noon = new Date(2026, 9, 12, 16, 40).getTime() / 1_000;
    expect(moment(noon, noon + 60)).toBe("16:40");
    expect(moment(noon, noon + 86_400 * 20)).toBe("12 Oct, 16:40");
  });
  it("short ids", () => expect(short_id("f3a91c07aa11bb22cc33dd44ee55ffe2")).toBe("f3a91c07…e2"));
});

describe("Search", () => {
  it("wants every word, whatever the case", () => {
    expect(search(["train/Loss", "val/loss", "lr"], "LOSS va", (name) => name)).toEqual(["val/loss"]);
  });
  it("is fast over 12,000 names", () => {
    const names = Array.from({ length: 12_000 }, (_, index) => `layer${index}/weight`);
    // The best of a few: a busy machine may have something else to do in between.
    const took = Array.from({ length: 5 }, () => {
      const began = performance.now();
      expect(search(names, "layer119 wei", (name) => name).length).toBeGreaterThan(100);
      return performance.now() - began;
    });
    expect(Math.min(...took)).toBeLessThan(100);
  });
  it("keeps names without a prefix first when they come first", () => {
    expect(by_prefix(["loss", "a/b", "lr", "c/d"]).map(({ prefix }) => prefix)).toEqual(["", "a", "c"]);
  });
  it("groups by what stands before the first slash, without one after those, system last", () => {
    expect(by_prefix(["system/cpu", "a/b/c", "lr", "/odd", "a/d", "b/c"])).toEqual([
      { prefix: "a", names: ["a/b/c", "a/d"] },
      { prefix: "b", names: ["b/c"] },
      { prefix: "", names: ["lr", "/odd"] },
      { prefix: "system", names: ["system/cpu"] },
    ]);
  });
});

describe("CSV", () => {
  it("quotes what needs it and disarms formulas", () => {
    expect(field('say "hi", now')).toBe('"say ""hi"", now"');
    expect(field("=cmd()")).toBe("'=cmd()");
    expect(field("two\nlines")).toBe('"two\nlines"');
    expect(field(-1.5)).toBe("-1.5");
    expect(
      csv([
        ["a", 1],
        [null, Number.NaN],
      ]),
    ).toBe("a,1\r\n,NaN\r\n");
  });
});

describe("Time", () => {
  it("follows the kernel's clock, by the message that travelled least", () => {
    let here = 100;
    const clock = new Clock(() => here);
    clock.hear(150);
    here = 110;
    clock.hear(155);
    expect(clock.now()).toBe(160);
  });
  it("draws charts one after the other, and each only as it is last", () => {
    vi.useFakeTimers();
    const drawn: string[] = [];
    const staggered = new Staggered(40);
    const [one, other] = [{}, {}];
    staggered.add(one, () => drawn.push("old"));
    staggered.add(one, () => drawn.push("one"));
    staggered.add(other, () => drawn.push("other"));
    vi.advanceTimersByTime(1);
    expect(drawn).toEqual(["one"]);
    vi.advanceTimersByTime(40);
    expect(drawn).toEqual(["one", "other"]);
    vi.useRealTimers();
  });
});
