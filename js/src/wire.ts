import type { DeltaMessage } from "./contract";

/** What the widget manager hands over for a buffer. */
export type Buffer = DataView | ArrayBuffer | Uint8Array;

/** The numbers of a buffer. Copied, because the view may begin anywhere and Float64Array wants a multiple of 8. */
export function floats(buffer: Buffer | null | undefined): Float64Array {
  if (!buffer) return new Float64Array(0);
  const bytes =
    buffer instanceof ArrayBuffer
      ? new Uint8Array(buffer)
      : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % 8);
  const copy = new Uint8Array(whole);
  copy.set(bytes.subarray(0, whole));
  return new Float64Array(copy.buffer);
}

/** Hands out the points of one series after the other: `take(3)` gives the next three rows of every column. */
export class Columns {
  private taken = 0;
  private readonly rows: number;

  constructor(
    private readonly numbers: Float64Array,
    private readonly columns: number,
  ) {
    this.rows = Math.floor(numbers.length / columns);
  }

  take(count: number): Float64Array[] {
    const from = this.taken;
    this.taken = Math.min(from + count, this.rows);
    return Array.from({ length: this.columns }, (_, column) =>
      this.numbers.slice(column * this.rows + from, column * this.rows + this.taken),
    );
  }
}

/** The buffers of a delta; one that has nothing to carry may be left out, but for that of the children. */
export function delta_columns(
  message: DeltaMessage,
  buffers: readonly Buffer[],
): { appended: Columns; whole: Columns; cells: Buffer | undefined } {
  const appended_rows = (message.appended ?? []).reduce((sum, pair) => sum + (pair[1] ?? 0), 0);
  const left = [...buffers];
  const cells = message.children ? left.pop() : undefined;
  const first = appended_rows > 0 || left.length > 1 ? left.shift() : undefined;
  return { appended: new Columns(floats(first), 3), whole: new Columns(floats(left.shift()), 4), cells };
}
