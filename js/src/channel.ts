import { effect, untracked } from "@preact/signals";
import type { Child } from "./children/store";
import type {
  AliveMessage,
  AnswerMessage,
  DeltaMessage,
  LogMessage,
  OpenedMessage,
  RunFacts,
  Snapshot,
  TwinMessage,
  Wish,
} from "./contract";
import type { Manager } from "./host";
import { is_experiment } from "./sentences";
import { Store } from "./store";
import { CHARTED } from "./tables";
import { View } from "./view";
import type { Buffer } from "./wire";
import { Wishes } from "./wishes";

export type Message = DeltaMessage | AliveMessage | TwinMessage | AnswerMessage | LogMessage | OpenedMessage;

/** Milliseconds before the whole is asked for again. */
const ASK_AGAIN = 10_000;

/** What this page and the kernel say to each other about one run: its copy of the facts, its wishes, its views. */
export class Channel {
  readonly store: Store;
  readonly wishes: Wishes;
  readonly views = new Set<View>();
  /** The view that was made last: it asks for what all of them need. */
  here = "";
  private asked_at = Number.NEGATIVE_INFINITY;

  /** `opened`: the ID of a run below the widget's own; "" for that one. */
  constructor(
    readonly opened: string,
    send: (wish: Wish) => void,
    lost: () => void,
  ) {
    this.store = new Store(() => {
      if (performance.now() - this.asked_at < ASK_AGAIN) return;
      this.asked_at = performance.now();
      for (const view of this.views) view.logs.catch_up();
      void this.wishes.wish(this.here, "snapshot");
    });
    this.wishes = new Wishes(send, lost, opened ? { opened } : {});
  }

  load(snapshot: Snapshot | null | undefined): void {
    this.store.load(snapshot);
    this.fill();
  }

  hear(message: Exclude<Message, TwinMessage>, buffers: readonly Buffer[]): void {
    const { store } = this;
    switch (message.kind) {
      case "opened": {
        const [whole, cells] = buffers;
        this.load({ ...message.snapshot, whole, cells } as Snapshot);
        return;
      }
      case "delta":
        if (message.reset) this.asked_at = Number.NEGATIVE_INFINITY;
        store.apply(message, buffers);
        if (message.reset) this.fill();
        return;
      case "alive":
        store.alive(message);
        return;
      case "log":
        store.alive(message);
        for (const view of this.views) view.logs.heard(message, buffers);
        return;
      case "answer":
        store.reconnect();
        store.compare(message.seq);
        // What one view is given of the end of a log, the others of this page have not been given.
        if (message.files) for (const view of this.views) view.logs.heard(message, buffers);
        this.wishes.answer(message, buffers);
    }
  }

  /** A new view of the run. */
  view(manager: Manager | undefined, enter: (child: Child) => View | null): View {
    const view = new View(this.store, this.wishes, manager, enter);
    this.here = view.id;
    this.views.add(view);
    const stop = effect(() => {
      const is_failed = this.store.failure.value !== null;
      const has_children = this.store.children.total.value > 0;
      const kind = this.store.children.family.value?.kind ?? "nested";
      const is_plain = this.store.names.value.length > 0;
      const has_runs_alone = is_experiment(this.store.run.value);
      const run = this.store.run.value;
      this.store.shape.value;
      const has_model_charts =
        !has_children &&
        run?.parent != null &&
        run.logged.some((one) => CHARTED.includes(one)) &&
        !this.store.names.value.some((name) => this.store.is_curve(name));
      untracked(() => {
        if (view.has_chosen_tab) return;
        // A parent opens on its children, and a run that failed on its error.
        if (is_failed) view.show_failure();
        // A model among others that has no curves, on what says how good it is.
        else if (has_model_charts) view.tab.value = "tables";
        else if (has_runs_alone || (has_children && (kind !== "nested" || !is_plain))) view.tab.value = "children";
      });
    });
    view.on_dispose.push(() => {
      stop();
      this.views.delete(view);
    });
    this.fill();
    return view;
  }

  /** Has the rows sent that this page lacks. */
  private fill(): void {
    const [view] = this.views;
    if (view && this.store.children.is_behind) void view.children.fill();
  }
}

/** What a row says of a run, until the run itself is read. */
export function facts_of(child: Child, above: RunFacts | null, parameters: Record<string, string>): RunFacts {
  return {
    id: child.id,
    name: child.name,
    experiment: above?.experiment ?? "",
    type: "",
    status: child.status,
    has_ended: child.ended !== null || ["Completed", "Failed", "Canceled"].includes(child.status),
    created: child.created,
    started: child.started,
    ended: child.ended,
    parameters,
    tags: {},
    source: null,
    user: null,
    parent: above?.id ?? null,
    detail: "",
    can_cancel: false,
    logged: [],
    fitted: [],
  };
}
