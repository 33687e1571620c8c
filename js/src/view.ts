import { type Signal, signal } from "@preact/signals";
import type { AxisKind } from "./axis";
import { Files } from "./browsing";
import { ChildDesk } from "./children/desk";
import type { Band } from "./children/siblings";
import type { Child } from "./children/store";
import { Staggered } from "./clock";
import type { Goal } from "./contract";
import { Cursor } from "./cursor";
import type { Manager } from "./host";
import { LogDesk } from "./logs/desk";
import { Mounts } from "./mounts";
import { Overlays } from "./overlays";
import type { Store } from "./store";
import type { Wishes } from "./wishes";

export type Tab = "children" | "metrics" | "tables" | "images" | "logs" | "files" | "parameters" | "tags";

/** How far a reader is with ending the run. */
export type Cancelling =
  | { kind: "idle" }
  | { kind: "asking" }
  | { kind: "sent" }
  | { kind: "said"; words: string }
  | { kind: "failed"; words: string };

/** Milliseconds of quiet after which the charts in sight are told. */
const SETTLED = 250;

/** What a reader chose in one view: never leaves the browser, never lost to an update. */
export class View {
  readonly id = crypto.randomUUID();
  readonly mounts = new Mounts(() => this.look_later());
  readonly staggered = new Staggered();
  readonly cursor = new Cursor();
  readonly overlays = new Overlays(() => this.look_later());

  readonly tab = signal<Tab>("metrics");
  /** Whether the reader chose a tab: then none opens by itself. */
  has_chosen_tab = false;
  readonly logs: LogDesk;
  readonly files: Files;
  readonly children: ChildDesk;
  /** A run below this one that the reader opened in its place. */
  readonly opened = signal<View | null>(null);
  /** The view in whose place this one is; null for that of the cell. */
  above: View | null = null;
  /** Where the siblings of a run that was opened below another lie. */
  readonly band = signal<Band | null>(null);
  readonly query = signal("");
  readonly axis = signal<AxisKind>("step");
  readonly is_log = signal(false);
  readonly smoothing = signal(0.6);
  readonly as_table = signal(false);
  readonly is_help_open = signal(false);
  readonly cancelling = signal<Cancelling>({ kind: "idle" });
  /** null: grouped when there are many. */
  readonly is_grouped = signal<boolean | null>(null);
  /** Groups that the reader opened or closed; others are as they come. */
  readonly groups = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly pinned = signal<readonly string[]>([]);
  readonly expanded = signal<string | null>(null);
  /** What is to be done when nobody looks any more. */
  readonly on_dispose: (() => void)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looked_at = "";
  private readonly goals = new Map<string, Signal<Goal | null | undefined>>();

  constructor(
    readonly store: Store,
    readonly wishes: Wishes,
    readonly manager: Manager | undefined,
    /** Makes a view of another run, in the place of this one. */
    private readonly enter: (child: Child) => View | null = () => null,
  ) {
    this.children = new ChildDesk(
      store.children,
      (name, extra) => wishes.wish(this.id, name, extra),
      () => store.clock.now(),
    );
    this.logs = new LogDesk(
      (name, extra) => wishes.wish(this.id, name, extra),
      () => store.is_paused,
    );
    this.files = new Files(
      (name, extra) => wishes.wish(this.id, name, extra),
      () => store.condition.peek().kind === "live",
    );
  }

  /** Opens a run below this one in its place. */
  open(child: Child): void {
    if (child.is_closed) return;
    this.close_opened();
    this.opened.value = this.enter(child);
  }

  /** Comes back to this run. */
  close_opened(): void {
    const opened = this.opened.value;
    this.opened.value = null;
    opened?.dispose();
    // The kernel keeps so many runs open: one that was not looked at for long is opened again.
    if (opened && this.above) void this.wishes.wish(this.id, "look", { visible: true });
  }

  choose_tab(tab: Tab): void {
    this.has_chosen_tab = true;
    this.tab.value = tab;
  }

  /** Opens the log at the line that tells why the run failed. */
  show_failure(): void {
    const failure = this.store.failure.value;
    if (!failure) return;
    this.tab.value = "logs";
    this.logs.show(failure.path, failure.offset);
  }

  /** The direction that a reader chose for a metric; undefined: as guessed from its name. */
  goal(name: string): Signal<Goal | null | undefined> {
    let chosen = this.goals.get(name);
    if (!chosen) {
      chosen = signal(undefined);
      this.goals.set(name, chosen);
    }
    return chosen;
  }

  toggle_pin(name: string): void {
    const pinned = this.pinned.value;
    this.pinned.value = pinned.includes(name) ? pinned.filter((one) => one !== name) : [...pinned, name];
  }

  toggle_group(prefix: string, is_open: boolean): void {
    this.groups.value = new Map(this.groups.value).set(prefix, is_open);
  }

  pause(): void {
    this.store.pause();
    void this.wishes.wish(this.id, "pause");
  }

  resume(): void {
    this.store.resume();
    this.logs.catch_up();
    void this.wishes.wish(this.id, "resume");
  }

  /** Tells a kernel that reads only what is seen which charts are: a quarter of a second after the last change. */
  private look_later(): void {
    if (!this.store.source.peek()?.selective) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), SETTLED);
  }

  private look(): void {
    const seen = this.mounts.seen_elements().map((one) => one.closest<HTMLElement>("[data-metric]")?.dataset.metric);
    const drawn = this.overlays.all.peek();
    const names = seen.flatMap((name = "") => [name, ...(drawn.get(name) ?? []).map((other) => other.name)]);
    const found = names.map((name) => this.store.metric(name)?.series.id).filter((id) => id !== undefined);
    const ids = [...new Set(found)];
    ids.sort((one, other) => one - other);
    if (String(ids) === this.looked_at) return;
    this.looked_at = String(ids);
    void this.wishes.wish(this.id, "look", { visible: true, metrics: ids });
  }

  /** Asks for the end of the run, once: only a reader who was asked can have it sent. */
  async cancel(): Promise<void> {
    if (this.cancelling.value.kind !== "asking") return;
    this.cancelling.value = { kind: "sent" };
    const answer = await this.wishes.wish(this.id, "cancel");
    if (!answer) {
      const words = "The kernel is gone, and nobody else here can end the run: stop it where it runs.";
      this.cancelling.value = { kind: "failed", words };
      return;
    }
    const { error, said } = answer.message;
    this.cancelling.value = error
      ? { kind: "failed", words: `The run was not cancelled: ${error}` }
      : { kind: "said", words: said ?? "The run was asked to stop." };
  }

  dispose(): void {
    this.close_opened();
    for (const act of this.on_dispose) act();
    this.children.dispose();
    clearTimeout(this.timer);
    this.mounts.dispose();
    this.cursor.dispose();
    this.files.dispose();
  }
}
