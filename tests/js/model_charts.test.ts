import { describe, expect, it } from "vitest";
import {
  AVERAGES,
  accuracy_of,
  accuracy_subject,
  accuracy_words,
  type Curve,
  curve,
  type Form,
  TITLES,
  type Who,
} from "../../js/src/charts/accuracy";
import {
  around,
  balanced_accuracy,
  cell_text,
  cell_words,
  confusion_of,
  largest,
  report,
  share,
  squares,
} from "../../js/src/charts/confusion";
import { predictions_of, predictions_subject } from "../../js/src/charts/predictions";
import { nothing_in } from "../../js/src/charts/reading";
import { ends_words, residuals_of, residuals_subject } from "../../js/src/charts/residuals";
import { finite_edges, sketch, spot_beside, spot_near } from "../../js/src/charts/sketch";
import { short } from "../../js/src/panels/charts/matrix_marks";
import json from "./recorded/model_charts.json";

interface Points {
  x: number[];
  y: number[];
}

interface Case {
  tables: Record<"fine" | "above" | "coarse", unknown>;
  /** AUC and average precision, by class or average. */
  areas: Record<string, number[]>;
  curves: Record<Form, Record<string, Points>> & {
    /** Averages where of each class no more is known than at its percentiles. */
    at_percentiles: Record<"gain" | "lift", Record<string, Points>>;
  };
}

/** What scikit-learn and textbooks say: tests/js/record_model_charts.py. */
const recorded: Omit<typeof json, "cases"> & { cases: Record<string, Case> } = json;

const names = Object.keys(recorded.cases);
const case_of = (name: string) => recorded.cases[name] as Case;
const table_of = (name: string, table: keyof Case["tables"]) => accuracy_of({ data: case_of(name).tables[table] });
const fine = table_of("plain", "fine");
const whose = (name: string) => (/\d/.test(name) ? Number(name) : name) as Who;
const close = (found: ArrayLike<number> | undefined, wanted: readonly number[], digits = 10) => {
  expect(found?.length).toBe(wanted.length);
  for (const [index, one] of wanted.entries()) expect(found?.[index]).toBeCloseTo(one, digits);
};
/** The height of a curve between its points, along straight lines. */
const height = ({ x, y }: { x: ArrayLike<number>; y: ArrayLike<number> }, here: number) => {
  const after = Array.from(x).findIndex((one) => one >= here);
  const [from, to, low, high] = [x[after - 1], x[after], y[after - 1], y[after]] as [number, number, number, number];
  return after === 0 || to === here ? high : low + ((here - from) / (to - from)) * (high - low);
};
const mean_names = ["macro", "weighted"];
const by_who = (form: Form, wanted: (who: string) => boolean) =>
  names.flatMap((name) =>
    Object.keys(case_of(name).curves[form])
      .filter(wanted)
      .map((who) => [name, who] as const),
  );
const single = (form: Form) => by_who(form, (who) => !mean_names.includes(who));
const means = (form: Form) => by_who(form, (who) => mean_names.includes(who));

describe("An accuracy table", () => {
  it("was recorded of each class that has rows, and of each average", () => {
    for (const name of names)
      for (const form of TITLES.map(([one]) => one))
        expect(Object.keys(case_of(name).curves[form]).sort(), `${name} ${form}`).toEqual(
          [...(name === "absent" ? ["0", "1"] : ["0", "1", "2"]), ...AVERAGES].sort(),
        );
  });
  it.each(names.flatMap((name) => Object.keys(case_of(name).areas).map((who) => [name, who] as const)))(
    "has scikit-learn's AUC and average precision: %s, %s",
    (name, who) => {
      const [auc = Number.NaN, precision = Number.NaN] = case_of(name).areas[who] ?? [];
      for (const table of ["fine", "above"] as const) {
        expect(curve(table_of(name, table), "roc", whose(who))?.area).toBeCloseTo(auc, 10);
        expect(curve(table_of(name, table), "precision_recall", whose(who))?.area).toBeCloseTo(precision, 10);
      }
    },
  );
  describe.each(["roc", "precision_recall"] as const)("has scikit-learn's points of %s", (form) => {
    it.each(single(form))("%s, %s", (name, who) => {
      const { x, y } = case_of(name).curves[form][who] as Points;
      for (const table of ["fine", "above"] as const) {
        const found = curve(table_of(name, table), form, whose(who));
        close(found?.x, x);
        close(found?.y, y);
      }
    });
  });
  it.each(means("roc"))("has the mean of scikit-learn's ROC curves between all places: %s, %s", (name, who) => {
    const { x, y } = case_of(name).curves.roc[who] as Points;
    expect(x.length).toBeGreaterThan(5);
    const found = curve(table_of(name, "fine"), "roc", whose(who)) as Curve;
    for (const [index, here] of x.entries()) expect(height(found, here)).toBeCloseTo(y[index] as number, 10);
  });
  it.each(means("precision_recall"))(
    "has the mean of scikit-learn's precisions between all recalls: %s, %s",
    (name, who) => {
      const { x, y } = case_of(name).curves.precision_recall[who] as Points;
      expect(x.length).toBeGreaterThan(5);
      const found = curve(table_of(name, "fine"), "precision_recall", whose(who)) as Curve;
      // Precision holds from one recall down to the one before.
      for (const [index, here] of x.entries())
        expect(found.y[found.x.findIndex((one) => one >= here)]).toBeCloseTo(y[index] as number, 10);
    },
  );
  it.each(by_who("calibration", () => true))("is calibrated as scikit-learn has it: %s, %s", (name, who) => {
    const found = curve(table_of(name, "coarse"), "calibration", whose(who));
    const { x, y } = case_of(name).curves.calibration[who] as Points;
    expect(y.length).toBeGreaterThan(3);
    close(found?.y, y);
    // Thresholds are 0.01 apart, so the mean of a bin is off by half of that at most.
    for (const [index, mean] of x.entries()) expect(Math.abs((found?.x[index] ?? 0) - mean)).toBeLessThan(0.0051);
  });
  describe.each(["gain", "lift"] as const)("has the %s of textbooks", (form) => {
    it.each(by_who(form, () => true))("%s, %s", (name, who) => {
      const { x, y } = case_of(name).curves[form][who] as Points;
      for (const table of ["fine", "above"] as const) {
        const found = curve(table_of(name, table), form, whose(who));
        close(found?.x, x);
        close(found?.y, y);
      }
    });
    it.each(single(form))("at thresholds that are percentiles: %s, %s", (name, who) => {
      const found = curve(table_of(name, "coarse"), form, whose(who)) as Curve;
      const gain = case_of(name).curves.gain[who] as Points;
      expect(found.x.length).toBeGreaterThan(3);
      for (const [index, here] of found.x.entries())
        expect(found.y[index]).toBeCloseTo(height(gain, here) / (form === "lift" ? here : 1), 10);
    });
    it.each(means(form))("at thresholds that are percentiles: %s, %s", (name, who) => {
      const found = curve(table_of(name, "coarse"), form, whose(who));
      const { x, y } = case_of(name).curves.at_percentiles[form][who] as Points;
      close(found?.x, x);
      close(found?.y, y);
    });
  });
  it.each([0, "micro", "macro", "weighted"] as const)("finds all rows in the end, once as often: %s", (who) => {
    const gain = curve(fine, "gain", who);
    expect([gain?.x[0], gain?.y[0], gain?.x.at(-1), gain?.y.at(-1)?.toFixed(9)]).toEqual([0, 0, 1, "1.000000000"]);
    const lift = curve(fine, "lift", who);
    expect(lift?.x.at(-1)).toBe(1);
    expect(lift?.y.at(-1)).toBeCloseTo(1, 10);
    for (const [index, x] of lift?.x.entries() ?? []) {
      const place = gain?.x.lastIndexOf(x) ?? -1;
      if (gain?.x.indexOf(x) === place) expect(lift?.y[index]).toBeCloseTo((gain?.y[place] ?? 0) / x, 10);
    }
  });
  it("compares with chance, and tells of each point", () => {
    const subject = accuracy_subject(fine, "precision_recall", [0]);
    const positive = recorded.per_class[0]?.[3] ?? 0;
    expect(subject.strokes[0]?.y[0]).toBeCloseTo(positive / 60, 10);
    expect(subject.strokes[1]?.tell?.(4)).toMatch(/^class 0: recall 0\.\d+, precision [\d.]+, threshold 0\.\d+$/);
  });
  it("leaves out curves of a class that no row has", () => {
    const data = {
      class_labels: ["a", "b"],
      probability_thresholds: [0, 1],
      probability_tables: [
        [
          [2, 0, 0, 0],
          [1, 0, 0, 1],
        ],
        [
          [0, 2, 0, 0],
          [0, 0, 2, 0],
        ],
      ],
    };
    const found = accuracy_of({ data });
    expect(curve(found, "roc", 0)).toBeNull();
    expect(curve(found, "roc", 1)).toBeNull();
    expect(curve(found, "precision_recall", 1)).toBeNull();
    expect(curve(found, "precision_recall", "macro")?.area).toBe(1);
    expect(curve(found, "roc", "macro")).toBeNull();
  });
  it("passes over what was not counted", () => {
    const whole = structuredClone(case_of("plain").tables.coarse) as { probability_tables: unknown[][][] };
    const rows = whole.probability_tables[0] as unknown[][];
    rows[7] = ["NaN", "NaN", "NaN", "NaN"];
    rows[50] = [null, 3, 20, 1];
    const found = accuracy_of({ data: whole });
    for (const [form] of TITLES)
      for (const who of [0, ...AVERAGES]) {
        const { x, y } = curve(found, form, who) as Curve;
        expect([...x, ...y].every(Number.isFinite), `${form} ${who}`).toBe(true);
      }
    const [auc] = case_of("plain").areas["0"] as [number];
    expect(curve(found, "roc", 0)?.area).toBeCloseTo(auc, 1);
  });
  it("has no average over rows of which a class was not counted", () => {
    const data = structuredClone(case_of("plain").tables.coarse) as { probability_tables: unknown[][][] };
    data.probability_tables[0] = Array(101).fill(["NaN", "NaN", "NaN", "NaN"]);
    const found = accuracy_of({ data });
    expect(curve(found, "roc", "micro")).toBeNull();
    expect(curve(found, "roc", 0)).toBeNull();
    expect(curve(found, "roc", "macro")?.area).toBeGreaterThan(0.5);
    expect(accuracy_words(found)).toBe("3 classes, 60 rows");
  });
  it("has no percentiles where not each class has them", () => {
    const data = structuredClone(case_of("plain").tables.coarse) as { percentile_tables: unknown[] };
    data.percentile_tables.pop();
    expect(curve(accuracy_of({ data }), "gain", 2)?.y.at(-1)).toBe(1);
  });
  it("says what is wrong with it", () => {
    expect(() => accuracy_of({ data: { class_labels: ["a"] } })).toThrow(/probability table/);
    expect(() =>
      accuracy_of({ data: { class_labels: ["a"], probability_thresholds: [0], probability_tables: [[[1, 2]]] } }),
    ).toThrow(/TP, FP, TN, FN/);
  });
});

describe("A confusion matrix", () => {
  const class_labels = ["a", "b", "c"];
  const confusion = confusion_of({ data: { class_labels, matrix: recorded.confusion } });
  it("has scikit-learn's accuracies, shares, precision, recall and F1", () => {
    expect(confusion.correct / confusion.total).toBeCloseTo(recorded.accuracy, 12);
    expect(balanced_accuracy(confusion)).toBeCloseTo(recorded.balanced_accuracy, 12);
    for (const [row, shares] of recorded.normalised.entries())
      for (const [column, one] of shares.entries()) expect(share(confusion, { row, column })).toBeCloseTo(one, 12);
    for (const [index, wanted] of recorded.per_class.entries()) {
      const { precision, recall, f1, support } = report(confusion, index);
      close([precision, recall, f1, support], wanted, 12);
    }
  });
  it("keeps apart what was not counted and what is none", () => {
    const matrix = [
      [5, "NaN", 0],
      [null, 7, -1],
      [1, "Infinity", 3],
    ];
    const found = confusion_of({ data: { class_labels, matrix } });
    expect([...found.missing]).toEqual([1, 3, 5, 7]);
    expect([found.total, found.correct, ...found.row_totals, ...found.column_totals]).toEqual([
      16, 15, 5, 7, 4, 6, 7, 3,
    ]);
    expect(cell_words(found, { row: 0, column: 1 })).toBe("true a → predicted b: not counted");
    expect(cell_words(found, { row: 0, column: 2 })).toBe("true a → predicted c: 0 of 5 (0 %)");
  });
  it("names classes so that those which begin alike stay apart", () => {
    expect([short("cat"), short("a rather long name 1"), short("a rather long name 2")]).toEqual([
      "cat",
      "a rather …me 1",
      "a rather …me 2",
    ]);
    expect(short("abcdefghij", 5)).toBe("abc…j");
    expect(short(undefined)).toBe("");
  });
  it("lists the biggest confusions, by count and by share", () => {
    const matrix = [
      [90, 6, 4],
      [0, 10, 5],
      [0, 0, 7],
    ];
    const other = confusion_of({ data: { class_labels, matrix } });
    const as_text = (is_normalised: boolean) =>
      largest(other, is_normalised).map(({ row, column }) => `${row}${column}`);
    expect(as_text(false)).toEqual(["01", "12", "02"]);
    expect(as_text(true)).toEqual(["12", "01", "02"]);
    expect(cell_words(other, { row: 1, column: 2 })).toBe("true b → predicted c: 5 of 15 (33.3 %)");
  });
  it("shows of 1,000 classes the biggest cell of each square, and all cells of a part", () => {
    const size = 1_000;
    const matrix = Array.from({ length: size }, (_, row) =>
      Array.from({ length: size }, (_, column) => (row === column ? 50 : 0)),
    );
    (matrix[17] as number[])[803] = 77;
    const big = confusion_of({ data: { class_labels: matrix.map((_, index) => `n${index}`), matrix } });
    const whole = squares(big, { row: 0, column: 0, span: size }, false);
    expect([whole.side, whole.each, whole.highest]).toEqual([250, 4, 77]);
    expect(whole.cells[4 * 250 + 200]).toBe(17 * size + 803);
    expect(largest(big, false)).toEqual([{ row: 17, column: 803 }]);
    const window = around({ row: 17, column: 803 }, 21, size);
    expect(window).toEqual({ row: 7, column: 793, span: 21 });
    expect(around({ row: 999, column: 0 }, 21, size)).toEqual({ row: 979, column: 0, span: 21 });
    const part = squares(big, window, true);
    expect([part.side, part.each, part.values[10 * 21 + 10]]).toEqual([21, 1, 77 / 127]);
  });
  it("hides neither what is rare nor what is missing", () => {
    expect([0, 0.001, 0.5, 0.999, 1].map((one) => cell_text(one, true, false))).toEqual([
      "0",
      "<1",
      "50",
      ">99",
      "100",
    ]);
    expect(() => confusion_of({ data: { class_labels: ["a"], matrix: [[1, 2]] } })).toThrow(/rows and columns/);
  });
});

describe("Residuals and predictions", () => {
  it("have a mean and a bar for each bin that has rows", () => {
    const found = residuals_of({ data: { bin_edges: [-2, 0, 2, 4], bin_counts: [1, 0, 3] } });
    expect([found.total, found.mean]).toEqual([4, 2]);
    const [bars, , , bins] = residuals_subject(found).strokes;
    expect(bars?.y.filter((one) => one === 3).length).toBe(2);
    expect(bins?.tell?.(2)).toBe("from 2 to 4: 3 of 4 (75 %)");
  });
  it("have the mean and deviation that were logged", () => {
    const data = { bin_edges: [-2, 0, 2, 4], bin_counts: [1, 0, 3], mean: 1.5, stddev: 0.25, res_count: 4 };
    const { mean, deviation, is_exact } = residuals_of({ data });
    expect([mean, deviation, is_exact]).toEqual([1.5, 0.25, true]);
    expect(residuals_of({ data: { ...data, mean: "NaN" } })).toMatchObject({ mean: 2, is_exact: false });
  });
  it("draw a bar for all that is beyond as wide as its neighbour, and say so", () => {
    const data = { bin_edges: [-170, -40, -30, -20, 30], bin_counts: [372, 2, 3, 1_000] };
    const found = residuals_of({ data: { ...data, mean: -25, stddev: 1 } });
    expect(ends_words(found)).toBe("all 372 below -40 in the first bar, all 1,000 above -20 in the last");
    const { x, strokes } = residuals_subject(found);
    expect(x).toEqual([-50, 0]);
    expect([...(strokes[3]?.x ?? [])]).toEqual([-45, -35, -25, -15]);
    expect(strokes[3]?.tell?.(0)).toMatch(/^from -170 to -40: 372 of /);
    expect(ends_words(residuals_of({ data: { bin_edges: [0, 1, 2, 3], bin_counts: [1, 2, 3] } }))).toBe("");
  });
  it("draw a bin without an end as wide as its neighbour", () => {
    const { POSITIVE_INFINITY: end } = Number;
    expect([...finite_edges(Float64Array.of(-end, 0, 2, 5, end))]).toEqual([-2, 0, 2, 5, 8]);
    expect([...finite_edges(Float64Array.of(-end, 0, end))]).toEqual([-1, 0, 1]);
  });
  it("have no mean where there is no row", () => {
    const json = { data: { bin_edges: [0, 1, 2], bin_averages: [0.4, 0], bin_errors: [0.1, 0], bin_counts: [5, 0] } };
    const subject = predictions_subject(predictions_of(json));
    const means = subject.strokes.find(({ name }) => name === "mean prediction");
    expect([...(means?.y ?? [])]).toEqual([0.4, Number.NaN]);
    const ideal = subject.strokes.find(({ name }) => name.startsWith("ideal"));
    expect([...(ideal?.x ?? [])]).toEqual([...(ideal?.y ?? [])]);
  });
});

describe("What was logged without anything to draw", () => {
  it("says what it lacks", () => {
    expect(nothing_in({ data: { class_labels: [], matrix: [] } })).toBe("There are no classes in it.");
    expect(nothing_in({ data: { bin_edges: [], bin_counts: [] } })).toBe("There are no bins in it.");
    expect(nothing_in({ data: { class_labels: ["a"], matrix: [[1]] } })).toBe("");
    expect(nothing_in(null)).toBe("");
  });
});

describe("Points of a chart", () => {
  const made = sketch(accuracy_subject(fine, "roc", [0, 1]), 500, 340);
  it("are found by pointer and by arrows", () => {
    expect(spot_near(made, made.margin.left, 300, false)).toEqual({ stroke: 1, index: 0 });
    const first = spot_beside(made, null, "ArrowRight");
    expect(first).toEqual({ stroke: 1, index: 0 });
    expect(spot_beside(made, first, "ArrowRight")).toEqual({ stroke: 1, index: 1 });
    expect(spot_beside(made, first, "ArrowDown")?.stroke).toBe(2);
    expect(spot_beside(made, first, "End")?.index).toBe((made.strokes[1]?.x.length ?? 0) - 1);
  });
});
