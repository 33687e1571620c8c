import { describe, expect, it } from "vitest";
import { accuracy_of, accuracy_subject, curve, type Who } from "../../js/src/charts/accuracy";
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
import { residuals_of, residuals_subject } from "../../js/src/charts/residuals";
import { finite_edges, sketch, spot_beside, spot_near } from "../../js/src/charts/sketch";
import json from "./recorded/model_charts.json";

/** What scikit-learn says: tests/js/record_model_charts.py. */
const recorded: Omit<typeof json, "areas" | "calibration"> & {
  areas: Record<string, number[]>;
  calibration: Record<string, { share: number[]; mean: number[] }>;
} = json;

const fine = accuracy_of({ data: recorded.accuracy_table });
const coarse = accuracy_of({ data: recorded.coarse_table });
const whose = (name: string) => (/\d/.test(name) ? Number(name) : name) as Who;
const close = (found: ArrayLike<number> | undefined, wanted: readonly number[], digits = 10) => {
  expect(found?.length).toBe(wanted.length);
  for (const [index, one] of wanted.entries()) expect(found?.[index]).toBeCloseTo(one, digits);
};

describe("An accuracy table", () => {
  it.each(Object.keys(recorded.areas))("has scikit-learn's AUC and average precision: %s", (name) => {
    const [auc = Number.NaN, precision = Number.NaN] = recorded.areas[name] ?? [];
    expect(curve(fine, "roc", whose(name))?.area).toBeCloseTo(auc, 10);
    expect(curve(fine, "precision_recall", whose(name))?.area).toBeCloseTo(precision, 10);
  });
  it("has scikit-learn's points of ROC and of precision and recall", () => {
    const roc = curve(fine, "roc", 0);
    close(roc?.x, recorded.roc.x);
    close(roc?.y, recorded.roc.y);
    const found = curve(fine, "precision_recall", 0);
    close(found?.x, recorded.precision_recall.x);
    close(found?.y, recorded.precision_recall.y);
  });
  it.each(["0", "micro"])("is calibrated as scikit-learn has it: %s", (name) => {
    const found = curve(coarse, "calibration", whose(name));
    const { share: wanted, mean: means } = recorded.calibration[name] ?? { share: [], mean: [] };
    expect(wanted.length).toBeGreaterThan(3);
    close(found?.y, wanted);
    // Thresholds are 0.01 apart, so the mean of a bin is off by half of that at most.
    for (const [index, mean] of means.entries()) expect(Math.abs((found?.x[index] ?? 0) - mean)).toBeLessThan(0.0051);
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
