import { duration, moment, number } from "../format";
import type { Field } from "./fields";
import type { Cell } from "./store";

/** 0:06:48, or with its decimals where it is short: "0.31 s". */
export const lasting = (seconds: number): string =>
  seconds < 10 ? `${Number(seconds.toPrecision(2))} s` : duration(seconds);

/** A cell in words. */
export function cell_text(field: Field, cell: Cell, now: number): string {
  if (cell === undefined) return "";
  if (field.key === "duration" && typeof cell === "number") return lasting(cell);
  if (field.key === "started" && typeof cell === "number") return moment(cell, now);
  return typeof cell === "number" ? number(cell) : cell;
}
