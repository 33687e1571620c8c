import { save } from "./saving";

/** A field as RFC 4180 has it. Text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function field(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A whole file, with the line ends that RFC 4180 asks for. */
export function csv(rows: Iterable<readonly (string | number | null)[]>): string {
  let text = "";
  for (const row of rows) text += `${row.map(field).join(",")}\r\n`;
  return text;
}

/** Hands a text file to the reader. */
export function download(name: string, text: string): void {
  const blob = new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" });
  save(name.replace(/[^\w.-]+/g, "_").slice(0, 100), blob);
}
