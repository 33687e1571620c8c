import { extent } from "../arrays";
import { log_tick, number, ticks } from "../format";
import type { Tick } from "../picture";
import { ticks_of } from "../scale";
import type { Field } from "./fields";
import type { Cell, Child } from "./store";

export type Scale = "linear" | "log" | "categorical";

/** Where the rows stand along one field. Each place is between `low` and `high`; a row without a value has none. */
export interface Axis {
  field: Field;
  scale: Scale;
  low: number;
  high: number;
  ticks: readonly Tick[];
  place(cell: Cell): number | undefined;
}

/** Categories that an axis has at most; those that come later share the last place. */
const CATEGORIES = 60;
/** A positive parameter that spans more than this, times, is drawn on a log axis. */
const WIDE = 100;

const by_word = new Intl.Collator("en", { numeric: true });

/** The axis of a field: as its distribution says, else as its values do. */
export function axis_of(field: Field, rows: readonly Child[], told: Scale | undefined): Axis | null {
  const numbers: number[] = [];
  let [has_text, has_odd] = [false, false];
  for (const child of rows) {
    const cell = field.of(child);
    if (typeof cell === "string") has_text = true;
    else if (cell !== undefined && Number.isFinite(cell)) numbers.push(cell);
    else if (cell !== undefined) has_odd = true;
  }
  if (!has_text && !has_odd && !numbers.length) return null;
  if (has_text || told === "categorical" || !numbers.length) {
    const words = new Set<string>();
    for (const child of rows) {
      const cell = field.of(child);
      if (cell !== undefined) words.add(typeof cell === "number" ? number(cell) : cell);
    }
    const listed = [...words].sort(by_word.compare).slice(0, CATEGORIES);
    const place_of = new Map(listed.map((word, place) => [word, place]));
    return {
      field,
      scale: "categorical",
      low: -0.5,
      high: Math.max(0.5, listed.length - 0.5),
      ticks: listed.map((label, value) => ({ value, label })),
      place: (cell) =>
        cell === undefined
          ? undefined
          : (place_of.get(typeof cell === "number" ? number(cell) : cell) ?? listed.length - 1),
    };
  }
  const [low, high] = extent(numbers) ?? [0, 0];
  // Evenly spread numbers may span as much; most of them do not lie so near the lower end.
  const near = numbers.reduce((count, one) => (one < high / 10 ? count + 1 : count), 0);
  const is_wide = high / low >= WIDE && near > numbers.length >> 1;
  const is_log = low > 0 && (told === "log" || (told !== "linear" && is_wide));
  const of = is_log ? Math.log10 : (value: number) => value;
  const scale = { low, high, is_log };
  const kind = numbers.every(Number.isInteger) ? "whole" : "number";
  const { values, gap } = low < high ? ticks_of(scale, 5, kind) : { values: [low], gap: 0 };
  const labels = is_log && !gap ? values.map(log_tick) : gap ? ticks(values) : values.map((value) => number(value));
  const room = (of(high) - of(low)) * 0.04 || Math.abs(of(low)) * 0.1 || 1;
  return {
    field,
    scale: is_log ? "log" : "linear",
    low: of(low) - room,
    high: of(high) + room,
    ticks: values.map((value, index) => ({ value: of(value), label: labels[index] ?? "" })),
    place: (cell) => {
      if (typeof cell !== "number" || !Number.isFinite(cell) || (is_log && cell <= 0)) return undefined;
      return of(cell);
    },
  };
}

/** Colour of a share from 0 (worst) to 1 (best), told apart by colour-blind readers on light and dark: viridis, in parts. */
export function shade(share: number): string {
  const stops = [
    [94, 60, 140],
    [59, 110, 160],
    [33, 145, 140],
    [90, 190, 100],
    [235, 205, 50],
  ] as const;
  const place = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(place));
  const [one, other] = [stops[from] ?? stops[0], stops[from + 1] ?? stops[0]];
  const mix = [0, 1, 2].map((part) =>
    Math.round((one[part] ?? 0) + ((other[part] ?? 0) - (one[part] ?? 0)) * (place - from)),
  );
  return `rgb(${mix.join(" ")})`;
}

/** How good each row is among all, 0 to 1, by rank; undefined where it has no number. */
export function shares(values: readonly (number | undefined)[], is_min: boolean): (number | undefined)[] {
  const ordered = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  ordered.sort((one, other) => one - other);
  const most = ordered.length - 1;
  return values.map((value) => {
    if (value === undefined || !Number.isFinite(value)) return undefined;
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ordered[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    const share = most > 0 ? low / most : 1;
    return is_min ? 1 - share : share;
  });
}
