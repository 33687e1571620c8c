/** One cell: what JSON has, and numbers that it has not. */
export type Cell = string | number | boolean | null;

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

/** Words for people. */
export const KINDS: Record<string, string> = {
  table: "table",
  list: "list",
  confusion_matrix: "confusion matrix",
  accuracy_table: "accuracy table",
  residuals: "residuals",
  predictions: "predictions",
};

/** Kinds that say how good a model is, and are drawn. */
export const CHARTED: readonly string[] = ["confusion_matrix", "accuracy_table", "residuals", "predictions"];

/** JSON that may hold bare NaN and Infinity, as Python writes them: they become numbers. Throws for anything else. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (found) =>
      found.startsWith('"') ? found : `"${found}"`,
    );
    return JSON.parse(quoted);
  }
}

/** What was logged, as a table. Throws when it is not what its kind says. */
export function table_of(kind: string, json: unknown): Table {
  if (kind === "table" || kind === "list") return plain(json);
  const version = (json as Record<string, unknown> | null)?.schema_version;
  if (version !== undefined && !/^1(\.|$)/.test(String(version))) throw new Error("Its schema_version is no 1.x.");
  const data = part(json, "data");
  switch (kind) {
    case "confusion_matrix": {
      const labels = list(data, "class_labels").map(cell);
      const rows = list(data, "matrix").map((row, index) => [labels[index] ?? index, ...as_list(row).map(measured)]);
      return { columns: ["true ↓ predicted →", ...labels.map(String)], rows };
    }
    case "residuals":
    case "predictions": {
      const edges = list(data, "bin_edges").map(cell);
      const names = ["bin_counts", "bin_averages", "bin_errors"].filter((name) => name in data);
      const columns = names.map((name) => list(data, name).map(measured));
      const rows = edges
        .slice(1)
        .map((edge, bin) => [edges[bin] ?? null, edge, ...columns.map((one) => one[bin] ?? null)]);
      return { columns: ["from", "to", ...names.map((name) => name.slice(4))], rows };
    }
    case "accuracy_table": {
      const labels = list(data, "class_labels").map(cell);
      const rows: Cell[][] = [];
      for (const by of ["probability", "percentile"]) {
        const thresholds = list(data, `${by}_thresholds`).map(cell);
        for (const [index, counts] of list(data, `${by}_tables`).entries())
          for (const [place, four] of as_list(counts).entries())
            rows.push([labels[index] ?? index, by, thresholds[place] ?? null, ...as_list(four).map(measured)]);
      }
      return { columns: ["class", "threshold by", "threshold", "TP", "FP", "TN", "FN"], rows };
    }
  }
  throw new Error(`Not a kind that is known: ${kind}`);
}

/** The parts of one name, one below the other; columns that some lack are empty there. */
export function joined(tables: readonly Table[]): Table {
  const [first] = tables;
  if (tables.length === 1 && first) return first;
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const rows = tables.flatMap((table) => {
    const places = columns.map((name) => table.columns.indexOf(name));
    return table.rows.map((row) => places.map((place) => row[place] ?? null));
  });
  return { columns, rows };
}

export interface Sorting {
  column: number;
  is_down: boolean;
}

/** Rows in an order: numbers before texts, nothing and NaN last whatever the direction, equals as they were. */
export function sorted(table: Table, sorting: Sorting | null): readonly (readonly Cell[])[] {
  if (!sorting) return table.rows;
  const { column, is_down } = sorting;
  const rank = (value: Cell) => (is_empty(value) ? 2 : typeof value === "string" ? 1 : 0);
  return [...table.rows].sort((one, other) => {
    const [a, b] = [one[column] ?? null, other[column] ?? null];
    if (is_empty(a) || is_empty(b)) return Number(is_empty(a)) - Number(is_empty(b));
    const by_kind = rank(a) - rank(b);
    const order =
      by_kind || (typeof a === "string" ? a.localeCompare(String(b), "en", { numeric: true }) : Number(a) - Number(b));
    return is_down ? -order : order;
  });
}

const is_empty = (value: Cell) => value === null || (typeof value === "number" && Number.isNaN(value));

/** Whether all that is in a column are numbers. */
export const is_numeric = (table: Table, column: number): boolean =>
  table.rows.some((row) => typeof row[column] === "number") &&
  table.rows.every((row) => typeof row[column] === "number" || is_empty(row[column] ?? null));

function plain(json: unknown): Table {
  const columns = list(json, "columns").map(String);
  const rows = list(json, "data").map((row) => as_list(row).map(cell));
  const numeric = columns.map((_, place) =>
    rows.every((row) => typeof row[place] !== "string" || not_finite(row[place]) !== null),
  );
  return {
    columns,
    rows: rows.map((row) =>
      columns.map((_, place) =>
        numeric[place] ? (not_finite(row[place]) ?? row[place] ?? null) : (row[place] ?? null),
      ),
    ),
  };
}

/** NaN, Infinity and -Infinity, which JSON has only as texts. */
const not_finite = (value: unknown): number | null =>
  value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : null;

/** A cell of a chart's numbers. */
const measured = (value: unknown): Cell => not_finite(value) ?? cell(value);

const cell = (value: unknown): Cell =>
  value === undefined || value === null
    ? null
    : typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? value
      : JSON.stringify(value);

function part(json: unknown, name: string): Record<string, unknown> {
  const found = json && typeof json === "object" ? (json as Record<string, unknown>)[name] : undefined;
  if (!found || typeof found !== "object") throw new Error(`It lacks "${name}".`);
  return found as Record<string, unknown>;
}

function list(json: unknown, name: string): readonly unknown[] {
  return as_list(json && typeof json === "object" ? (json as Record<string, unknown>)[name] : undefined, name);
}

function as_list(value: unknown, name = "a row"): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`It lacks "${name}".`);
  return value;
}
