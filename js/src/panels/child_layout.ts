import type { ChildDesk } from "../children/desk";
import type { Field } from "../children/fields";
import type { Cell } from "../children/store";

/** Height of a row, in pixels. */
export const ROW = 28;
/** Width of the column of check boxes, in pixels. */
const CHECK = 34;
const WIDTHS: Record<string, number> = {
  number: 86,
  name: 170,
  status: 112,
  duration: 98,
  started: 108,
  id: 260,
  label: 150,
  preprocessor: 150,
  curve: 92,
};

/** Width of a column in pixels: the reader's own, else room for its title and the arrow of its order, within reason. */
export const width_of = (desk: ChildDesk, { key, title }: Pick<Field, "key" | "title">): number =>
  desk.widths.value.get(key) ?? WIDTHS[key] ?? Math.max(104, Math.min(190, 8 * title.length + 40));

/** Width of a whole row in pixels. */
export function row_width(desk: ChildDesk): number {
  return desk.columns.value.reduce((sum, column) => sum + width_of(desk, column), CHECK);
}

/** How far from the left each of the pinned columns stays, by its key; they come first. */
export function pinned_edges(desk: ChildDesk): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let edge = CHECK;
  for (const column of desk.columns.value) {
    if (!desk.pinned.value.has(column.key)) break;
    found.set(column.key, edge);
    edge += width_of(desk, column);
  }
  return found;
}

/** Pixels beside those in sight that are drawn as well. */
const ASIDE = 150;

/**
 * The columns of which something lies between `left` and `right`, and how wide those before them are; `pinned`
 * columns stay in sight and count as none of these.
 */
export function columns_within(widths: readonly number[], left: number, right: number, pinned = 0) {
  const edge = widths.slice(0, pinned).reduce((sum, width) => sum + width, CHECK);
  let [from, before] = [pinned, 0];
  while (from < widths.length - 1 && edge + before + (widths[from] ?? 0) < left - ASIDE) before += widths[from++] ?? 0;
  let [end, reached] = [from, edge + before];
  while (end < widths.length && reached < right + ASIDE) reached += widths[end++] ?? 0;
  return { from, end, before };
}

/** Pixels beside its words that a cell needs; one with a status also has a sign. */
const PADDING = 16;
const SIGN = 18;
/** Pixels of the widest letter, of a letter in a word that is known, and of any number. */
const LETTER = 12;
const USUAL = 8;
const NUMBER = 84;

/**
 * Whether a cell has to be cut off at the end of its column. Those that surely fit are not: a browser that has to clip
 * each of a thousand cells by itself takes half as long again for each frame.
 */
export function is_cut(field: Field, cell: Cell, width: number): boolean {
  if (cell === undefined) return false;
  if (field.key === "started") return true;
  if (typeof cell === "number") return width < Math.min(PADDING + NUMBER, WIDTHS[field.key] ?? NUMBER + PADDING);
  const words = field.key === "status" ? SIGN + USUAL * cell.length : LETTER * cell.length;
  return width < PADDING + words;
}

/** Whether its cells stand to the right. */
export const is_number = ({ kind, key, is_words }: Field): boolean =>
  kind !== "plain" && kind !== "fact" ? !is_words : ["number", "duration", "sampling"].includes(key);
