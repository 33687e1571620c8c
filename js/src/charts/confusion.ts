import { at } from "../arrays";
import { count } from "../format";
import { data_of, list, names, numbers, percent } from "./reading";

export interface Confusion {
  labels: readonly string[];
  /** Row after row; rows are the true classes. */
  counts: Float64Array;
  /** By true class, and by predicted class. */
  row_totals: Float64Array;
  column_totals: Float64Array;
  total: number;
  correct: number;
  /** Cells that hold no count (NaN, negative, infinite), as row × classes + column: they add nothing. */
  missing: ReadonlySet<number>;
  /** Values have no meaning as counts: the matrix was logged normalised. */
  is_fractional: boolean;
}

export interface Cell {
  row: number;
  column: number;
}

export interface Report {
  precision: number;
  recall: number;
  f1: number;
  support: number;
}

export function confusion_of(json: unknown): Confusion {
  const data = data_of(json);
  const labels = names(data.class_labels);
  const size = labels.length;
  const rows = list(data.matrix);
  if (!size || rows.length !== size || rows.some((row) => list(row).length !== size))
    throw new Error("Its matrix has not as many rows and columns as class_labels.");
  const counts = new Float64Array(size * size);
  const row_totals = new Float64Array(size);
  const column_totals = new Float64Array(size);
  const missing = new Set<number>();
  let [total, correct, is_fractional] = [0, 0, false];
  for (const [row, cells] of rows.entries()) {
    for (const [column, value] of numbers(cells).entries()) {
      if (!(value >= 0) || value === Number.POSITIVE_INFINITY) missing.add(row * size + column);
      if (!(value > 0) || value === Number.POSITIVE_INFINITY) continue;
      counts[row * size + column] = value;
      row_totals[row] = at(row_totals, row) + value;
      column_totals[column] = at(column_totals, column) + value;
      total += value;
      if (row === column) correct += value;
      is_fractional ||= !Number.isInteger(value);
    }
  }
  return { labels, counts, row_totals, column_totals, total, correct, missing, is_fractional };
}

/** Of the rows of a class that are predicted so; of a class without rows 0, as scikit-learn has it. */
export function share({ labels, counts, row_totals }: Confusion, { row, column }: Cell): number {
  const total = at(row_totals, row);
  return total ? at(counts, row * labels.length + column) / total : 0;
}

export const count_at = ({ labels, counts }: Confusion, { row, column }: Cell): number =>
  at(counts, row * labels.length + column);

/** How well one class is found; what would be divided by 0 is 0, as scikit-learn has it. */
export function report({ labels, counts, row_totals, column_totals }: Confusion, index: number): Report {
  const hits = at(counts, index * (labels.length + 1));
  const [support, predicted] = [at(row_totals, index), at(column_totals, index)];
  const over = (value: number) => (value ? hits / value : 0);
  return { precision: over(predicted), recall: over(support), f1: over((predicted + support) / 2), support };
}

/** Mean recall over the classes that have rows. */
export function balanced_accuracy(confusion: Confusion): number {
  const found = confusion.labels.flatMap((_, index) => {
    const { recall, support } = report(confusion, index);
    return support ? [recall] : [];
  });
  return found.reduce((sum, one) => sum + one, 0) / found.length;
}

/** The biggest cells off the diagonal, by count or by share of their class. */
export function largest(confusion: Confusion, is_normalised: boolean, most = 10): Cell[] {
  const size = confusion.labels.length;
  const found: { cell: Cell; value: number }[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const count_here = at(confusion.counts, row * size + column);
      if (row === column || !count_here) continue;
      const value = is_normalised ? count_here / at(confusion.row_totals, row) : count_here;
      if (found.length === most && value <= (found[most - 1]?.value ?? 0)) continue;
      let place = found.length;
      while (place && (found[place - 1]?.value ?? 0) < value) place--;
      found.splice(place, 0, { cell: { row, column }, value });
      if (found.length > most) found.pop();
    }
  }
  return found.map(({ cell }) => cell);
}

/** Classes in sight: so many from a first row and a first column on. */
export interface Window {
  row: number;
  column: number;
  span: number;
}

/** The classes around a cell. */
export function around({ row, column }: Cell, span: number, size: number): Window {
  const wide = Math.max(1, Math.min(size, span));
  const first = (middle: number) => Math.max(0, Math.min(size - wide, middle - Math.floor(wide / 2)));
  return { row: first(row), column: first(column), span: wide };
}

/** Squares to draw: each is one cell, or of several classes the biggest one. */
export interface Squares {
  /** On a side. */
  side: number;
  /** Classes on the side of a square. */
  each: number;
  /** Row after row, the first one uppermost. */
  values: Float64Array;
  /** Row and column of the class whose value that is, as row × classes + column. */
  cells: Uint32Array;
  highest: number;
}

/** More are not drawn on a side: they would be smaller than two pixels. */
export const SIDE = 250;

export function squares(confusion: Confusion, window: Window, is_normalised: boolean): Squares {
  const size = confusion.labels.length;
  const each = Math.ceil(window.span / SIDE);
  const side = Math.ceil(window.span / each);
  const values = new Float64Array(side * side).fill(-1);
  const cells = new Uint32Array(side * side);
  let highest = 0;
  for (let down = 0; down < window.span; down++) {
    const row = window.row + down;
    const by = is_normalised ? at(confusion.row_totals, row) || 1 : 1;
    const start = Math.floor(down / each) * side;
    for (let across = 0; across < window.span; across++) {
      const cell = row * size + window.column + across;
      const value = at(confusion.counts, cell) / by;
      const place = start + Math.floor(across / each);
      if (value > at(values, place)) [values[place], cells[place]] = [value, cell];
      if (value > highest) highest = value;
    }
  }
  return { side, each, values, cells, highest };
}

/** How dark a value is, 0 to 1: by its root, so that rare confusions are seen beside a full diagonal. */
export const shade = (value: number, highest: number): number => (highest > 0 ? Math.sqrt(value / highest) : 0);

/** As it stands in a cell. */
export const cell_text = (value: number, is_normalised: boolean, is_fractional: boolean): string =>
  is_normalised ? percent_whole(value) : is_fractional ? String(Number(value.toPrecision(2))) : count(value);

function percent_whole(value: number): string {
  const rounded = Math.round(value * 100);
  // A 0 would hide that there is something, a 100 that something is missing.
  return value > 0 && rounded === 0 ? "<1" : value < 1 && rounded === 100 ? ">99" : String(rounded);
}

export function cell_words(confusion: Confusion, cell: Cell): string {
  const { labels, row_totals, missing } = confusion;
  const total = at(row_totals, cell.row);
  const pair = `true ${labels[cell.row]} → predicted ${labels[cell.column]}`;
  if (missing.has(cell.row * labels.length + cell.column)) return `${pair}: not counted`;
  const amount = (value: number) => (confusion.is_fractional ? String(Number(value.toPrecision(4))) : count(value));
  return `${pair}: ${amount(count_at(confusion, cell))} of ${amount(total)} (${percent(share(confusion, cell))})`;
}
