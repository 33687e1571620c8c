import { computed, signal } from "@preact/signals";
import type { Goal, WishName } from "../contract";
import { column_decimals } from "../format";
import { Series } from "../series";
import type { Metric } from "../store";
import { Columns, floats } from "../wire";
import type { Answer, Extra } from "../wishes";
import { CURVE, type Field, fields_of, goal_of, is_sound } from "./fields";
import { type Filter, filter } from "./filter";
import { best_place, depths, running_best, type Sorting, type Step, sorted } from "./ranking";
import type { Child, ChildStore } from "./store";
import { type Tint, tint_of } from "./tints";

type Ask = (name: WishName, extra: Extra) => Promise<Answer | null>;

/** Children that one wish asks the curves of. */
const CURVES = 60;
/** Curves that are kept, those that came last. */
const CURVES_KEPT = 600;
/** Milliseconds of quiet before curves are asked for. */
const SETTLED = 200;
/** Columns that are shown without being asked for. */
const METRICS = 4;
const PARAMETERS = 8;

/** What a reader does with the children in one view: how they are ordered, which are shown, which are chosen. */
export class ChildDesk {
  readonly sorting = signal<readonly Sorting[] | null>(null);
  readonly query = signal("");
  /** States that are shown; none: all. */
  readonly states = signal<ReadonlySet<string>>(new Set());
  /** Ranges of a parallel axis that rows must lie in, by field. */
  readonly brushes = signal<ReadonlyMap<string, readonly [number, number]>>(new Map());
  /** Columns that the reader put in or took out. */
  readonly shown = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly pinned = signal<ReadonlySet<string>>(new Set());
  readonly widths = signal<ReadonlyMap<string, number>>(new Map());
  /** Columns whose cells the reader has coloured by their value; null: the main metric, where rows compete. */
  readonly coloured = signal<ReadonlySet<string> | null>(null);
  readonly tinted = computed((): ReadonlySet<string> => {
    const is_ranked = this.store.family.value?.kind !== "pipeline";
    return this.coloured.value ?? new Set(is_ranked ? [`metric:${this.metric.value}`] : []);
  });
  readonly folded = signal<ReadonlySet<string>>(new Set());
  readonly chosen = signal<readonly string[]>([]);
  /** The row that keys act on. */
  readonly active = signal("");
  /** Pixels of the table above what is in sight: kept while another run is shown. */
  scrolled = 0;
  /** The metric that a reader chose to look at; "": the one that the family says. */
  readonly own_metric = signal("");
  readonly own_goals = signal<ReadonlyMap<string, Goal>>(new Map());
  readonly curves = signal(0);
  private readonly loaded = new Map<string, Metric | null>();
  private readonly waiting = new Map<string, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private is_filling = false;

  constructor(
    readonly store: ChildStore,
    private readonly ask: Ask,
    private readonly now: () => number,
  ) {}

  readonly fields = computed((): readonly Field[] => {
    this.store.columns.value;
    this.store.family.value;
    const fields = fields_of(this.store, this.now);
    const kind = this.store.family.value?.kind;
    if (this.metric.value && (kind === "automl" || kind === "sweep"))
      fields.splice(fields.findIndex(({ kind }) => kind === "metric") + 1, 0, {
        key: "best_so_far",
        title: "Best so far",
        kind: "best",
        name: this.metric.value,
        of: (child) => this.best_so_far.value.get(child.id),
      });
    return fields;
  });

  /** The best value up to each row, in the order in which they came about. */
  readonly best_so_far = computed((): ReadonlyMap<string, number> => {
    const ordered = this.ordered.value;
    const best = running_best(this.scores.value, this.goal.value);
    return new Map(
      ordered.flatMap(({ id }, place) => {
        const value = best[place] ?? Number.NaN;
        return Number.isNaN(value) ? [] : [[id, value] as const];
      }),
    );
  });

  /** The score of each row, in the order in which they came about; none of one that failed or was pruned. */
  readonly scores = computed((): readonly (number | undefined)[] => {
    const ordered = this.ordered.value;
    const [state, score] = [this.store.reader("fact", "state"), this.store.reader("metric", this.metric.value)];
    return ordered.map((child) => {
      const value = is_sound(child) && state(child) !== "Pruned" ? score(child) : undefined;
      return typeof value === "number" ? value : undefined;
    });
  });

  /** The metric that rows are ranked by; "" when there is none. */
  readonly metric = computed((): string => {
    const columns = this.store.columns.value;
    const has = (name: string) => columns.some((one) => one.kind === "metric" && one.name === name);
    for (const name of [this.own_metric.value, this.store.family.value?.metric ?? ""])
      if (name && has(name)) return name;
    return columns.find((one) => one.kind === "metric")?.name ?? "";
  });

  readonly goal = computed((): Goal => this.goal_of(this.metric.value));

  goal_of(metric: string): Goal {
    return this.own_goals.value.get(metric) ?? goal_of(this.store, metric) ?? "max";
  }

  /** Rows in the order in which they came about: those that prepare the others, and those below others, left out. */
  readonly ordered = computed((): readonly Child[] => {
    this.store.changed.value;
    const [apart, number] = [this.store.reader("fact", "apart"), this.store.reader("fact", "number")];
    const keyed: { child: Child; key: number; time: number }[] = [];
    for (const child of this.store.rows.values()) {
      if (apart(child) || child.parent) continue;
      const key = Number(number(child) ?? Number.POSITIVE_INFINITY);
      keyed.push({ child, key, time: child.started ?? child.created ?? 0 });
    }
    keyed.sort((one, other) => (one.key === other.key ? one.time - other.time : one.key - other.key));
    return keyed.map(({ child }) => child);
  });

  readonly filtered = computed((): Filter => {
    const fields = this.fields.value;
    const texts = fields.filter(({ kind }) => kind === "plain" || kind === "fact" || kind === "parameter");
    const haystack = (child: Child) =>
      texts
        .map((field) => String(field.of(child) ?? ""))
        .join("\n")
        .toLowerCase();
    return filter(this.query.value, fields, haystack);
  });

  /** How the table is sorted; by default the best first. */
  readonly order = computed((): readonly Sorting[] => {
    const own = this.sorting.value;
    if (own) return own;
    const kind = this.store.family.value?.kind;
    if (kind === "pipeline" || kind === "nested" || !this.metric.value) return [{ key: "started", is_down: false }];
    return [{ key: `metric:${this.metric.value}`, is_down: this.goal.value === "max" }];
  });

  /** The rows that are shown, in no order that means anything. */
  readonly kept = computed((): readonly Child[] => {
    this.store.changed.value;
    const states = this.states.value;
    const state = this.store.reader("fact", "state");
    const found = this.filtered.value;
    const brushes = [...this.brushes.value].flatMap(([key, range]) => {
      const field = this.fields.value.find((one) => one.key === key);
      return field ? [{ field, range }] : [];
    });
    return [...this.store.rows.values()].filter((child) => {
      if (states.size && !states.has(String(state(child) || child.status))) return false;
      if (found.kind === "test" && !found.test(child)) return false;
      return brushes.every(({ field, range }) => {
        const cell = this.on_axis?.(field, child);
        return cell !== undefined && cell >= range[0] && cell <= range[1];
      });
    });
  });

  /** The same, in order. */
  readonly rows = computed((): readonly Child[] => {
    const kind = this.store.family.value?.kind;
    // A step or a nested run that failed stands where it happened, until the reader sorts.
    const is_history = !this.sorting.value && (kind === "pipeline" || kind === "nested");
    const rows = sorted(this.kept.value, this.order.value, this.fields.value, !is_history);
    if (this.sorting.value || kind !== "pipeline") return rows;
    // Steps stand after those that they wait for.
    const deep = depths(this.steps.value);
    return rows.sort((one, other) => (deep.get(one.id) ?? 0) - (deep.get(other.id) ?? 0));
  });

  /** The steps of a pipeline. */
  readonly steps = computed((): readonly Step[] => {
    this.store.changed.value;
    return [...this.store.rows.values()].map((child) => ({
      id: child.id,
      label: this.store.text(child, "label") || child.name,
      after: this.store
        .text(child, "after")
        .split(",")
        .map((label) => label.trim())
        .filter(Boolean),
    }));
  });

  /** Where a row stands on a parallel axis; set by the panel that has the axes. */
  on_axis: ((field: Field, child: Child) => number | undefined) | null = null;

  /** The best row of all, whatever is filtered; the steps of a pipeline do not compete. */
  readonly best = computed((): Child | null => {
    if (this.store.family.value?.kind === "pipeline") return null;
    return this.ordered.value[best_place(this.scores.value, this.goal.value)] ?? null;
  });

  is_shown(field: Field, place: { metrics: number; parameters: number }): boolean {
    const own = this.shown.value.get(field.key);
    if (own !== undefined) return own;
    const { kind, key, name } = field;
    const family = this.store.family.value?.kind;
    const known = Object.keys(this.store.family.value?.goals ?? {});
    const all = this.store.columns.value.filter((one) => one.kind === "metric").map((one) => one.name);
    // Those with a direction say something of the result; where none has, the first ones may.
    const goals = new Set(all.some((one) => known.includes(one) && one !== this.metric.value) ? known : all);
    if (this.idle.value.split(",").includes(key)) return key === "label" && family === "automl";
    if (kind === "plain") return key !== "id" && (key !== "name" || family !== "automl");
    if (kind === "fact") return true;
    if (key === "best_so_far") return family === "automl";
    if (kind === "metric") return name === this.metric.value || (goals.has(name) && place.metrics < METRICS);
    if (kind === "parameter") return place.parameters < PARAMETERS;
    return kind === "best" && name === this.metric.value;
  }

  /** Columns that would say nothing: those without a value, and those that say what another one says. */
  private readonly idle = computed((): string => {
    this.store.changed.value;
    const rows = [...this.store.rows.values()];
    const [label, sampling] = [this.store.reader("fact", "label"), this.store.reader("fact", "sampling")];
    const idle = [
      rows.every(({ started, created }) => started === null && created === null) && "started",
      rows.every((child, _, [first]) => first && sampling(child) === sampling(first)) && "sampling",
      // Steps are mostly called as their runs are.
      rows.every((child) => label(child) === child.name) && "label",
    ];
    // A text, so that what depends on it is made anew only when it changes.
    return idle.filter(Boolean).join();
  });

  /** The columns of the table: pinned ones first, then the main metric early. */
  readonly columns = computed((): readonly Field[] => {
    this.shown.value;
    const place = { metrics: 0, parameters: 0 };
    const found: Field[] = [];
    for (const field of this.fields.value) {
      if (!this.is_shown(field, place)) continue;
      if (field.kind === "metric") place.metrics++;
      if (field.kind === "parameter") place.parameters++;
      found.push(field);
    }
    const weight = (field: Field) => {
      if (this.pinned.value.has(field.key)) return 0;
      if (field.key === "number" || field.key === "name") return 1;
      if (field.key === "status" && this.store.family.value?.kind === "pipeline") return 1.5;
      if (field.kind === "fact") return 2;
      if (field.kind === "metric" && field.name === this.metric.value) return 3;
      if (field.kind === "best") return 4;
      if (field === CURVE) return 4.5;
      if (field.key === "status" || field.key === "duration") return 5;
      if (field.kind === "metric") return 6;
      if (field.kind === "parameter") return 7;
      return 8;
    };
    if (this.curve_metric.value) found.push(CURVE);
    return found
      .map((field, index) => ({ field, index, weight: weight(field) }))
      .sort((one, other) => one.weight - other.weight || one.index - other.index)
      .map(({ field }) => field);
  });

  /** Colours of cells, by the key of the column. */
  readonly tints = computed((): ReadonlyMap<string, Tint> => {
    const tinted = this.columns.value.filter(({ key }) => this.tinted.value.has(key));
    return new Map(
      tinted.flatMap((field) => {
        const goal = field.kind === "metric" ? this.goal_of(field.name) : "max";
        const tint = tint_of(field, this.kept.value, goal);
        return tint ? [[field.key, tint] as const] : [];
      }),
    );
  });

  /** Decimals of the scores that are shown: they are told apart by them, and stand below each other. */
  readonly decimals = computed((): number | null => {
    const score = this.store.reader("metric", this.metric.value);
    const number_of = (child: Child | null) => {
      const cell = child && score(child);
      return typeof cell === "number" ? cell : undefined;
    };
    return column_decimals(this.kept.value.map(number_of), number_of(this.best.value));
  });

  /** Where the curve that led to the score may be: in the score itself, or in the values on the way to it. */
  readonly curve_names = computed(() => [this.metric.value, this.store.family.value?.curve ?? ""]);

  /** The first of them that has curves; "" when neither has. */
  readonly curve_metric = computed(() => this.curve_names.value.find((name) => this.curved.value.includes(name)) ?? "");

  /** Metrics that have curves: those whose extremes the store tells; where it tells none (a server), all. */
  readonly curved = computed((): readonly string[] => {
    const columns = this.store.columns.value;
    if (!columns.some(({ kind, name }) => kind === "fact" && name === "steps")) return [];
    const known = columns.filter(({ kind }) => kind === "lowest" || kind === "highest").map(({ name }) => name);
    const all = columns.filter(({ kind }) => kind === "metric").map(({ name }) => name);
    return this.store.family.value?.has_extremes ? [...new Set(known)] : all;
  });

  sort_by(key: string, is_more: boolean): void {
    const before = this.order.value;
    const known = before.find((one) => one.key === key);
    const field = this.fields.value.find((one) => one.key === key);
    const down_first = field?.kind === "metric" && this.goal_of(field.name) === "max";
    const next = { key, is_down: known ? !known.is_down : down_first };
    if (!is_more) this.sorting.value = [next];
    else this.sorting.value = known ? before.map((one) => (one.key === key ? next : one)) : [...before, next];
  }

  choose(id: string, is_chosen: boolean): void {
    const before = this.chosen.value.filter((one) => one !== id);
    this.choose_all(is_chosen ? [...before, id] : before);
  }

  choose_all(ids: readonly string[]): void {
    this.chosen.value = ids;
    void this.ask("select", { runs: [...ids] });
  }

  /** The curve of one metric of one child, once it is here; asks for it. `null`: it has none. */
  curve(child: Child, metric: string): Metric | null | undefined {
    this.curves.value;
    const key = `${child.id} ${metric}`;
    const version = `${key} ${this.store.number(child, "fact", "steps") ?? 0} ${this.store.cell(child, "metric", metric)}`;
    if (this.waiting.get(key) !== version && !child.is_closed && this.store.number(child, "fact", "steps")) {
      this.waiting.set(key, version);
      this.queue.push({ id: child.id, metric });
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.load_curves(), SETTLED);
    }
    return this.loaded.get(key);
  }

  private queue: { id: string; metric: string }[] = [];

  private async load_curves(): Promise<void> {
    const metric = this.queue[0]?.metric;
    if (metric === undefined) return;
    const now = this.queue.filter((one) => one.metric === metric).slice(0, CURVES);
    this.queue = this.queue.filter((one) => !now.includes(one));
    const runs = now.map(({ id }) => id);
    const answer = await this.ask("curves", { metric, runs, length: now.length > 12 ? 160 : 1_000 });
    for (const id of runs) if (!this.loaded.has(`${id} ${metric}`)) this.loaded.set(`${id} ${metric}`, null);
    const columns = new Columns(floats(answer?.buffers[0]), 3);
    for (const { run, kept } of answer?.message.curves ?? []) {
      const [step, time, value] = columns.take(kept);
      if (!step || !time || !value) continue;
      const facts = { id: -1, name: metric, goal: this.goal_of(metric), count: kept, kept, width: 1 };
      const ordinal = Float64Array.from(step, (_, index) => index);
      const series = new Series(facts, [step, time, value, ordinal]);
      const known = this.loaded.get(`${run} ${metric}`);
      if (known) {
        known.series = series;
        known.changed.value++;
      } else this.loaded.set(`${run} ${metric}`, { series, changed: signal(0) });
    }
    for (const key of [...this.loaded.keys()].slice(0, Math.max(0, this.loaded.size - CURVES_KEPT))) {
      this.loaded.delete(key);
      this.waiting.delete(key);
    }
    this.curves.value++;
    if (this.queue.length) await this.load_curves();
  }

  /** Asks for the rows that this page was not sent. */
  async fill(): Promise<void> {
    if (this.is_filling) return;
    this.is_filling = true;
    try {
      while (this.store.is_behind) {
        const before = this.store.rows.size;
        const answer = await this.ask("children", { start: before });
        if (!answer?.message.children) break;
        this.store.apply(answer.message.children, answer.buffers[0]);
        if (this.store.rows.size > before) continue;
        // One that stood before these went meanwhile: once more from the beginning.
        const whole = await this.ask("children", { start: 0 });
        if (whole?.message.children) this.store.apply(whole.message.children, whole.buffers[0]);
        break;
      }
    } finally {
      this.is_filling = false;
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
