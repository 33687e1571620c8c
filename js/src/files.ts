import { signal } from "@preact/signals";
import type { FileEntry, LoggedFile, WishName } from "./contract";
import { bytes_text } from "./format";
import { save } from "./saving";
import type { Answer, Extra } from "./wishes";

export type Ask = (name: WishName, extra: Extra) => Promise<Answer | null>;

/** Bytes that one answer gives at most. */
const PART = 1024 * 1024;
/** Bytes of a file that are fetched to be shown or saved at most. */
export const FETCH_AT_MOST = 64 * 1024 * 1024;
/** Milliseconds between two looks at what is on screen, while the run goes on. */
const EVERY = 10_000;

export const GONE = "The kernel is gone: what was read stays here. Run the cell again to go on.";

export interface Folder {
  entries: readonly FileEntry[];
  /** Entries that there are, listed or not. */
  count: number;
}

export interface Archive {
  folder: string;
  files: number;
  of_files: number;
  read: number;
  of_bytes: number;
}

/** Something to be looked at again while it is on screen. */
type Look = () => Promise<void>;

/** One view's files: folders, what was logged beside numbers, bytes. Nothing is read while no panel asks. */
export class FileDesk {
  readonly folders = signal<ReadonlyMap<string, Folder>>(new Map());
  readonly logged = signal<readonly LoggedFile[] | null>(null);
  /** A sentence about what went wrong with the last look. */
  readonly note = signal("");
  /** A sentence about what went wrong with what the reader asked for; stays until something else is asked for. */
  readonly said = signal("");
  /** An archive under way. */
  readonly archive = signal<Archive | null>(null);

  constructor(
    private readonly ask: Ask,
    /** Whether the run may still change, and somebody looks. */
    private readonly is_live: () => boolean,
  ) {}

  /** Looks at once and then again and again, until the returned function is called. */
  watch(look: Look): () => void {
    let is_looking = false;
    const act = async () => {
      if (is_looking) return;
      is_looking = true;
      await look();
      is_looking = false;
    };
    void act();
    const timer = setInterval(() => {
      if (this.is_live() && document.visibilityState !== "hidden") void act();
    }, EVERY);
    return () => clearInterval(timer);
  }

  async list(path: string): Promise<void> {
    const answer = this.fine(await this.ask("files", { path }));
    const entries = answer?.message.entries;
    if (!entries) return;
    this.folders.value = new Map(this.folders.value).set(path, {
      entries,
      count: answer.message.count ?? entries.length,
    });
  }

  async list_logged(): Promise<void> {
    const logged = this.fine(await this.ask("logged", {}))?.message.logged;
    if (logged) this.logged.value = logged;
  }

  /** The first bytes of a file, and how many it has; null when they cannot be had, and `note` says why. */
  async head(path: string, length: number): Promise<{ bytes: Uint8Array; size: number } | null> {
    const answer = this.fine(await this.ask("file", { path, start: 0, length: Math.min(PART, length) }));
    if (!answer) return null;
    return { bytes: as_bytes(answer.buffers[0]), size: answer.message.size ?? 0 };
  }

  /** A whole file as it is now; null when it cannot be had, is too large, or `is_wanted` says no more. */
  async whole(
    path: string,
    is_wanted: (loaded: number, size: number) => boolean = () => true,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const first = await this.head(path, PART);
    if (!first) return null;
    const { size } = first;
    if (size > FETCH_AT_MOST) {
      this.said.value = `${path} has ${bytes_text(size)}, too much to carry through the kernel. In Python: run.download_file("${path}")`;
      return null;
    }
    const bytes = new Uint8Array(size);
    bytes.set(first.bytes.subarray(0, size));
    let loaded = Math.min(size, first.bytes.length);
    while (loaded < size) {
      if (!is_wanted(loaded, size)) return null;
      const answer = this.fine(await this.ask("file", { path, start: loaded, length: Math.min(PART, size - loaded) }));
      const part = answer && as_bytes(answer.buffers[0]);
      if (!part?.length) return null;
      bytes.set(part.subarray(0, size - loaded), loaded);
      loaded += part.length;
    }
    return bytes;
  }

  /** Hands a file to the reader. */
  async save(path: string): Promise<void> {
    this.said.value = "";
    const bytes = await this.whole(path);
    if (!bytes) this.said.value ||= this.note.value;
    if (bytes) save(path.split("/").at(-1) ?? "file", new Blob([bytes]));
  }

  /** Hands a folder, or all files, to the reader as a zip; called again, it stops. */
  async save_zip(folder: string, name: string): Promise<void> {
    if (this.archive.value) return this.stop();
    this.said.value = "";
    const archive = { folder, files: 0, of_files: 0, read: 0, of_bytes: 0 };
    this.archive.value = archive;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const is_going = () => this.archive.value?.folder === folder;
    for (let start = 0; ; start = 1) {
      const answer = this.fine(await this.ask("zip", { path: folder, start }));
      if (!is_going()) return;
      if (!answer) {
        this.said.value = this.note.value;
        break;
      }
      if (answer.message.is_done) {
        save(`${name}.zip`, new Blob(parts, { type: "application/zip" }));
        break;
      }
      const [files = 0, of_files = 0, read = 0, of_bytes = 0] = answer.message.progress ?? [];
      this.archive.value = { folder, files, of_files, read, of_bytes };
      parts.push(as_bytes(answer.buffers[0]));
    }
    this.archive.value = null;
  }

  private stop(): void {
    this.archive.value = null;
    void this.ask("zip", { start: -1 });
  }

  private fine(answer: Answer | null): Answer | null {
    this.note.value = answer ? (answer.message.error ?? "") : GONE;
    return answer && !answer.message.error ? answer : null;
  }
}

/** A copy: what a message brought may be a part of something larger. */
function as_bytes(buffer: Answer["buffers"][number] | undefined): Uint8Array<ArrayBuffer> {
  if (!buffer) return new Uint8Array();
  const view =
    buffer instanceof ArrayBuffer
      ? new Uint8Array(buffer)
      : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return new Uint8Array(view);
}
