import { describe, expect, it, vi } from "vitest";
import { Cursor } from "../../js/src/cursor";
import { Overlays, partner_of } from "../../js/src/overlays";
import { at_cursor, type Drawn, nearest, picture } from "../../js/src/picture";
import { escaped, type Ink, picture_svg, plot_size, type Sheet } from "../../js/src/picture_svg";
import { file_name } from "../../js/src/saving";
import type { Kept } from "../../js/src/series";

const of = (...values: number[]) => Float64Array.from(values);
const kept = (values: number[], steps = values.map((_, index) => index)): Kept => ({
  points: { step: of(...steps), time: of(...values.map((_, index) => 100 + index)), value: of(...values) },
  ordinal: of(...values.map((_, index) => index)),
  width: 1,
});
const series = (all: Record<string, Kept>): Drawn[] =>
  Object.entries(all).map(([name, one], index) => ({ name, color: index + 1, kept: one }));
const look = { axis: "step", is_log: false, smoothing: 0, started: 100, zoom: null } as const;

describe("A picture of several series", () => {
  const made = picture(series({ a: kept([1, 2, 3]), b: kept([10, 20, 30, 40], [0, 2, 4, 6]) }), look, 320, 150);
  it("has one pair of axes for all of them", () => {
    expect([made.x.low, made.x.high]).toEqual([0, 6]);
    expect(made.y.low).toBeLessThan(1);
    expect(made.y.high).toBeGreaterThan(40);
    expect(made.curves.map(({ name, color }) => [name, color])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });
  it("says when a linear axis would flatten some of them, and a log axis would not", () => {
    const uneven = (...all: number[][]) => {
      const named = Object.fromEntries(all.map((values, index) => [String(index), kept(values)]));
      return [false, true].map((is_log) => picture(series(named), { ...look, is_log }, 320, 150).is_uneven);
    };
    expect(uneven([1, 2], [150, 300])).toEqual([true, false]);
    expect(uneven([1, 2], [150, 190])).toEqual([false, false]);
    expect(uneven([1, 2], [-150, 900])).toEqual([false, false]);
    expect(uneven([1, 900])).toEqual([false, false]);
  });
  it("counts by order only while all of them tell nothing but order", () => {
    const flat = kept([1, 2, 3], [7, 7, 7]);
    expect(picture(series({ flat }), look, 320, 150).unit).toBe("order");
    const mixed = picture(series({ flat, stepped: kept([1, 2, 3]) }), look, 320, 150);
    expect([mixed.unit, [...(mixed.curves[0]?.points.x ?? [])]]).toEqual(["step", [7, 7, 7]]);
  });
  it("begins relative time where the first of them begins", () => {
    const late = { ...kept([1, 2]), points: { step: of(0, 1), time: of(150, 151), value: of(1, 2) } };
    const both = picture(series({ a: kept([1, 2]), late }), { ...look, axis: "relative", started: null }, 320, 150);
    expect(both.curves.map(({ points }) => points.x[0])).toEqual([0, 50]);
  });
  it("has room for the words of its axis, as far as a third of it goes", () => {
    // Seconds since 1970, as Ray logs them.
    const clock = picture(series({ timestamp: kept([1_795_578_967, 1_795_578_971]) }), look, 320, 150);
    const longest = Math.max(...clock.y_ticks.map(({ label }) => label.length));
    expect(longest).toBeGreaterThan(12);
    expect(clock.margin.left).toBeGreaterThan(6.4 * longest);
    expect(picture(series({ timestamp: kept([1_795_578_967, 1_795_578_971]) }), look, 200, 150).margin.left).toBe(84);
  });
  it("marks what has no place in the colour of its series", () => {
    const odd = picture(series({ a: kept([1, 2]), b: kept([1, Number.NaN]) }), look, 320, 150);
    expect(odd.marks.map(({ kind, color }) => [kind, color])).toEqual([["NaN", 2]]);
  });
});

describe("The nearest point", () => {
  const curve = (x: number[]) =>
    picture(
      series({
        a: kept(
          x.map(() => 1),
          x,
        ),
      }),
      look,
      320,
      150,
    ).curves[0]?.points;
  const found = (x: number[], wanted: number) => {
    const points = curve(x);
    if (!points) throw new Error("no curve");
    return nearest(points, wanted);
  };
  it("is found between, before and after the points", () => {
    const x = [0, 10, 20, 30];
    expect([-5, 0, 4, 6, 20, 26, 99].map((wanted) => found(x, wanted))).toEqual([0, 0, 0, 1, 2, 3, 3]);
  });
  it("is the last one of those at one place", () => expect(found([0, 1, 1, 1, 2], 1)).toBe(3));
  it("is found where x runs backwards", () => expect(found([5, 6, 7, 0, 1, 2], 1.2)).toBe(4));
  it("is what looking at all of them finds, and needs few looks", () => {
    const x = Array.from({ length: 2_000 }, (_, index) => index * index);
    for (const wanted of [0, 17, 999_983, 3_996_001]) {
      const best = x.reduce((least, one, index) => {
        const known = x[least] ?? 0;
        return Math.abs(one - wanted) < Math.abs(known - wanted) ? index : least;
      }, 0);
      expect(found(x, wanted)).toBe(best);
    }
    const points = curve(x);
    let looks = 0;
    const watched = new Proxy(points?.x ?? of(), {
      get: (all, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) looks++;
        const value = Reflect.get(all, key);
        return typeof value === "function" ? value.bind(all) : value;
      },
    });
    if (points) nearest({ ...points, x: watched }, 999_983);
    expect(looks).toBeLessThan(20);
  });
  it("is none where the series has no points", () => {
    const made = picture(series({ a: kept([1, 1, 1], [0, 50, 100]), b: kept([1, 1], [0, 50]) }), look, 320, 150);
    const [a, b] = made.curves;
    if (!a || !b) throw new Error("no curves");
    expect([at_cursor(made, a, 100), at_cursor(made, b, 51), at_cursor(made, b, 100)]).toEqual([2, 1, -1]);
    expect(nearest({ ...b.points, x: of(), order: null }, 3)).toBe(-1);
  });
});

describe("A cursor", () => {
  it("is told once a frame, as it was last", () => {
    const frames: (() => void)[] = [];
    vi.stubGlobal("requestAnimationFrame", (tell: () => void) => frames.push(tell));
    const cursor = new Cursor();
    const told: unknown[] = [];
    cursor.at.subscribe((place) => told.push(place?.x ?? null));
    for (const x of [1, 2, 3]) cursor.point({ x, unit: "step" });
    expect([frames.length, told]).toEqual([1, [null]]);
    frames.pop()?.();
    cursor.point({ x: 3, unit: "step" });
    frames.pop()?.();
    expect(told).toEqual([null, 3]);
    cursor.point(null);
    frames.pop()?.();
    expect(told).toEqual([null, 3, null]);
    vi.unstubAllGlobals();
  });
});

describe("Overlays", () => {
  it("give each metric a colour that it keeps, and have room for six series", () => {
    const overlays = new Overlays();
    for (const name of ["b", "c", "d", "e", "f"]) expect(overlays.toggle("a", name)).toBe(true);
    expect(overlays.toggle("a", "g")).toBe(false);
    overlays.toggle("a", "c");
    expect(overlays.toggle("a", "g")).toBe(true);
    expect(Object.fromEntries(overlays.of("a").map(({ name, color }) => [name, color]))).toEqual({
      b: 2,
      g: 3,
      d: 4,
      e: 5,
      f: 6,
    });
    expect([overlays.toggle("x", "x"), overlays.of("x").length]).toEqual([false, 0]);
  });
  it.each([
    ["train/loss", ["val/loss", "loss"], "val/loss"],
    ["val/loss", ["test/loss", "train/loss"], "train/loss"],
    ["val_loss", ["loss", "accuracy"], "loss"],
    ["loss", ["eval_loss", "loss_scale"], "eval_loss"],
    ["Train Accuracy", ["validation accuracy"], "validation accuracy"],
    ["metrics.training.f1", ["metrics.valid.f1"], "metrics.valid.f1"],
    ["training_speed", ["val_loss"], null],
    ["trainer/lr", ["valer/lr"], null],
    ["learning_rate", ["val_loss"], null],
  ])("suggest for %s of %j: %s", (name, names, partner) => {
    expect(partner_of(name, [name, ...names])).toBe(partner);
  });
});

const ink: Ink = {
  paper: "#ffffff",
  ink: "#111111",
  quiet: "#555555",
  line: "#dddddd",
  bad: "#bb0000",
  series: ["#0000ff", "#ff8800", "#00aa66"],
};
const sheet = (title: string): Sheet => ({ title, subtitle: "trial · digits", width: 760, height: 430, ink });

describe("A chart as SVG", () => {
  const drawn = (all: Drawn[], title = "loss", more: object = {}) => {
    const size = plot_size(sheet(title), all);
    return picture_svg(picture(all, { ...look, ...more }, size.width, size.height), sheet(title));
  };
  const parsed = (text: string) => {
    const read = new DOMParser().parseFromString(text, "image/svg+xml");
    expect(read.querySelector("parsererror")).toBeNull();
    return read;
  };
  it("has title, ticks, a line and a legend of its own", () => {
    const text = drawn(
      series({ loss: kept([3, 2, 1, 2, 1, 2]), "val/loss": kept([3, 2, 2, 1, 2, 1]) }),
      "loss, val/loss",
      {
        smoothing: 0.5,
      },
    );
    const read = parsed(text);
    const words = [...read.querySelectorAll("text")].map((one) => one.textContent);
    expect(words).toEqual(
      expect.arrayContaining(["loss, val/loss", "trial · digits", "loss", "val/loss", "step", "0", "5"]),
    );
    const paths = [...read.querySelectorAll("path")].map((one) => [
      one.getAttribute("stroke"),
      one.getAttribute("stroke-opacity"),
    ]);
    expect(paths).toEqual([
      ["#0000ff", "0.28"],
      ["#ff8800", "0.28"],
      ["#0000ff", null],
      ["#ff8800", null],
    ]);
  });
  it("keeps hostile names text, and needs nothing from elsewhere", () => {
    const name = `</text><script>alert("1")</script>&amp;<image href='https://x.test/'/>\u0000\ud800 <style>`;
    const text = drawn(series({ [name]: kept([1, 2]), b: kept([1, 2]) }), name);
    const read = parsed(text);
    expect(read.querySelectorAll("script, image, style, foreignObject, use, a").length).toBe(0);
    expect(text).not.toMatch(/<script|<image|<style|var\(|@import/);
    expect([...text].filter((sign) => sign === "\u0000" || sign === "\ud800")).toEqual([]);
    expect(read.querySelector("text")?.textContent).toContain("</text><script>");
    // The only address outside of text is that of the namespace.
    const markup = text.replace(/>[^<]*</g, "><");
    expect(markup.match(/\w+:\/\/[^"]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
  });
  it("stays within itself where values do not", () => {
    const odd = [1, Number.NaN, Number.POSITIVE_INFINITY, -1e308, 1e308];
    const text = drawn(series({ odd: kept(odd) }));
    expect(text).not.toMatch(/NaN"|Infinity|undefined/);
    expect(parsed(text).querySelectorAll("path").length).toBe(1);
    expect(parsed(drawn(series({ none: kept([Number.NaN]) }))).querySelectorAll("path").length).toBe(0);
  });
  it("escapes what markup means", () => {
    expect(escaped(`<a b="c">&\u0007😀\udc00`)).toBe("&lt;a b=&quot;c&quot;&gt;&amp;😀");
  });
});

describe("The name of a file", () => {
  it.each([
    ["train/loss", "train-loss.svg"],
    ["../../etc/passwd", "etc-passwd.svg"],
    ["损失 α", "损失-α.svg"],
    ['a<b>:"|?*\\c', "a-b-c.svg"],
    ["...", "chart.svg"],
    ["x".repeat(300), `${"x".repeat(80)}.svg`],
  ])("of %s", (metric, file) => expect(file_name(metric, "svg")).toBe(file));
});
