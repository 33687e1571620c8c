import { at } from "../arrays";
import { count, number } from "../format";
import { data_of, list, names, numbers } from "./reading";
import { type Stroke, type Subject, straight } from "./sketch";

export type Form = "roc" | "precision_recall" | "calibration" | "lift" | "gain";
export type Average = "micro" | "macro" | "weighted";
/** Whose curve: of one class against all others, by its index, or an average of them. */
export type Who = Average | number;

export const AVERAGES: readonly Average[] = ["micro", "macro", "weighted"];

/** Counts at each threshold, from the lowest threshold to the highest. */
interface Counts {
  thresholds: Float64Array;
  true_positive: Float64Array;
  false_positive: Float64Array;
  /** Rows of the class, and rows of all others. */
  positive: number;
  negative: number;
}

export interface Accuracy {
  labels: readonly string[];
  by_probability: readonly Counts[];
  /** At thresholds that take so many per cent of the rows; none where they were not logged. */
  by_percentile: readonly Counts[];
  /** All classes in one: every row counts once for each class. */
  pooled: Counts;
}

/** A curve, its points from left to right. */
export interface Curve {
  x: Float64Array;
  y: Float64Array;
  /** Of each point; NaN where a point has none: of averages, at the ends. */
  thresholds: Float64Array;
  /** Area under it: of ROC the AUC, of precision-recall the average precision; else NaN. */
  area: number;
}

export function accuracy_of(json: unknown): Accuracy {
  const data = data_of(json);
  const labels = names(data.class_labels);
  const read = (by: string) => {
    const thresholds = numbers(data[`${by}_thresholds`]);
    return list(data[`${by}_tables`]).map((table) => counts_of(list(table), thresholds));
  };
  const [by_probability, by_percentile] = [read("probability"), read("percentile")];
  const first = by_probability[0];
  if (!first?.thresholds.length || by_probability.length !== labels.length)
    throw new Error("It has not one probability table for each of class_labels.");
  const sum = (pick: (one: Counts) => Float64Array) =>
    first.thresholds.map((_, place) => by_probability.reduce((total, one) => total + at(pick(one), place), 0));
  const pooled = {
    thresholds: first.thresholds,
    true_positive: sum((one) => one.true_positive),
    false_positive: sum((one) => one.false_positive),
    positive: by_probability.reduce((total, one) => total + one.positive, 0),
    negative: by_probability.reduce((total, one) => total + one.negative, 0),
  };
  const is_whole = by_percentile.length === labels.length && by_percentile.every((one) => one.thresholds.length);
  return { labels, by_probability, by_percentile: is_whole ? by_percentile : [], pooled };
}

function counts_of(rows: readonly unknown[], thresholds: Float64Array): Counts {
  const table = rows.map((row) => numbers(row));
  if (table.length !== thresholds.length || table.some((row) => row.length !== 4))
    throw new Error("A table has not [TP, FP, TN, FN] for each threshold.");
  const known = [...table.keys()].filter((row) => !Number.isNaN(at(thresholds, row)));
  const order = known.sort((one, other) => at(thresholds, one) - at(thresholds, other));
  const column = (place: number) => Float64Array.from(order, (row) => at(table[row] ?? [], place));
  const total = (one: number, other: number) =>
    table.reduce((most, row) => {
      const sum = at(row, one) + at(row, other);
      return sum > most ? sum : most;
    }, 0);
  return {
    thresholds: Float64Array.from(order, (row) => at(thresholds, row)),
    true_positive: column(0),
    false_positive: column(1),
    positive: total(0, 3),
    negative: total(1, 2),
  };
}

/** The curve of a class or an average; null where there is nothing to draw it from. */
export function curve(accuracy: Accuracy, form: Form, who: Who): Curve | null {
  if (who === "micro") return one_curve(accuracy.pooled, form);
  const { by_probability, by_percentile } = accuracy;
  const tables = (form === "lift" || form === "gain") && by_percentile.length ? by_percentile : by_probability;
  if (typeof who === "number") {
    const counts = tables[who];
    return counts ? one_curve(counts, form) : null;
  }
  const parts = tables.flatMap((counts) => {
    const found = one_curve(counts, form === "lift" ? "gain" : form);
    return found ? [{ ...found, weight: who === "macro" ? 1 : counts.positive }] : [];
  });
  if (!parts.length) return null;
  if (form === "calibration") return mean_calibration(parts);
  const mean = vertical_mean(parts, form === "precision_recall");
  // Who looks at a part of the rows finds as many times more as the gain is above that part.
  return form === "lift" ? lifted(mean) : { ...mean, area: area_of(mean, form) };
}

/** Of a class without rows, or without others, some curves do not exist. */
function one_curve(counts: Counts, form: Form): Curve | null {
  const { positive, negative, thresholds, true_positive, false_positive } = counts;
  if (!positive || (form === "roc" && !negative)) return null;
  if (form === "calibration") return calibration(counts);
  const points: [number, number, number][] = [];
  const all = positive + negative;
  let [before, taken] = ["", 0];
  for (let place = thresholds.length - 1; place >= 0; place--) {
    const [hits, misses, threshold] = [at(true_positive, place), at(false_positive, place), at(thresholds, place)];
    // Thresholds between which there is no row make one point; of what was not counted there is none.
    if (Number.isNaN(hits + misses) || before === `${hits} ${misses}`) continue;
    before = `${hits} ${misses}`;
    taken = hits + misses;
    if (form === "roc") points.push([misses / negative, hits / positive, threshold]);
    else if (form === "precision_recall") {
      // Where nothing is taken there is no precision.
      if (taken) points.push([hits / positive, hits / taken, threshold]);
    } else points.push([taken / all, hits / positive, threshold]);
  }
  if (!points.length) return null;
  if (form === "precision_recall") {
    points.unshift([0, 1, Number.NaN]);
    // Whatever the thresholds are: who takes all rows finds the whole class.
    if (taken < all) points.push([1, positive / all, Number.NaN]);
  } else {
    if (points[0]?.[0] !== 0 || points[0]?.[1] !== 0) points.unshift([0, 0, Number.NaN]);
    const last = points[points.length - 1];
    if (last?.[0] !== 1 || last?.[1] !== 1) points.push([1, 1, Number.NaN]);
  }
  const column = (place: 0 | 1 | 2) => Float64Array.from(points, (point) => point[place]);
  const found = { x: column(0), y: column(1), thresholds: column(2), area: Number.NaN };
  return form === "lift" ? lifted(found) : { ...found, area: area_of(found, form) };
}

function lifted({ x, y, thresholds }: Curve): Curve {
  const is_there = (_: number, place: number) => at(x, place) > 0;
  return {
    x: x.filter(is_there),
    y: y.map((gain, place) => gain / at(x, place)).filter(is_there),
    thresholds: thresholds.filter(is_there),
    area: Number.NaN,
  };
}

/** Under straight lines; of precision and recall under steps, as scikit-learn's average precision. */
function area_of({ x, y }: Pick<Curve, "x" | "y">, form: Form): number {
  if (form !== "roc" && form !== "precision_recall") return Number.NaN;
  let area = 0;
  for (let place = 1; place < x.length; place++) {
    const wide = at(x, place) - at(x, place - 1);
    area += wide * (form === "roc" ? (at(y, place) + at(y, place - 1)) / 2 : at(y, place));
  }
  return area;
}

/** More places than these are not averaged at: then it is done at a grid. */
const PLACES = 2_000;

/**
 * The mean of curves, height by height: the area under it is the mean of their areas. Where some of them jump it has
 * two points.
 */
function vertical_mean(curves: readonly (Curve & { weight: number })[], is_stepped: boolean): Curve {
  const all = [...new Set(curves.flatMap((one) => [...one.x]))].sort((one, other) => one - other);
  const grid = all.length <= PLACES ? all : Array.from({ length: PLACES / 2 + 1 }, (_, one) => one / (PLACES / 2));
  const weights = curves.reduce((sum, { weight }) => sum + weight, 0);
  const walks = curves.map((one) => ({ ...one, place: 0 }));
  const [x, y]: [number[], number[]] = [[], []];
  for (const here of grid) {
    let [before, after] = [0, 0];
    for (const walk of walks) {
      while (walk.place < walk.x.length && at(walk.x, walk.place) < here) walk.place++;
      const [left, right] = limits(walk, walk.place, here, is_stepped);
      before += (left * walk.weight) / weights;
      after += (right * walk.weight) / weights;
    }
    x.push(here);
    y.push(before);
    if (!is_stepped && after !== before) {
      x.push(here);
      y.push(after);
    }
  }
  const none = new Float64Array(x.length).fill(Number.NaN);
  return { x: Float64Array.from(x), y: Float64Array.from(y), thresholds: none, area: Number.NaN };
}

/** Heights just before and just after a place; `first` is the first point that is not before it. */
function limits({ x, y }: Curve, first: number, here: number, is_stepped: boolean): [number, number] {
  if (first >= x.length) return [at(y, x.length - 1), at(y, x.length - 1)];
  if (at(x, first) > here && !is_stepped && first > 0) {
    const [from, to] = [at(x, first - 1), at(x, first)];
    const found = at(y, first - 1) + ((here - from) / (to - from)) * (at(y, first) - at(y, first - 1));
    return [found, found];
  }
  let last = first;
  while (last + 1 < x.length && at(x, last + 1) === at(x, first)) last++;
  return [at(y, first), at(y, last)];
}

/** Bins of the calibration, as many as scikit-learn's examples have. */
const BINS = 10;

/** How many of the rows with about such a predicted probability are of the class, in tenths of it. */
function calibration({ thresholds, true_positive, false_positive, positive, negative }: Counts): Curve | null {
  const [size, hits, sum] = [new Float64Array(BINS), new Float64Array(BINS), new Float64Array(BINS)];
  let [from, with_hits, with_all] = [0, positive, positive + negative];
  for (let place = 0; place <= thresholds.length; place++) {
    const is_end = place === thresholds.length;
    const to = is_end ? 1 : Math.max(0, Math.min(1, at(thresholds, place)));
    const [hits_left, all_left] = is_end
      ? [0, 0]
      : [at(true_positive, place), at(true_positive, place) + at(false_positive, place)];
    if (Number.isNaN(all_left)) continue;
    const middle = (from + to) / 2;
    const bin = Math.min(BINS - 1, Math.floor(middle * BINS));
    size[bin] = at(size, bin) + with_all - all_left;
    hits[bin] = at(hits, bin) + with_hits - hits_left;
    sum[bin] = at(sum, bin) + (with_all - all_left) * middle;
    [from, with_hits, with_all] = [to, hits_left, all_left];
  }
  const used = [...size.keys()].filter((bin) => at(size, bin) > 0);
  return {
    x: Float64Array.from(used, (bin) => at(sum, bin) / at(size, bin)),
    y: Float64Array.from(used, (bin) => at(hits, bin) / at(size, bin)),
    thresholds: new Float64Array(used.length).fill(Number.NaN),
    area: Number.NaN,
  };
}

function mean_calibration(curves: readonly (Curve & { weight: number })[]): Curve {
  const [x, y]: [number[], number[]] = [[], []];
  for (let bin = 0; bin < BINS; bin++) {
    let [weights, across, up] = [0, 0, 0];
    for (const one of curves) {
      const place = one.x.findIndex((value) => Math.min(BINS - 1, Math.floor(value * BINS)) === bin);
      if (place < 0) continue;
      weights += one.weight;
      across += one.weight * at(one.x, place);
      up += one.weight * at(one.y, place);
    }
    if (!weights) continue;
    x.push(across / weights);
    y.push(up / weights);
  }
  const thresholds = new Float64Array(x.length).fill(Number.NaN);
  return { x: Float64Array.from(x), y: Float64Array.from(y), thresholds, area: Number.NaN };
}

const FORMS: Record<Form, { title: string; x: string; y: string; area: string; reference: string }> = {
  roc: { title: "ROC", x: "false positive rate", y: "true positive rate", area: "AUC", reference: "by chance" },
  precision_recall: { title: "Precision-recall", x: "recall", y: "precision", area: "AP", reference: "by chance" },
  calibration: {
    title: "Calibration",
    x: "predicted probability",
    y: "share that is so",
    area: "",
    reference: "ideal",
  },
  lift: { title: "Lift", x: "part of the rows, the surest first", y: "lift", area: "", reference: "by chance" },
  gain: { title: "Gain", x: "part of the rows, the surest first", y: "part found", area: "", reference: "by chance" },
};

export const TITLES = Object.entries(FORMS).map(([form, { title }]) => [form as Form, title] as const);

export const who_name = ({ labels }: Accuracy, who: Who): string =>
  typeof who === "number" ? (labels[who] ?? "") : `${who} average`;

/** Averages in the first three colours; classes in the others, then in all with other dashes. */
export function style_of(who: Who): Pick<Stroke, "color" | "look"> {
  const nth = typeof who === "number" ? who + AVERAGES.length : AVERAGES.indexOf(who);
  const looks = ["solid", "dashed", "dash_dotted", "dotted"] as const;
  return { color: (nth % 6) + 1, look: looks[Math.floor(nth / 6) % looks.length] ?? "solid" };
}

/** "AUC 0.953"; "" where no area is meant. */
export function area_words(form: Form, found: Curve | null): string {
  if (!found) return "no rows";
  return FORMS[form].area && Number.isFinite(found.area) ? `${FORMS[form].area} ${found.area.toFixed(3)}` : "";
}

/** Which part of all rows is of the class: what guessing would find. */
function prevalence({ pooled, by_probability }: Accuracy, who: Who): number {
  const of = ({ positive, negative }: Counts) => positive / (positive + negative);
  if (who === "micro") return of(pooled);
  if (typeof who === "number") return by_probability[who] ? of(by_probability[who]) : 0;
  const weight = ({ positive }: Counts) => (who === "macro" ? 1 : positive);
  const total = by_probability.reduce((sum, one) => sum + weight(one), 0);
  return by_probability.reduce((sum, one) => sum + (weight(one) * of(one)) / total, 0);
}

export function accuracy_subject(accuracy: Accuracy, form: Form, shown: readonly Who[]): Subject {
  const { x: x_label, y: y_label, reference } = FORMS[form];
  const strokes: Stroke[] = [];
  let highest = 1;
  for (const who of shown) {
    const found = curve(accuracy, form, who);
    if (!found) continue;
    const name = who_name(accuracy, who);
    const line = form === "precision_recall" ? stepped(found) : found;
    const { x, y, thresholds } = line;
    if (form === "lift") for (const value of y) highest = Math.max(highest, value);
    const tell = (index: number) => {
      const threshold = at(thresholds, index);
      const bound = Number.isNaN(threshold) ? "" : `, threshold ${number(threshold)}`;
      return `${name}: ${x_label} ${number(at(x, index))}, ${y_label} ${number(at(y, index))}${bound}`;
    };
    strokes.push({ name, ...style_of(who), x, y, opacity: 1, tell });
    if (form === "calibration") strokes.push({ name, ...style_of(who), look: "dots", x, y, opacity: 1 });
  }
  const first = shown[0] ?? "micro";
  const chance = prevalence(accuracy, first);
  const line =
    form === "lift"
      ? straight(reference, [0, 1], [1, 1])
      : form === "precision_recall"
        ? straight(`${reference}, of ${who_name(accuracy, first)}: ${number(chance)}`, [0, 1], [chance, chance])
        : straight(reference, [0, 1], [0, 1]);
  return { x_label, y_label, x: [0, 1], y: [0, highest * 1.02], strokes: [line, ...strokes] };
}

/** Precision holds from one recall down to the one before: corners between the points. */
function stepped({ x, y, thresholds }: Curve): Curve {
  const length = Math.max(0, x.length * 2 - 1);
  const corner = (place: number) => (place + 1) >> 1;
  return {
    x: Float64Array.from({ length }, (_, place) => at(x, place >> 1)),
    y: Float64Array.from({ length }, (_, place) => at(y, corner(place))),
    thresholds: Float64Array.from({ length }, (_, place) => at(thresholds, corner(place))),
    area: Number.NaN,
  };
}

/** What the table says in all: "3 classes, 178 rows". */
export const accuracy_words = ({ labels, by_probability }: Accuracy): string =>
  `${count(labels.length)} classes, ${count(Math.max(...by_probability.map(({ positive, negative }) => positive + negative)))} rows`;
