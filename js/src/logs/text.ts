import { traceback } from "./errors";
import { type Line, Lines } from "./lines";

/** Characters and lines that are held of one file at most. */
export const CHARACTERS = 4_000_000;
export const LINES = 200_000;

/** A traceback that is shown as two rows. */
export interface Fold {
  /** Lines behind its first row. */
  hidden: number;
  frames: number;
  is_open: boolean;
}

/** A window on a file: consecutive lines, from a byte to a byte. It moves, grows at both ends, and stays bounded. */
export class LogText {
  lines: readonly Line[] = [];
  /** First and last byte, the last one not in it. */
  start = 0;
  end = 0;
  /** Bytes in the whole file, as last heard. */
  size = 0;
  /** 0: nothing was read yet. */
  generation = 0;
  /** Number of the first line; counted from where reading began unless `is_numbered`. */
  first_number = 1;
  /** Whether the file's start is known, and so all numbers. */
  is_numbered = false;

  private source = new Lines(0);
  private has_growing = false;
  private characters = 0;

  get is_at_end(): boolean {
    return this.end >= this.size;
  }

  /** These bytes alone; what stands before their first line's end belongs to an earlier line and is left out. */
  replace(bytes: Uint8Array, start: number, size: number, generation: number): void {
    const skipped = start > 0 ? bytes.indexOf(10) + 1 : 0;
    // A line that is not even complete is shown as it is.
    const from = skipped < bytes.length ? skipped : 0;
    this.start = this.end = start + from;
    this.generation = generation;
    this.source = new Lines(this.start);
    this.lines = [];
    this.has_growing = false;
    this.characters = 0;
    this.first_number = 1;
    this.is_numbered = start === 0;
    this.append(bytes.subarray(from), size);
  }

  /** What follows; old lines give way when it gets too much. Returns how many lines were added. */
  append(bytes: Uint8Array, size: number): number {
    this.size = size;
    if (!bytes.length) return 0;
    const before = this.has_growing ? this.lines.slice(0, -1) : this.lines;
    if (this.has_growing) this.characters -= this.lines[this.lines.length - 1]?.text.length ?? 0;
    const { complete, growing } = this.source.add(bytes);
    const added = growing ? [...complete, growing] : complete;
    const count = before.length + added.length - this.lines.length;
    this.lines = before.concat(added);
    this.has_growing = growing !== null;
    this.characters += characters_of(added);
    this.end += bytes.length;
    this.drop_first();
    return count;
  }

  /** What comes before; the newest lines give way when it gets too much. */
  prepend(bytes: Uint8Array, start: number): number {
    const skipped = start > 0 ? bytes.indexOf(10) + 1 : 0;
    const from = skipped < bytes.length ? skipped : 0;
    const { complete, growing } = new Lines(start + from).add(bytes.subarray(from));
    const added = growing ? [...complete, growing] : complete;
    this.lines = added.concat(this.lines);
    this.characters += characters_of(added);
    this.start = start + from;
    this.first_number -= added.length;
    this.drop_last();
    if (this.start === 0) {
      this.first_number = 1;
      this.is_numbered = true;
    }
    return added.length;
  }

  /** Whether there is room for what is appended, without anything giving way. */
  get has_room(): boolean {
    return this.characters < CHARACTERS - 512 * 1024 && this.lines.length < LINES - 50_000;
  }

  /** Place of the line that holds a byte. */
  line_at(offset: number): number {
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lines[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What is to be seen: places of lines, tracebacks folded but those that were opened (`toggled`, by first byte). */
  rows(toggled: ReadonlySet<number>): { rows: number[]; folds: Map<number, Fold> } {
    const rows: number[] = [];
    const folds = new Map<number, Fold>();
    for (let index = 0; index < this.lines.length; index++) {
      rows.push(index);
      const line = this.lines[index];
      if (!line?.is_header) continue;
      const found = traceback((at) => this.lines[at]?.text, index);
      if (!found || found.last - found.first < 3) continue;
      const is_open = toggled.has(line.start);
      folds.set(index, { hidden: found.last - found.first - 1, frames: found.frames, is_open });
      if (is_open) for (let inside = index + 1; inside <= found.last; inside++) rows.push(inside);
      else rows.push(found.last);
      index = found.last;
    }
    return { rows, folds };
  }

  private drop_first(): void {
    let dropped = 0;
    while (dropped < this.lines.length - 1 && (this.characters > CHARACTERS || this.lines.length - dropped > LINES)) {
      this.characters -= this.lines[dropped]?.text.length ?? 0;
      dropped++;
    }
    if (!dropped) return;
    this.lines = this.lines.slice(dropped);
    this.first_number += dropped;
    this.start = this.lines[0]?.start ?? this.end;
  }

  private drop_last(): void {
    let kept = this.lines.length;
    while (kept > 1 && (this.characters > CHARACTERS || kept > LINES)) {
      kept--;
      this.characters -= this.lines[kept]?.text.length ?? 0;
    }
    if (kept === this.lines.length) return;
    this.end = this.lines[kept]?.start ?? this.end;
    this.lines = this.lines.slice(0, kept);
    this.has_growing = false;
    this.source = new Lines(this.end);
  }
}

const characters_of = (lines: readonly Line[]) => lines.reduce((sum, line) => sum + line.text.length, 0);
