import { h, render } from "preact";
import { describe, expect, it } from "vitest";
import type { Field } from "../../js/src/children/fields";
import { Newest } from "../../js/src/clock";
import { columns_within, is_cut, ROW } from "../../js/src/panels/child_layout";
import { drawn, useChildScroll } from "../../js/src/panels/child_scroll";

describe("rows that are drawn", () => {
  it("are those in sight and some around them", () => {
    const places = drawn(1_000 * ROW, 10 * ROW);
    for (let place = 995; place < 1_015; place++) expect(places).toContain(place);
    expect(new Set(places).size).toBe(places.length);
    expect(drawn(0, 10 * ROW)).toEqual(Array.from({ length: 21 }, (_, place) => place));
  });

  it("keep their slot while the reader scrolls", () => {
    const before = drawn(1_000 * ROW, 10 * ROW);
    const after = drawn(1_003 * ROW, 10 * ROW);
    const stayed = after.filter((place, slot) => before[slot] === place);
    expect(stayed.length).toBe(after.length - 3);
  });
});

describe("the list", () => {
  it("is scrolled to where it was, or to its beginning, before the reader can scroll it", () => {
    const element = document.createElement("div");
    const kept = { scrolled: 10 * ROW };
    const List = ({ asked }: { asked: string }) => h("div", { ref: useChildScroll([], asked, kept).box });
    render(h(List, { asked: "by name" }), element);
    expect(element.firstElementChild?.scrollTop).toBe(10 * ROW);
    render(h(List, { asked: "by loss" }), element);
    expect(element.firstElementChild?.scrollTop).toBe(0);
    render(null, element);
  });
});

describe("columns that are drawn", () => {
  const widths = Array.from({ length: 30 }, () => 100);

  it("are those in sight and some beside them", () => {
    const { from, end, before } = columns_within(widths, 1_000, 1_500);
    expect(34 + before).toBeLessThanOrEqual(1_000);
    expect(before).toBe(100 * from);
    expect(end - from).toBeLessThan(12);
    expect(34 + 100 * end).toBeGreaterThanOrEqual(1_500);
  });

  it("are all of them where the width is not known", () => {
    expect(columns_within(widths, 0, Number.POSITIVE_INFINITY)).toEqual({ from: 0, end: 30, before: 0 });
    // Two pinned ones are drawn anyway, and stand before all others.
    const beside = columns_within(widths, 1_000, 1_500, 2);
    expect(beside.from).toBeGreaterThanOrEqual(2);
    expect(beside.before).toBe(widths.slice(2, beside.from).reduce((sum, width) => sum + width, 0));
    // Where all are pinned none is left: it would be drawn twice.
    expect(columns_within(widths.slice(0, 2), 0, 500, 2)).toEqual({ from: 2, end: 2, before: 0 });
    expect(columns_within([], 0, 500)).toEqual({ from: 0, end: 0, before: 0 });
  });
});

describe("a cell is cut off", () => {
  const field = (key: string): Field => ({ key, title: key, kind: "parameter", name: key, of: () => undefined });

  it("only where its words may not fit", () => {
    expect(is_cut(field("parameter:lr"), 0.00012345678, 104)).toBe(false);
    expect(is_cut(field("parameter:lr"), 0.00012345678, 60)).toBe(true);
    expect(is_cut(field("number"), 12, 86)).toBe(false);
    expect(is_cut(field("parameter:optimizer"), "adam", 104)).toBe(false);
    expect(is_cut(field("parameter:optimizer"), "stochastic gradient descent", 104)).toBe(true);
    expect(is_cut(field("status"), "Completed", 112)).toBe(false);
    expect(is_cut(field("parameter:lr"), undefined, 44)).toBe(false);
  });
});

describe("work of which only the newest counts", () => {
  it("runs one at a time and forgets what newer work made needless", async () => {
    const done: number[] = [];
    const work = new Newest(() => 1);
    let finish: () => void = () => {};
    const add = (number: number) =>
      work.add(async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        done.push(number);
      });
    for (const number of [1, 2, 3]) add(number);
    for (let turn = 0; turn < 2; turn++) {
      finish();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(done).toEqual([1, 3]);
  });

  it("rests for its share of the time", async () => {
    const begun: number[] = [];
    const work = new Newest(() => 0.2);
    const add = () =>
      work.add(async () => {
        begun.push(performance.now());
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
    add();
    add();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(begun.length).toBe(1);
    await expect.poll(() => begun.length).toBe(2);
    expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(90);
  });
});
