import type { Line } from "./lines";

/** A part of a line: one style, and either found by the search or not. */
export interface Piece {
  text: string;
  style: string;
  is_match: boolean;
}

/** The first `length` characters of a line in pieces, with what the query finds marked. */
export function marked(line: Line, query: string, length: number): Piece[] {
  const places = matches(line.text, query);
  const pieces: Piece[] = [];
  let at = 0;
  let next = 0;
  for (const span of line.spans ?? [{ text: line.text, style: "" }]) {
    const end = Math.min(at + span.text.length, length);
    const begin = at;
    while (at < end) {
      while ((places[next]?.[1] ?? Number.POSITIVE_INFINITY) <= at) next++;
      const [from, to] = places[next] ?? [end, end];
      const is_match = from <= at;
      const until = Math.min(end, is_match ? to : from);
      pieces.push({ text: span.text.slice(at - begin, until - begin), style: span.style, is_match });
      at = until;
    }
    at = begin + span.text.length;
  }
  return pieces;
}

/** Where a text is found in a line, whatever the case: [from, to) each. */
export function matches(text: string, query: string): [number, number][] {
  if (!query) return [];
  const lowered = text.toLowerCase();
  const needle = query.toLowerCase();
  const found: [number, number][] = [];
  // A letter whose small form is longer would shift the places.
  if (lowered.length !== text.length) return found;
  for (let at = lowered.indexOf(needle); at >= 0; at = lowered.indexOf(needle, at + needle.length))
    found.push([at, at + needle.length]);
  return found;
}
