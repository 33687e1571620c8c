import { describe, expect, it, vi } from "vitest";
import { axis_of, shares } from "../../js/src/children/axes";
import { ChildDesk } from "../../js/src/children/desk";
import { differing } from "../../js/src/children/differences";
import { type Field, fields_of } from "../../js/src/children/fields";
import { filter, quoted } from "../../js/src/children/filter";
import { score_range, steps, thinned } from "../../js/src/children/progress";
import {
  best_place,
  depths,
  groups,
  pareto_front,
  running_best,
  since_improvement,
  sorted,
  tree,
} from "../../js/src/children/ranking";
import { type Child, ChildStore } from "../../js/src/children/store";
import { plan_words } from "../../js/src/children/words";
import type { ChildrenFacts } from "../../js/src/contract";
import { is_number } from "../../js/src/panels/child_layout";
import recorded from "./recorded/children.json";
import choosing from "./recorded/choosing.json";

const numbers = (cells: readonly (number | string)[]) =>
  new DataView(
    Float64Array.from(cells, (cell) =>
      cell === "nan" ? Number.NaN : cell === "inf" ? Number.POSITIVE_INFINITY : Number(cell),
    ).buffer,
  );

function loaded(): ChildStore {
  const store = new ChildStore();
  store.apply(recorded.facts as ChildrenFacts, numbers(recorded.cells));
  return store;
}

const child = (store: ChildStore, id: string): Child => {
  const found = store.rows.get(id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};

function desk_of(store = loaded(), ask = vi.fn(async () => null)): ChildDesk {
  return new ChildDesk(store, ask as never, () => 1_100);
}

const names = (rows: readonly Child[]) => rows.map(({ id }) => id);

describe("Children as Python sends them", () => {
  it("are all there, cell by cell", () => {
    const store = loaded();
    expect([...store.rows.keys()]).toEqual(["c0", "c1", "c2", "c3", "c4", "c5"]);
    for (const [place, parameters] of recorded.parameters.entries()) {
      const row = child(store, `c${place}`);
      for (const [name, text] of Object.entries(parameters)) {
        const cell = store.cell(row, "parameter", name);
        expect(typeof cell === "number" ? cell : String(cell)).toEqual(text === "None" ? "None" : Number(text));
      }
      expect(store.cell(row, "parameter", "depth")).toBe(place > 2 ? 3 : undefined);
      expect(store.number(row, "fact", "number")).toBe(place);
    }
    expect(store.cell(child(store, "c0"), "metric", "loss")).toBeUndefined();
    expect(store.cell(child(store, "c1"), "metric", "loss")).toBeNaN();
    expect(store.cell(child(store, "c2"), "metric", "loss")).toBe(Number.POSITIVE_INFINITY);
    expect(store.cell(child(store, "c3"), "lowest", "loss")).toBe(0.25);
    expect(child(store, "c4").started).toBeNull();
    expect(child(store, "c3").ended).toBe(1_013);
    expect(child(store, "c5").parent).toBe("c1");
    expect(child(store, "c4").parent).toBeNull();
    expect(store.left.value).toBe(7);
  });

  it("are words where no value is a number", () => {
    const store = new ChildStore();
    const column = (name: string, words?: string[]) => ({ kind: "parameter", name, count: 1, is_sparse: false, words });
    const take = (...columns: object[]) => {
      const facts = { total: 1, left: 0, ids: ["a"], names: ["a"], statuses: ["Running"], columns };
      store.apply(facts as never, numbers(Array(3 + columns.length).fill(0)));
    };
    take(column("kind", ["rbf"]), column("depth", ["None"]), column("lr"));
    const told = () => Object.fromEntries(store.columns.value.map(({ name, is_words }) => [name, is_words]));
    expect(told()).toEqual({ kind: true, depth: true, lr: false });
    expect(is_number(fields_of(store, () => 0).find(({ title }) => title === "kind") as Field)).toBe(false);
    take(column("kind", ["poly"]), column("depth"));
    expect(told()).toEqual({ kind: true, depth: false, lr: false });
    expect(is_number(fields_of(store, () => 0).find(({ title }) => title === "depth") as Field)).toBe(true);
  });

  it("change row by row, and go", () => {
    const store = loaded();
    const before = child(store, "c1");
    const facts = {
      total: 5,
      left: 0,
      ids: ["c2"],
      names: ["new"],
      statuses: ["Completed"],
      columns: [],
      gone: ["c0"],
    };
    store.apply(facts as ChildrenFacts, numbers([1, 2, 3]));
    expect(child(store, "c1")).toBe(before);
    expect(child(store, "c2").name).toBe("new");
    expect(store.rows.has("c0")).toBe(false);
  });

  it("are asked for until all are there, and no longer", async () => {
    const store = loaded();
    store.total.value = 7;
    const more = { total: 7, left: 0, ids: ["c6"], names: [""], statuses: ["Running"], columns: [] };
    const ask = vi.fn(async () => ({ message: { children: more }, buffers: [numbers([1, 1, 1])] }));
    const desk = desk_of(store, ask as never);
    await desk.fill();
    expect(ask.mock.calls).toEqual([["children", { start: 6 }]]);
    store.total.value = 9;
    await desk.fill();
    expect(ask.mock.calls.slice(1)).toEqual([
      ["children", { start: 7 }],
      ["children", { start: 0 }],
    ]);
  });
});

describe("A filter", () => {
  const desk = desk_of();
  const found = (text: string) => {
    desk.query.value = text;
    const made = desk.filtered.value;
    return made.kind === "wrong"
      ? made.words
      : names(desk.ordered.value.filter((row) => made.kind === "all" || made.test(row)));
  };
  it.each([
    ["", ["c0", "c1", "c2", "c3", "c4"]],
    ["lr < 0.01", ["c1", "c4"]],
    ["lr<0.01 and status = failed", ["c1", "c4"]],
    ["lr = none", ["c2"]],
    ["lr >= 0.1 or loss = nan", ["c0", "c1", "c3", "c4"]],
    ["loss = inf", ["c2"]],
    ["not status = completed", ["c1", "c2", "c4"]],
    ["not (lr < 0.01 or lr = 0.1)", ["c2"]],
    ["depth = 3 lr = 0.1", ["c3"]],
    ["depth != 3", ["c0", "c1", "c2"]],
    ['name ~ "al 3"', ["c3"]],
    ['"trial 4"', ["c4"]],
    ["iteration > 2 && iteration <= 4", ["c3", "c4"]],
    ["STATUS = Running, iteration = 0", ["c0", "c2"]],
    ["depth = none", ["c0", "c1", "c2"]],
  ])("%s", (text, expected) => expect(found(text)).toEqual(expected));
  it.each([
    ["lr <", "value is missing"],
    ["< 3", "name is missing"],
    ["(lr < 3", "not closed"],
    ["lr < 3)", "one too many"],
    ["learning_rate < 3", "no column"],
    ["dept > 3", "depth"],
    ["lr < big", "no number"],
    ["lr < 1 and", "missing at the end"],
    ['name = "trial', "not closed"],
  ])("says what is wrong with %s", (text, words) => expect(String(found(text))).toContain(words));
});

describe("Sorting", () => {
  it("puts what failed and what is no number last, whatever the direction and the column", () => {
    const desk = desk_of();
    for (const is_down of [true, false]) {
      const rows = sorted(desk.ordered.value, [{ key: "metric:loss", is_down }], desk.fields.value);
      expect(names(rows).slice(-3).sort()).toEqual(["c0", "c1", "c4"]);
      expect(names(rows)[0]).toBe(is_down ? "c2" : "c3");
    }
  });
  it("goes by several columns, and keeps the order of equals", () => {
    const desk = desk_of();
    desk.sort_by("status", false);
    desk.sort_by("number", true);
    desk.sort_by("number", true);
    const own = desk.rows.value.filter(({ parent }) => !parent);
    expect(names(own)).toEqual(["c3", "c0", "c2", "c4", "c1"]);
  });
  it("makes a tree of nested rows, which folds", () => {
    const rows = [...loaded().rows.values()];
    const shape = (folded: string[]) => tree(rows, new Set(folded)).map(({ child: { id }, depth }) => `${depth} ${id}`);
    expect(shape([])).toEqual(["0 c0", "0 c1", "1 c5", "0 c2", "0 c3", "0 c4"]);
    expect(shape(["c1"])).not.toContain("1 c5");
  });
});

describe("What the best is", () => {
  const odd = [undefined, Number.NaN, 3, Number.POSITIVE_INFINITY, 5, 4, Number.NEGATIVE_INFINITY, 5];
  it("is the best up to each place, and nothing that is no number", () => {
    expect([...running_best(odd, "max")]).toEqual([Number.NaN, Number.NaN, 3, 3, 5, 5, 5, 5]);
    expect([...running_best(odd, "min")]).toEqual([Number.NaN, Number.NaN, 3, 3, 3, 3, 3, 3]);
    expect(best_place(odd, "max")).toBe(4);
    expect(since_improvement(odd, "max")).toBe(3);
    expect(since_improvement([undefined], "max")).toBeNull();
  });
  it("is told by group, best first", () => {
    const rows = [
      { label: "a", value: 1, seconds: 2 },
      { label: "b", value: 3, seconds: 1 },
      { label: "a", value: 2, seconds: undefined },
      { label: "c", value: Number.NaN, seconds: 9 },
    ];
    expect(groups(rows, "max")).toEqual([
      { label: "b", count: 1, best: 3, median: 3, seconds: 1 },
      { label: "a", count: 2, best: 2, median: 1.5, seconds: 2 },
      { label: "c", count: 1, best: null, median: null, seconds: 9 },
    ]);
  });
  it("is a line of steps that ends with the last one", () => {
    const scores = [1, 3, 2, 4, 4].map((y, x) => ({ id: String(x), x, y }));
    expect(steps(scores, "max")).toEqual({
      x: Float64Array.from([0, 1, 1, 3, 3, 4]),
      y: Float64Array.from([1, 1, 3, 3, 4, 4]),
    });
  });
  it("stays among fewer dots, as the worst does", () => {
    const scores = Array.from({ length: 20_000 }, (_, x) => ({ id: String(x), x, y: Math.sin(x * 12.9898) }));
    scores[7_777] = { id: "top", x: 7_777, y: 9 };
    const kept = thinned(scores);
    expect(kept.length).toBeLessThanOrEqual(1_700);
    expect(kept.some(({ id }) => id === "top")).toBe(true);
    const middle = (list: readonly { y: number }[]) => list.filter(({ y }) => Math.abs(y) < 0.5).length / list.length;
    expect(Math.abs(middle(kept) - middle(scores))).toBeLessThan(0.1);
  });
  it("is not flattened by a few that are far off", () => {
    const scores = Array.from({ length: 100 }, (_, x) => ({ id: String(x), x, y: 0.9 + x / 1_000 }));
    scores[3] = { id: "far", x: 3, y: -50 };
    const { range, hidden } = score_range(scores, "max");
    expect(range[0]).toBeGreaterThan(0.8);
    expect(hidden).toBeGreaterThan(0);
  });
});

describe("An axis", () => {
  const store = loaded();
  const desk = desk_of(store);
  const field = (key: string) => {
    const found = desk.fields.value.find((one) => one.key === key);
    if (!found) throw new Error(key);
    return found;
  };
  const rows = [...store.rows.values()];
  it("of mixed texts and numbers is one of categories", () => {
    const axis = axis_of(field("parameter:lr"), rows, undefined);
    expect(axis?.scale).toBe("categorical");
    expect(axis?.ticks.map(({ label }) => label).sort()).toEqual(["0.001", "0.1", "None"]);
    expect(axis?.place(undefined)).toBeUndefined();
  });
  it("of a constant has room around it", () => {
    const axis = axis_of(field("parameter:depth"), rows, undefined);
    expect(axis?.low).toBeLessThan(3);
    expect(axis?.high).toBeGreaterThan(3);
  });
  it("of whole numbers has nothing between them", () => {
    let layers = 0;
    const whole = { ...field("parameter:depth"), of: () => (layers++ % 3) + 1 };
    expect(axis_of(whole, rows, undefined)?.ticks.map(({ label }) => label)).toEqual(["1", "2", "3"]);
  });
  it("leaves out what no scale has", () => {
    const axis = axis_of(field("metric:loss"), rows, "log");
    expect(axis?.place(Number.NaN)).toBeUndefined();
    expect(axis?.place(Number.POSITIVE_INFINITY)).toBeUndefined();
    expect(axis?.place(-1)).toBeUndefined();
    expect(axis?.place(0.1)).toBeCloseTo(-1);
  });
  it("is missing where nobody has a value", () => {
    expect(axis_of({ ...field("metric:loss"), of: () => undefined }, rows, undefined)).toBeNull();
  });
  it("ranks what it can", () => {
    expect(shares([3, undefined, 1, Number.NaN, 2], false)).toEqual([1, undefined, 0, undefined, 0.5]);
    expect(shares([3, 1], true)).toEqual([0, 1]);
  });
  it("is drawn only for what differs", () => {
    expect(differing(store, rows)).toEqual(new Set(["lr", "depth"]));
    expect(differing(store, rows.slice(3, 4))).toEqual(new Set());
  });
});

it("What was pruned or failed is no score, and steps do not compete", () => {
  const store = loaded();
  const desk = desk_of(store);
  const places = desk.ordered.value.map(({ id }) => id);
  const best = desk.best.value;
  expect(best).not.toBeNull();
  expect(desk.scores.value[places.indexOf(best?.id ?? "")]).toBe(
    store.number(best as Child, "metric", desk.metric.value),
  );
  for (const [place, row] of desk.ordered.value.entries())
    if (row.status === "Failed") expect(desk.scores.value[place]).toBeUndefined();
  expect([...desk.tinted.value]).toEqual([`metric:${desk.metric.value}`]);
  store.family.value = { ...(store.family.value as never as object), kind: "pipeline" } as never;
  expect(desk.best.value).toBeNull();
  expect([...desk.tinted.value]).toEqual([]);
});

it("Curves are looked for where extremes are told, else wherever there are steps", () => {
  const store = loaded();
  expect(desk_of(store).curved.value).toEqual(["loss"]);
  const other = { kind: "metric" as const, name: "other", place: 99, is_words: false };
  store.columns.value = [...store.columns.value, other];
  expect(desk_of(store).curved.value).toEqual(["loss"]);
  // A server: what is known of extremes are those of curves that were shown.
  const family = store.family.value;
  store.family.value = family && { ...family, has_extremes: false };
  expect(desk_of(store).curved.value).toEqual(["loss", "other"]);
  store.columns.value = store.columns.value.filter(({ name }) => name !== "steps");
  expect(desk_of(store).curved.value).toEqual([]);
});

it("A text with quotes is found by its filter", () => {
  const store = loaded();
  const odd = 'a "b" \\ c';
  const field = { key: "label", title: "Algorithm", kind: "fact" as const, name: "label", of: () => odd };
  const made = filter(`algorithm = ${quoted(odd)}`, [field], () => "");
  expect(made.kind === "test" && made.test(child(store, "c0"))).toBe(true);
});

it("A filter of nothing is all", () => {
  expect(filter("  ", [], () => "")).toEqual({ kind: "all" });
});

describe("Several objectives", () => {
  const points = [
    { x: 0.9, y: 120 },
    { x: 0.8, y: 30 },
    { x: 0.7, y: 60 },
    { x: Number.NaN, y: 1 },
    { x: 0.8, y: 30 },
  ];
  it("leave those on the front that none beats in both", () =>
    expect(pareto_front(points, "max", "min")).toEqual([points[1], points[4], points[0]]));
  it("have one best where both agree", () => expect(pareto_front(points, "max", "max")).toEqual([points[0]]));
});

describe("What a search was given", () => {
  const plan = { started: 1_000, seconds: null, planned: null, done: 0, last_end: null };
  it("is a limit of time that runs out while nothing ends", () => {
    const limited = { ...plan, seconds: 45 };
    expect(plan_words(limited, 1_043)).toBe(" · time limit in 2 s");
    expect(plan_words(limited, 1_052)).toBe(" · over its time limit");
  });
  it("is a number of them, and the time left by those that ended", () => {
    const counted = { ...plan, planned: 10 };
    expect(plan_words({ ...counted, done: 2, last_end: 1_020 }, 1_020)).toBe(" · 10 planned");
    const some = { ...counted, done: 4, last_end: 1_040 };
    expect(plan_words(some, 1_040)).toBe(" · 4 of 10, about 1 min left (estimate)");
    expect(plan_words(some, 1_060)).toBe(" · 4 of 10, about 40 s left (estimate)");
    expect(plan_words(some, 1_100)).toBe(" · 4 of 10, longer than estimated");
    expect(plan_words({ ...counted, done: 10, last_end: 1_100 }, 1_101)).toBe(" · all 10 are done");
  });
  it("is nothing where nothing says", () => expect(plan_words(plan, 2_000)).toBe(""));
});

describe("Steps", () => {
  const step = (id: string, ...after: string[]) => ({ id, label: id, after });
  it("stand behind all that they wait for", () => {
    const found = depths([step("d", "b", "c"), step("c", "b"), step("b", "a"), step("a"), step("e", "unknown")]);
    expect(Object.fromEntries(found)).toEqual({ a: 0, b: 1, c: 2, d: 3, e: 0 });
  });
  it("may wait for each other without an end", () =>
    expect([...depths([step("a", "b"), step("b", "a")]).keys()].sort()).toEqual(["a", "b"]));
});

describe("Choosing as Python does", () => {
  const number_of = (value: number | string) => (value === "nan" ? Number.NaN : Number(value));
  it.each(choosing.map((one, place) => [place, one] as const))("case %i", (_, one) => {
    const goal = one.goal as "min" | "max";
    const values = one.values.map(number_of);
    expect([...running_best(values, goal)]).toEqual(one.best.map(number_of));
    expect(since_improvement(values, goal)).toBe(one.since);
    const rows = values.map((value, place) => ({ label: one.labels[place] ?? "", value, seconds: 1 }));
    const found = groups(rows, goal).map(({ label, count, best, median, seconds }) => [
      label,
      count,
      best,
      median,
      seconds,
    ]);
    expect(found.sort()).toEqual([...one.groups].sort());
    const points = values.map((x, place) => ({ x, y: number_of(one.others[place] ?? "nan"), place }));
    const front = pareto_front(points, goal, "min").map(({ place }) => place);
    expect(front.sort((first, second) => first - second)).toEqual(one.front);
  });
});

it("Small curves stand beside the score that they led to", () => {
  const desk = desk_of(loaded());
  const keys = desk.columns.value.map(({ key }) => key);
  expect(keys.indexOf("curve")).toBeGreaterThan(keys.indexOf(`metric:${desk.metric.value}`));
  expect(keys.indexOf("curve")).toBeLessThan(keys.indexOf("status"));
  expect(desk.fields.value.some(({ key }) => key === "curve")).toBe(false);
});
