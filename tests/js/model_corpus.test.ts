/// <reference types="vite/client" />
import { describe, expect, it } from "vitest";
import { AVERAGES, accuracy_of, accuracy_subject, curve, TITLES } from "../../js/src/charts/accuracy";
import { confusion_of, squares } from "../../js/src/charts/confusion";
import { predictions_of, predictions_subject } from "../../js/src/charts/predictions";
import { residuals_of, residuals_subject } from "../../js/src/charts/residuals";
import { places, type Subject, sketch } from "../../js/src/charts/sketch";
import { path } from "../../js/src/plain";
import { KINDS, parse, table_of } from "../../js/src/tables";

/** Saved outputs of the widget that died, written by nobody here: beside the checkout (vitest.config.ts), never in it. */
const files = import.meta.glob<string>("@corpus/aml-widget-v1/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});

interface Found {
  name: string;
  kind: string;
  json: { data: Record<string, unknown> };
}

/** Every chart in an output, however deep. */
function* charts_in(value: unknown, name: string): Generator<Found> {
  if (!value || typeof value !== "object") return;
  const { schema_type: kind, data } = value as Record<string, unknown>;
  if (typeof kind === "string" && data && typeof data === "object") yield { name, kind, json: value as Found["json"] };
  else for (const [key, one] of Object.entries(value)) yield* charts_in(one, `${name} ${key}`);
}

const charts = Object.entries(files).flatMap(([file, text]) => {
  const json = parse(text);
  return [...charts_in(typeof json === "string" ? parse(json) : json, file)];
});

const of_kind = (kind: string) => charts.filter((one) => one.kind === kind);
const sum = (values: Float64Array) => values.reduce((total, one) => total + one, 0);

/** Every line of it has a place for each of its points, at two widths. */
function expect_drawn(subject: Subject): void {
  for (const width of [300, 900]) {
    const made = sketch(subject, width, 340);
    const { across, down } = places(made);
    expect(made.x_ticks.length).toBeGreaterThan(1);
    for (const stroke of made.strokes) expect(path(stroke, across, down)).toMatch(/^(M-?[\d.]+,-?[\d.]+|L|[\d.,-])+$/);
  }
}

const why = charts.length ? "" : " (skipped: no corpus here; RUNDETAILS_CORPUS says where it is)";

describe.skipIf(!charts.length)(`Charts that Azure ML logged${why}`, () => {
  it("are of kinds that are known, and tables too", () => {
    for (const { name, kind, json } of charts) {
      expect(Object.keys(KINDS), name).toContain(kind);
      expect(table_of(kind, json).rows.length, name).toBeGreaterThan(0);
    }
  });

  it("residuals: as many rows as it says, around its mean", () => {
    expect(of_kind("residuals").length).toBeGreaterThan(0);
    for (const { name, json } of of_kind("residuals")) {
      const found = residuals_of(json);
      expect(found.total, name).toBe(json.data.res_count);
      expect([found.mean, found.deviation, found.is_exact]).toEqual([json.data.mean, json.data.stddev, true]);
      const { mean: _, ...others } = json.data;
      const { edges, mean } = residuals_of({ data: others });
      // No row is farther from the middle of its bin than half of the widest one.
      const widest = Math.max(...edges.slice(1).map((edge, bin) => edge - (edges[bin] ?? 0)));
      expect(Math.abs(mean - found.mean), name).toBeLessThan(widest / 2);
      expect_drawn(residuals_subject(found));
    }
  });

  it("predictions: of as many rows as the residuals beside them", () => {
    expect(of_kind("predictions").length).toBeGreaterThan(0);
    for (const { name, json } of of_kind("predictions")) {
      const found = predictions_of(json);
      const [file] = name.split(" ");
      const beside = of_kind("residuals").find((one) => one.name.startsWith(`${file} `));
      if (beside) expect(sum(found.counts), name).toBe(residuals_of(beside.json).total);
      const subject = predictions_subject(found);
      expect_drawn(subject);
      const means = subject.strokes.find((one) => one.name === "mean prediction");
      expect(means?.y.filter(Number.isFinite).length).toBe(found.counts.filter((one) => one > 0).length);
    }
  });

  const matrices = of_kind("confusion_matrix");
  it.skipIf(!matrices.length)(`confusion matrices: ${matrices.length} in the corpus`, () => {
    for (const { name, json } of matrices) {
      const found = confusion_of(json);
      expect(found.total, name).toBe((json.data.matrix as number[][]).flat().reduce((total, one) => total + one, 0));
      expect(sum(found.row_totals)).toBeCloseTo(found.total, 9);
      expect(sum(found.column_totals)).toBeCloseTo(found.total, 9);
      squares(found, { row: 0, column: 0, span: found.labels.length }, true);
    }
  });

  const tables = of_kind("accuracy_table");
  it.skipIf(!tables.length)(`accuracy tables: ${tables.length} in the corpus`, () => {
    for (const { name, json } of tables) {
      const found = accuracy_of(json);
      const { positive, negative } = found.pooled;
      expect(positive * (found.labels.length - 1), name).toBe(negative);
      for (const [form] of TITLES) {
        expect_drawn(accuracy_subject(found, form, [...AVERAGES, ...found.labels.keys()]));
        for (const who of AVERAGES) expect(curve(found, form, who), `${name} ${form} ${who}`).not.toBeNull();
      }
    }
  });
});
