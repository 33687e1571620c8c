import { batch, computed, type Signal, signal } from "@preact/signals";
import { ChildStore } from "./children/store";
import { Clock } from "./clock";
import type {
  AliveMessage,
  DeltaMessage,
  Failure,
  FindingsFacts,
  Health,
  InsightFacts,
  ProgressFacts,
  RunFacts,
  SeriesFacts,
  Snapshot,
  SourceFacts,
  StaleFacts,
} from "./contract";
import { Series } from "./series";
import { type Buffer, Columns, delta_columns, floats } from "./wire";

/** How things stand, for people: exactly one of these. Times are seconds since 1970 in the kernel's clock. */
export type Condition =
  | { kind: "loading"; message: string }
  | { kind: "live"; message: string; remaining: number }
  | { kind: "stale"; message: string; since: number | null; retry_at: number | null }
  | { kind: "paused"; since: number | null; waiting: number }
  | { kind: "ended"; message: string }
  | { kind: "gone"; message: string; since: number | null }
  | { kind: "offline"; since: number }
  | { kind: "disconnected"; since: number };

/** One metric in the store: `changed` counts up whenever its points or numbers moved. */
export interface Metric {
  series: Series;
  readonly changed: Signal<number>;
}

interface Frozen {
  since: number;
  waiting: [DeltaMessage, readonly Buffer[]][];
  /** Too many waited: on resume the whole is asked for instead. */
  dropped: boolean;
}

/** Messages that wait at most while the view is paused. */
const WAITING_AT_MOST = 500;

/** The page's bounded copy of the facts of one run. One per model: every view of the model shows the same. */
export class Store {
  readonly seq = signal(-1);
  readonly key = signal("");
  readonly version = signal("");
  readonly at = signal<number | null>(null);
  readonly run = signal<RunFacts | null>(null);
  readonly source = signal<SourceFacts | null>(null);
  /** Requests a minute that the store gets from the kernel; null when no server is asked. */
  readonly requests = signal<number | null>(null);
  readonly health = signal<Health | null>(null);
  readonly headline = signal<readonly string[]>([]);
  /** Why the run failed, once its logs tell. */
  readonly failure = signal<Failure | null>(null);
  readonly progress = signal<ProgressFacts | null>(null);
  readonly findings = signal<FindingsFacts>({ shown: [], more: 0 });
  readonly stale = signal<StaleFacts | null>(null);
  /** Names in the order in which the kernel first sent them; changes only when metrics come or go. */
  readonly names = signal<readonly string[]>([]);
  /** Counts up when a metric turns from a single value into a series. */
  readonly shape = signal(0);
  /** Points were missed and the whole is on its way. */
  readonly is_catching_up = signal(false);
  readonly clock: Clock;
  /** The runs below it. */
  readonly children = new ChildStore();

  private readonly metrics = new Map<string, Metric>();
  private readonly by_id = new Map<number, Metric>();
  private readonly frozen = signal<Frozen | null>(null);
  private readonly disconnected = signal<number | null>(null);
  private readonly offline = signal<number | null>(null);
  private was_resumed = false;

  /** `missed`: what to do when a message was lost. */
  constructor(
    private readonly missed: () => void,
    clock = new Clock(),
  ) {
    this.clock = clock;
  }

  /** Whether nobody tells any more how the run goes. */
  readonly is_unknown = computed(() => ["disconnected", "gone"].includes(this.condition.value.kind));
  /** Whether all runs below have ended, and what made them never says that the run itself has. */
  readonly is_forgotten = computed(() => (this.children.family.value?.is_over && !this.run.value?.has_ended) ?? false);
  readonly condition = computed<Condition>(() => {
    const health = this.health.value;
    const frozen = this.frozen.value;
    const gone_since = this.disconnected.value;
    // The data of a run that has ended are complete: that its kernel is gone takes nothing away.
    if (gone_since !== null && health?.state !== "ended") return { kind: "disconnected", since: gone_since };
    const offline_since = this.offline.value;
    if (offline_since !== null && health?.state !== "ended") return { kind: "offline", since: offline_since };
    if (frozen) return { kind: "paused", since: frozen.since, waiting: frozen.waiting.length };
    if (!health) return { kind: "loading", message: "" };
    const { state, message, since, retry_at, remaining } = health;
    switch (state) {
      case "live":
        return { kind: "live", message, remaining };
      case "stale":
        return { kind: "stale", message, since, retry_at };
      case "gone":
        return { kind: "gone", message, since };
      case "paused":
        return { kind: "paused", since: since ?? this.at.value, waiting: 0 };
      default:
        return { kind: state, message };
    }
  });

  metric(name: string): Metric | undefined {
    return this.metrics.get(name);
  }

  /** One whose points were not read may have many: its chart, once seen, has them read. */
  is_curve(name: string): boolean {
    const series = this.metric(name)?.series;
    return series !== undefined && (series.count > 1 || series.is_behind);
  }

  /** Points of all series: behind them, and held here. */
  totals(): { count: number; kept: number } {
    let count = 0;
    let kept = 0;
    for (const { series } of this.metrics.values()) {
      count += series.count;
      kept += series.kept.ordinal.length;
    }
    return { count, kept };
  }

  load(snapshot: Snapshot | null | undefined): void {
    if (!snapshot?.run || snapshot.seq < this.seq.peek()) return;
    batch(() => {
      this.key.value = snapshot.key;
      this.version.value = snapshot.version;
      this.source.value = snapshot.source;
      this.requests.value = snapshot.source.requests;
      this.run.value = snapshot.run;
      this.health.value = snapshot.health;
      this.headline.value = snapshot.headline;
      this.failure.value = snapshot.failure ?? null;
      this.learn(snapshot.insight);
      this.heard(snapshot);
      this.replace(snapshot.series, new Columns(floats(snapshot.whole), 4), true);
      if (snapshot.children) this.children.apply(snapshot.children, snapshot.cells);
    });
  }

  /** What is known of the run before it was read: from the row that it is in a table. */
  preset(run: RunFacts): void {
    this.run.value ??= run;
  }

  /** A delta: `seq` follows the one before, or something was lost. */
  apply(message: DeltaMessage, buffers: readonly Buffer[]): void {
    const frozen = this.frozen.peek();
    if (frozen) {
      const is_full = frozen.waiting.length >= WAITING_AT_MOST;
      const waiting = is_full ? frozen.waiting : [...frozen.waiting, [message, buffers] as [DeltaMessage, Buffer[]]];
      this.frozen.value = { ...frozen, waiting, dropped: frozen.dropped || is_full };
      return;
    }
    // The whole that was asked for has the number of the last change, which may have arrived already.
    if (message.seq < this.seq.peek() || (message.seq === this.seq.peek() && !message.reset)) return;
    const was_lost = message.seq > this.seq.peek() + 1 && !message.reset;
    batch(() => {
      this.heard(message);
      if (message.requests !== undefined) this.requests.value = message.requests;
      if (message.run) this.run.value = message.run;
      if (message.health) {
        if (!this.was_resumed || message.health.state !== "paused") {
          this.health.value = message.health;
          this.was_resumed = false;
        }
      }
      if (message.headline) this.headline.value = message.headline;
      if (message.failure) this.failure.value = message.failure;
      this.learn(message.insight);
      const { appended, whole, cells } = delta_columns(message, buffers);
      if (message.reset) this.children.clear();
      if (message.children) this.children.apply(message.children, cells);
      for (const [id, count] of message.appended ?? []) {
        const [step, time, value] = appended.take(count ?? 0);
        const metric = this.by_id.get(id ?? -1);
        if (!metric || !step || !time || !value) continue;
        const was_single = metric.series.count < 2;
        metric.series.append(step, time, value);
        if (was_single && metric.series.count > 1) this.shape.value++;
        metric.changed.value++;
      }
      for (const { id, step, time, value } of message.latest ?? []) {
        const metric = this.by_id.get(id);
        if (!metric) continue;
        metric.series.note_latest(step, time, Number(value));
        metric.changed.value++;
      }
      if (message.series || message.reset) this.replace(message.series ?? [], whole, message.reset ?? false);
      if (message.reset) this.is_catching_up.value = false;
      if (was_lost) this.is_catching_up.value = true;
    });
    if (was_lost) this.missed();
  }

  alive(message: Omit<AliveMessage, "kind"> & { kind: string }): void {
    this.clock.hear(message.now);
    this.disconnected.value = null;
    const source = this.source.peek();
    if (source && message.portal_url) this.source.value = { ...source, portal_url: message.portal_url };
    if (this.frozen.peek()) return;
    if (message.requests !== undefined) this.requests.value = message.requests;
    this.at.value = message.at;
    this.compare(message.seq);
  }

  /** Whether the reader froze what is shown. */
  get is_paused(): boolean {
    return this.frozen.peek() !== null;
  }

  pause(): void {
    this.frozen.value ??= { since: this.clock.now(), waiting: [], dropped: false };
  }

  resume(): void {
    const frozen = this.frozen.peek();
    batch(() => {
      this.frozen.value = null;
      this.was_resumed = true;
      const health = this.health.peek();
      if (health?.state === "paused") this.health.value = { ...health, state: "live" };
      for (const [message, buffers] of frozen?.waiting ?? []) this.apply(message, buffers);
    });
    if (!frozen?.dropped) return;
    this.is_catching_up.value = true;
    this.missed();
  }

  /** The kernel has told `seq` by now: if this page has not heard all of it, it asks for the whole. */
  compare(seq: number): void {
    if (seq <= this.seq.peek() || this.frozen.peek()) return;
    this.is_catching_up.value = true;
    this.missed();
  }

  /** The page's line to Jupyter is up or down; returns whether it came back just now. */
  line_is(up: boolean): boolean {
    const was_down = this.offline.peek() !== null;
    if (up === !was_down) return false;
    this.offline.value = up ? null : this.clock.now();
    return up;
  }

  /** The kernel cannot be reached any more. */
  disconnect(): void {
    this.disconnected.value ??= this.clock.now();
  }

  reconnect(): void {
    this.disconnected.value = null;
  }

  private heard(message: { seq: number; now: number; at: number | null }): void {
    this.clock.hear(message.now);
    this.seq.value = message.seq;
    this.at.value = message.at;
    this.disconnected.value = null;
  }

  /** What can be said of the run; absent parts are as before. */
  private learn(insight: InsightFacts | undefined): void {
    if (insight?.progress !== undefined) this.progress.value = insight.progress;
    if (insight?.findings) this.findings.value = insight.findings;
    if (insight?.stale !== undefined) this.stale.value = insight.stale;
  }

  private replace(facts: readonly SeriesFacts[], whole: Columns, forget: boolean): void {
    const before = new Map(this.metrics);
    if (forget) {
      this.metrics.clear();
      this.by_id.clear();
    }
    for (const one of facts) {
      const series = new Series(one, whole.take(one.kept));
      const known = before.get(one.name);
      const metric = known ?? { series, changed: signal(0) };
      metric.series = series;
      this.metrics.set(one.name, metric);
      this.by_id.set(one.id, metric);
      metric.changed.value++;
    }
    this.shape.value++;
    if (this.metrics.size !== this.names.peek().length || forget) {
      const names = [...this.metrics.keys()];
      const old = this.names.peek();
      if (names.length !== old.length || names.some((name, index) => name !== old[index])) this.names.value = names;
    }
  }
}
