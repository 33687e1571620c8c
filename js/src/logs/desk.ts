import { signal } from "@preact/signals";
import type { AnswerMessage, LogFileFacts, LogMessage, LogPart, WishName } from "../contract";
import { bytes_text } from "../format";
import type { Buffer } from "../wire";
import type { Answer, Extra } from "../wishes";
import { likeliest } from "./names";
import { LogText } from "./text";

/** Bytes of one `log_range`. */
const RANGE = 256 * 1024;
/** Bytes that a download fetches through the kernel at most. */
export const DOWNLOAD_AT_MOST = 64 * 1024 * 1024;

export type Ask = (name: WishName, extra: Extra) => Promise<Answer | null>;

/** What is under way for the reader; empty when nothing is. */
export type Work = "" | "opening" | "loading" | "searching";

const GONE = "The kernel is gone: what was read stays here. Run the cell again to go on.";

/** One view's logs: which file is open, the window on it, and where the reader is. */
export class LogDesk {
  readonly files = signal<readonly LogFileFacts[] | null>(null);
  readonly path = signal("");
  /** Counts up when the text, or its place in the file, changed. */
  readonly changed = signal(0);
  readonly is_following = signal(true);
  /** Lines that came since the reader left the end. */
  readonly unread = signal(0);
  readonly is_wrapped = signal(false);
  readonly query = signal("");
  /** A sentence about what went wrong, or turned out. */
  readonly note = signal("");
  readonly work = signal<Work>("");
  /** Tracebacks that the reader opened, by their first byte. */
  readonly toggled = signal<ReadonlySet<number>>(new Set());
  /** The line to show, by its first byte; `at` makes each jump a new one. */
  readonly target = signal<{ offset: number; at: number } | null>(null);
  /** Bytes of a download that came so far; null when there is none. */
  readonly fetched = signal<number | null>(null);

  text = new LogText();
  private is_open = false;
  private jumps = 0;
  private searches = 0;

  /** `is_frozen`: whether the view is paused. */
  constructor(
    private readonly ask: Ask,
    private readonly is_frozen: () => boolean,
  ) {}

  /** The logs are on screen: from now on the kernel reads them. */
  async begin(): Promise<void> {
    this.is_open = true;
    if (this.path.value) return this.open(this.path.value, null, true);
    this.work.value = "opening";
    const answer = await this.ask("logs", { path: "" });
    this.work.value = "";
    if (!this.is_open || !this.fine(answer)) return;
    if (!this.path.value) await this.open_likeliest();
  }

  /** The logs are out of sight: nothing is read any more. */
  end(): void {
    this.is_open = false;
    void this.ask("logs", {});
  }

  /** Opens a file at its tail, or where a byte is; `again`: the same one, keeping what is loaded. */
  async open(path: string, offset: number | null = null, again = false): Promise<void> {
    if (!again && (path !== this.path.value || offset === null)) {
      this.text = new LogText();
      this.toggled.value = new Set();
      this.unread.value = 0;
      this.is_following.value = offset === null;
      this.changed.value++;
    }
    this.note.value = "";
    this.path.value = path;
    if (!this.is_open) return;
    this.work.value = "opening";
    const answer = await this.ask("logs", { path });
    if (this.path.value !== path) return;
    this.work.value = "";
    if (this.fine(answer) && offset !== null) await this.go_to(offset);
  }

  /** Opens a file at a line, whether or not the logs are on screen already. */
  show(path: string, offset: number): void {
    this.is_following.value = false;
    if (this.is_open) void this.open(path, offset);
    else {
      this.path.value = path;
      this.text = new LogText();
      this.pending = offset;
    }
  }

  /** Where to go once the logs are on screen. */
  private pending: number | null = null;

  /** A message of the kernel: also one that answers another view of this page. */
  heard(message: LogMessage | AnswerMessage, buffers: readonly Buffer[]): void {
    if (message.kind === "log") {
      if (this.is_frozen()) return;
      if (message.error !== undefined) this.note.value = message.error;
    }
    if (message.files) this.list(message.files, message.kind === "answer" || message.is_whole === true);
    for (const [index, part] of (message.parts ?? []).entries())
      if (part.path === this.path.value) this.take(part, as_bytes(buffers[index]));
    if (this.pending !== null && this.is_open && this.text.generation) {
      const offset = this.pending;
      this.pending = null;
      void this.go_to(offset);
    }
  }

  /** Shows the line that holds a byte, in the middle, and stops following. */
  async go_to(offset: number): Promise<void> {
    this.is_following.value = false;
    const { text } = this;
    if (offset < text.start || offset >= text.end) {
      const part = await this.range(Math.max(0, offset - RANGE / 2), RANGE);
      if (!part || part.text !== this.text) return;
      text.replace(part.bytes, part.start, part.size, text.generation || part.generation);
      this.changed.value++;
    }
    const line = text.lines[text.line_at(offset)];
    if (line) this.target.value = { offset: line.start, at: ++this.jumps };
  }

  /** The bytes before the window. */
  async load_above(): Promise<void> {
    const { text } = this;
    const { start } = text;
    if (start === 0 || this.work.value) return;
    const from = Math.max(0, start - RANGE);
    const part = await this.range(from, start - from);
    if (!part || part.text !== this.text || text.start !== start || part.start !== from) return;
    text.prepend(part.bytes, part.start);
    this.changed.value++;
  }

  /** The bytes behind the window. */
  async load_below(): Promise<void> {
    const { text } = this;
    if (text.is_at_end || this.work.value) return;
    const part = await this.range(text.end, RANGE);
    if (!part || part.text !== this.text || part.start !== text.end) return;
    text.append(part.bytes, part.size);
    this.changed.value++;
  }

  /** Follows the end from now on. */
  follow(): void {
    this.is_following.value = true;
    this.unread.value = 0;
    if (!this.text.is_at_end && this.path.value) void this.open(this.path.value, null, true);
  }

  stop_following(): void {
    this.is_following.value = false;
  }

  toggle(start: number): void {
    const toggled = new Set(this.toggled.value);
    if (!toggled.delete(start)) toggled.add(start);
    this.toggled.value = toggled;
  }

  /** Jumps to the first error of the whole file. */
  first_error(): Promise<void> {
    return this.find({ find: "error", start: 0 }, "no error that this view knows");
  }

  /** Jumps to where the query is found next in the whole file, from a byte on or back from it. */
  find_text(start: number, back: boolean): Promise<void> {
    const text = this.query.value;
    return this.find(
      { find: "text", text, start, back },
      `no “${text.slice(0, 60)}” ${back ? "before" : "after"} this`,
    );
  }

  private async find(extra: Extra, nothing: string): Promise<void> {
    const path = this.path.value;
    const search = ++this.searches;
    this.work.value = "searching";
    this.note.value = "";
    const answer = await this.ask("log_find", { ...extra, path });
    if (search !== this.searches || path !== this.path.value) return;
    this.work.value = "";
    if (!this.fine(answer)) return;
    const { found, searched_to = 0 } = answer.message;
    if (found !== null && found !== undefined) return this.go_to(found);
    const is_all = extra.back ? searched_to === 0 : searched_to >= this.text.size;
    const where = is_all ? "" : ` as far as byte ${bytes_text(searched_to)} of ${bytes_text(this.text.size)}`;
    this.note.value = `There is ${nothing}${where}.`;
  }

  /** Fetches the whole file; null when that is not to be, and the note says why. */
  async download(): Promise<Blob | null> {
    const path = this.path.value;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = this.text.size;
    this.fetched.value = 0;
    for (let at = 0; at < size; ) {
      const answer = await this.ask("log_range", { path, start: at, length: RANGE });
      if (this.fetched.value === null) return null;
      const part = answer?.message.parts?.[0];
      if (!this.fine(answer) || !part) break;
      const bytes = as_bytes(answer.buffers[0]);
      if (!bytes.length) break;
      parts.push(new Uint8Array(bytes));
      at += bytes.length;
      size = Math.min(part.size, Math.max(size, 1));
      this.fetched.value = at;
    }
    this.fetched.value = null;
    return this.note.value ? null : new Blob(parts, { type: "text/plain" });
  }

  /** After a pause: what came meanwhile. */
  catch_up(): void {
    if (this.is_open) void this.begin();
  }

  private async open_likeliest(): Promise<void> {
    const path = likeliest(this.files.value ?? []);
    if (path) await this.open(path);
  }

  private list(files: readonly LogFileFacts[], is_whole: boolean): void {
    const changed = new Map(files.map((file) => [file.path, file]));
    const known = this.files.value ?? [];
    this.files.value = is_whole ? files : known.map((file) => changed.get(file.path) ?? file);
    // The first file of a run that had none.
    if (this.is_open && !this.path.value && !this.work.value) void this.open_likeliest();
  }

  private take(part: LogPart, bytes: Uint8Array): void {
    const { text } = this;
    if (part.error) {
      this.note.value = part.error;
      return;
    }
    const skipped = text.end - part.start;
    if (text.generation && part.generation !== text.generation) {
      text.replace(bytes, part.start, part.size, part.generation);
      this.toggled.value = new Set();
      this.note.value = "The file was rewritten: this is what it holds now.";
    } else if (!text.generation || (skipped < 0 && this.is_following.value)) {
      text.replace(bytes, part.start, part.size, part.generation);
      this.note.value = "";
    } else {
      this.note.value = "";
      const is_next = skipped >= 0 && skipped <= bytes.length && (this.is_following.value || text.has_room);
      const added = text.append(is_next ? bytes.subarray(skipped) : bytes.subarray(bytes.length), part.size);
      if (!this.is_following.value) this.unread.value += Math.max(0, added);
    }
    this.changed.value++;
  }

  private async range(start: number, length: number) {
    const { text } = this;
    this.work.value = "loading";
    const answer = await this.ask("log_range", { path: this.path.value, start, length });
    if (text === this.text) this.work.value = "";
    const part = answer?.message.parts?.[0];
    if (!this.fine(answer) || !part) return null;
    return { ...part, text, bytes: as_bytes(answer.buffers[0]) };
  }

  private fine(answer: Answer | null): answer is Answer {
    if (answer && !answer.message.error) return true;
    this.note.value = answer?.message.error ?? GONE;
    return false;
  }
}

function as_bytes(buffer: Buffer | undefined): Uint8Array {
  if (!buffer) return new Uint8Array(0);
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
