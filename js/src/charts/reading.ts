/** What was logged as a chart, read with care: the files may be anybody's. */

/** The `data` of a file. */
export function data_of(json: unknown): Record<string, unknown> {
  const found = json && typeof json === "object" ? (json as Record<string, unknown>).data : undefined;
  return found && typeof found === "object" ? (found as Record<string, unknown>) : {};
}

/** What it lacks, when it was logged without anything to draw. */
export function nothing_in(json: unknown): string {
  const { class_labels, bin_counts } = data_of(json);
  const is_empty = (value: unknown) => Array.isArray(value) && !value.length;
  return is_empty(class_labels)
    ? "There are no classes in it."
    : is_empty(bin_counts)
      ? "There are no bins in it."
      : "";
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** JSON has "NaN", "Infinity" and "-Infinity" as texts; whatever else is no number counts as NaN. */
export const numbers = (value: unknown): Float64Array =>
  Float64Array.from(list(value), (one) => (one === null || one === "" ? Number.NaN : Number(one)));

export const names = (value: unknown): readonly string[] =>
  list(value).map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one)));

/** A share as people say it. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${Number((share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1))} %` : "–";
