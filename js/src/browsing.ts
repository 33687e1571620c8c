import { signal } from "@preact/signals";
import { type Ask, FileDesk } from "./files";
import { Pictures } from "./pictures";

/** What a reader looks at among the run's files: stays while tabs change. */
export class Files {
  readonly desk: FileDesk;
  readonly pictures: Pictures;
  /** Key of the table that is shown; "": the first. */
  readonly table = signal("");
  /** Name of the images that are shown; "": the first. */
  readonly image = signal("");
  /** Folders that are open. */
  readonly open = signal<ReadonlySet<string>>(new Set());
  /** The file or folder that is chosen. */
  readonly path = signal("");

  constructor(ask: Ask, is_live: () => boolean) {
    this.desk = new FileDesk(ask, is_live);
    this.pictures = new Pictures(
      async (path) => (await this.desk.whole(path)) ?? (this.desk.note.peek() || "It could not be read."),
    );
  }

  dispose(): void {
    this.pictures.dispose();
  }
}
