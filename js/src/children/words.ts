import { count, duration, moment, number, span } from "../format";
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

/** What a search was given, and how far it is. */
export interface Plan {
  /** Seconds since 1970. */
  started: number;
  /** For how long it is to go on, in seconds; null when nothing says. */
  seconds: number | null;
  /** How many there will be; null when nothing says. */
  planned: number | null;
  /** How many have ended, and when the last of them did. */
  done: number;
  last_end: number | null;
}

/** Fewer say nothing of how long the others take. */
const ENOUGH = 3;

/** When a search will have used up what it was given; empty when nothing says. */
export function plan_words({ started, seconds, planned, done, last_end }: Plan, now: number): string {
  const used = now - started;
  if (seconds !== null) return used < seconds ? ` · time limit in ${span(seconds - used)}` : " · over its time limit";
  if (planned === null) return "";
  if (done < ENOUGH || last_end === null) return ` · ${count(planned)} planned`;
  // Until the next one ends, nothing more is learned of how long one takes.
  const whole = ((last_end - started) / done) * planned;
  const left = whole > used ? `about ${span(whole - used)} left (estimate)` : "longer than estimated";
  return done < planned ? ` · ${count(done)} of ${count(planned)}, ${left}` : ` · all ${count(planned)} are done`;
}
