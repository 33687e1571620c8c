import type { ChildDesk } from "../children/desk";
import type { Field } from "../children/fields";

/** Height of a row, in pixels. */
export const ROW = 28;
/** Width of the column of check boxes, in pixels. */
const CHECK = 34;
const WIDTHS: Record<string, number> = {
  number: 72,
  name: 170,
  status: 112,
  duration: 82,
  started: 108,
  id: 260,
  label: 130,
  preprocessor: 130,
  curve: 92,
};

/** Width of a column in pixels: the reader's own, else what its words need. */
export const width_of = (desk: ChildDesk, key: string): number => desk.widths.value.get(key) ?? WIDTHS[key] ?? 104;

/** Width of a whole row in pixels. */
export function row_width(desk: ChildDesk): number {
  const keys = [...desk.columns.value.map(({ key }) => key), ...(desk.has_curves.value ? ["curve"] : [])];
  return keys.reduce((sum, key) => sum + width_of(desk, key), CHECK);
}

/** Whether its cells stand to the right. */
export const is_number = ({ kind, key }: Field): boolean =>
  kind !== "plain" && kind !== "fact" ? true : ["number", "duration", "sampling"].includes(key);
