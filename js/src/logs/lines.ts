import { type Pen, plain_pen, type Span, styled, without_escapes } from "./ansi";
import { is_header } from "./errors";

/** One line as a person reads it. */
export interface Line {
  /** Offset of its first byte in the file. */
  readonly start: number;
  readonly text: string;
  /** null: all of it is plain. */
  readonly spans: readonly Span[] | null;
  /** Whether a traceback begins here. */
  readonly is_header: boolean;
}

const NEWLINE = 10;
const RETURN = 13;
/** Bytes after which a line without an end is broken: what it is made of may never end. */
const BREAK = 256 * 1024;

// Replaces what is no UTF-8. A mark of byte order is dropped with the other unseen characters.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Makes lines of bytes that come in pieces. What follows the last line's end is kept and begun anew with each piece. */
export class Lines {
  private pen: Pen = plain_pen();
  private rest: Uint8Array = new Uint8Array(0);
  private rest_start: number;
  private end: number;

  constructor(start: number) {
    this.rest_start = start;
    this.end = start;
  }

  /** Lines that these bytes complete, and the one that still grows (null when there is none). */
  add(bytes: Uint8Array): { complete: Line[]; growing: Line | null } {
    const data = joined(this.rest, bytes);
    // A rest that was shortened stands for more bytes than it has.
    const lost = this.end - this.rest_start - this.rest.length;
    this.end += bytes.length;
    const complete: Line[] = [];
    // As many characters as bytes: then places in the text are places in the bytes, and one decoding serves all lines.
    const text = decoder.decode(data);
    const is_one_to_one = text.length === data.length;
    let start = this.rest_start;
    let from = 0;
    const close = (to: number, next: number) => {
      const line = is_one_to_one ? text.slice(from, to) : decoder.decode(data.subarray(from, to));
      complete.push(this.line(start, line, this.pen));
      start += next - from + (complete.length === 1 ? lost : 0);
      from = next;
    };
    for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) close(at, at + 1);
    let rest = last_states(data.subarray(from));
    if (rest.length > BREAK) {
      close(data.length, data.length);
      rest = data.subarray(data.length);
    }
    this.rest = rest.slice();
    this.rest_start = start;
    const growing = this.end > start ? this.line(start, decoder.decode(this.rest), { ...this.pen }) : null;
    return { complete, growing };
  }

  private line(start: number, raw: string, pen: Pen): Line {
    const { text, spans } = styled(last_state(raw), pen);
    return { start, text, spans, is_header: is_header(text) };
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (!first.length) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Of a line that grows by carriage returns (a progress bar) the last two states: all that can still be shown. */
function last_states(bytes: Uint8Array): Uint8Array {
  let at = bytes.lastIndexOf(RETURN);
  for (let kept = 0; kept < 2 && at > 0; kept++) at = bytes.lastIndexOf(RETURN, at - 1);
  return at > 0 ? bytes.subarray(at) : bytes;
}

/** What a carriage return and a backspace leave to be seen: the last state that says something. */
export function last_state(text: string): string {
  const states = text.includes("\r") ? text.split("\r") : [text];
  let index = states.length - 1;
  while (index > 0 && !without_escapes(states[index] ?? "").trim()) index--;
  const state = states[index] ?? "";
  return state.includes("\b") ? rubbed_out(state) : state;
}

function rubbed_out(text: string): string {
  const kept: string[] = [];
  for (const character of text) {
    if (character === "\b") kept.pop();
    else kept.push(character);
  }
  return kept.join("");
}
