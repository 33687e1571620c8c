import type { Goal } from "../contract";
import { type Field, is_sound } from "./fields";
import { is_better } from "./ranking";
import type { Child } from "./store";

/** The colour of a row's cell; undefined: none. */
export type Tint = (child: Child) => string | undefined;

/** Colours of the cells of a column by their value among all that are shown: stronger is better. Null: all are alike. */
export function tint_of(field: Field, rows: readonly Child[], goal: Goal): Tint | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const child of rows) {
    const cell = field.of(child);
    if (typeof cell !== "number" || !Number.isFinite(cell)) continue;
    low = Math.min(low, cell);
    high = Math.max(high, cell);
  }
  if (!(high > low)) return null;
  return (child) => {
    const cell = field.of(child);
    if (typeof cell !== "number" || !Number.isFinite(cell) || !is_sound(child)) return undefined;
    const share = (cell - low) / (high - low);
    const strength = is_better(1, 0, goal) ? share : 1 - share;
    const color = `color-mix(in srgb, var(--rd-good) ${Math.round(3 + 19 * strength)}%, transparent)`;
    // Over the colour of the row, which hides what scrolls below a pinned cell.
    return `linear-gradient(${color}, ${color})`;
  };
}
