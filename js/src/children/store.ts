import { batch, signal } from "@preact/signals";
import type { ChildrenFacts, ColumnKind, FamilyFacts } from "../contract";
import { type Buffer, floats } from "../wire";

export type Cell = number | string | undefined;

/** One run below the run. Replaced, never changed. */
export interface Child {
  id: string;
  name: string;
  status: string;
  created: number | null;
  started: number | null;
  ended: number | null;
  /** The child that it is a child of; null: directly below the run. */
  parent: string | null;
  /** Whether the store has no run for it. */
  is_closed: boolean;
  /** By the place of the column. */
  cells: Cell[];
}

export interface Column {
  kind: ColumnKind;
  name: string;
  place: number;
  /** Whether no number is among its values. */
  is_words: boolean;
}

const time = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);

/** The page's copy of the runs below the run: rows by ID, and what came of them in columns. */
export class ChildStore {
  /** Counts up whenever rows came, changed or went. */
  readonly changed = signal(0);
  readonly family = signal<FamilyFacts | null>(null);
  /** All that the kernel knows. */
  readonly total = signal(0);
  /** About how many it has still to read. */
  readonly left = signal(0);
  readonly error = signal("");
  readonly columns = signal<readonly Column[]>([]);
  readonly rows = new Map<string, Child>();
  private readonly places = new Map<string, Column>();

  /** Whether there are rows that this page was not sent. */
  get is_behind(): boolean {
    return this.rows.size < this.total.peek();
  }

  /** When the last of those that have ended did; null before the first. */
  last_end(): number | null {
    let last: number | null = null;
    for (const { ended } of this.rows.values()) if (ended !== null) last = Math.max(last ?? ended, ended);
    return last;
  }

  column(kind: ColumnKind, name: string): Column | undefined {
    return this.places.get(`${kind} ${name}`);
  }

  cell(child: Child, kind: ColumnKind, name: string): Cell {
    const column = this.column(kind, name);
    return column && child.cells[column.place];
  }

  /** The same for many: the column is looked up once. */
  reader(kind: ColumnKind, name: string): (child: Child) => Cell {
    const place = this.column(kind, name)?.place;
    return place === undefined ? () => undefined : ({ cells }) => cells[place];
  }

  number(child: Child, kind: ColumnKind, name: string): number | undefined {
    const cell = this.cell(child, kind, name);
    return typeof cell === "number" ? cell : undefined;
  }

  text(child: Child, name: string): string {
    return String(this.cell(child, "fact", name) ?? "");
  }

  clear(): void {
    this.rows.clear();
    this.changed.value++;
  }

  apply(facts: ChildrenFacts, buffer: Buffer | null | undefined): void {
    const numbers = floats(buffer);
    const { ids } = facts;
    let end = 0;
    const take = (count: number) => {
      end += count;
      return numbers.subarray(end - count, end);
    };
    const [created, started, ended] = [take(ids.length), take(ids.length), take(ids.length)];
    const fresh = ids.map(
      (id, row): Child => ({
        id,
        name: facts.names[row] ?? "",
        status: facts.statuses[row] ?? "",
        created: time(created[row]),
        started: time(started[row]),
        ended: time(ended[row]),
        parent: facts.parents?.[String(row)] ?? null,
        is_closed: false,
        cells: [],
      }),
    );
    for (const row of facts.closed ?? []) if (fresh[row]) fresh[row].is_closed = true;
    let has_other_columns = false;
    for (const { kind, name, count, is_sparse, words } of facts.columns) {
      let column = this.places.get(`${kind} ${name}`);
      if (!column || (column.is_words && !words)) {
        column = { kind, name, place: column?.place ?? this.places.size, is_words: words !== undefined };
        this.places.set(`${kind} ${name}`, column);
        has_other_columns = true;
      }
      const rows = is_sparse ? take(count) : null;
      const values = take(count);
      for (let index = 0; index < count; index++) {
        const child = fresh[rows ? (rows[index] ?? 0) : index];
        const value = values[index];
        if (child && value !== undefined) child.cells[column.place] = words ? words[value] : value;
      }
    }
    for (const child of fresh) this.rows.set(child.id, child);
    for (const id of facts.gone ?? []) this.rows.delete(id);
    batch(() => {
      if (has_other_columns) this.columns.value = [...this.places.values()];
      if (facts.family) this.family.value = facts.family;
      if (facts.error !== undefined) this.error.value = facts.error;
      this.total.value = facts.total;
      this.left.value = facts.left;
      this.changed.value++;
    });
  }
}
