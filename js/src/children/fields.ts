import type { Goal } from "../contract";
import type { Cell, Child, ChildStore } from "./store";

export type FieldKind = "plain" | "fact" | "parameter" | "metric" | "lowest" | "highest" | "best";

/** Something that can be asked of every row: a column of the table, a name in a filter, an axis. */
export interface Field {
  /** Unique: what a reader's choices are kept by. */
  key: string;
  title: string;
  kind: FieldKind;
  name: string;
  /** Whether its values are words and none of them a number. */
  is_words?: boolean;
  of(child: Child): Cell;
}

/** Small curves of the main metric: drawn, and asked for nothing else. */
export const CURVE: Field = { key: "curve", title: "Curve", kind: "plain", name: "", of: () => undefined };

/** Whether a row counts among those that can be best. */
export const is_sound = ({ status }: Child): boolean => status !== "Failed";

/** The direction of a metric. */
export function goal_of(store: ChildStore, metric: string): Goal | null {
  return store.family.value?.goals[metric] ?? null;
}

/** Seconds that a run lasted, or has lasted until now. */
export function duration_of(store: ChildStore, child: Child, now: number): number | undefined {
  const told = store.number(child, "fact", "seconds");
  if (told !== undefined) return told;
  const { started, created, ended, status } = child;
  const begin = started ?? created;
  if (begin === null || (ended === null && status !== "Running")) return undefined;
  return Math.max(0, (ended ?? now) - begin);
}

/** What its state is called: "Pruned" rather than "Completed". */
export const state_of = (store: ChildStore, child: Child): string => store.text(child, "state") || child.status;

const PLAIN = ["number", "name", "status", "duration", "started", "id"] as const;

const FACTS: Record<string, string> = {
  label: "Algorithm",
  preprocessor: "Preprocessor",
  sampling: "Sampling",
  after: "After",
  reused: "Reused",
};

/** All fields, in the order in which a table shows them. */
export function fields_of(store: ChildStore, now: () => number): Field[] {
  const kind = store.family.value?.kind;
  const columns = store.columns.value;
  const has = (name: string) => columns.some((one) => one.kind === "fact" && one.name === name);
  const numbered =
    kind === "automl" ? "Iteration" : kind === "sweep" ? "Trial" : kind === "pipeline" ? "Step" : "Number";
  const plain: Record<(typeof PLAIN)[number], [string, (child: Child) => Cell]> = {
    number: [numbered, (child) => store.cell(child, "fact", "number")],
    name: ["Name", (child) => child.name || child.id],
    status: ["Status", (child) => state_of(store, child)],
    duration: ["Duration", (child) => duration_of(store, child, now())],
    started: ["Started", (child) => child.started ?? child.created ?? undefined],
    id: ["ID", (child) => child.id],
  };
  const found: Field[] = [];
  for (const name of PLAIN) {
    if (name === "number" && !has("number")) continue;
    const [title, of] = plain[name];
    found.push({ key: name, title, kind: "plain", name, of });
  }
  for (const [name, title] of Object.entries(FACTS)) {
    if (!has(name)) continue;
    const label = name === "label" && kind !== "automl" ? "Step" : title;
    found.push({
      key: name,
      title: label,
      kind: "fact",
      name,
      of: (child) =>
        name === "reused" ? (store.cell(child, "fact", name) ? "yes" : undefined) : store.cell(child, "fact", name),
    });
  }
  for (const group of ["metric", "parameter"] as const)
    for (const column of columns) {
      if (column.kind !== group) continue;
      const { name, place, is_words } = column;
      found.push({
        key: `${group}:${name}`,
        title: name,
        kind: group,
        name,
        is_words,
        of: (child) => child.cells[place],
      });
    }
  for (const column of columns) {
    if (column.kind !== "lowest" && column.kind !== "highest") continue;
    const { kind: which, name, place } = column;
    const title = `${which === "lowest" ? "min" : "max"} ${name}`;
    found.push({ key: `${which}:${name}`, title, kind: which, name, of: (child) => child.cells[place] });
    const goal = goal_of(store, name);
    if ((goal === "min" && which === "lowest") || (goal === "max" && which === "highest"))
      found.push({
        key: `best:${name}`,
        title: `best ${name}`,
        kind: "best",
        name,
        // Where a run has no curve, its one value is the best.
        of: (child) =>
          child.cells[place] ?? (store.number(child, "fact", "steps") ? undefined : store.cell(child, "metric", name)),
      });
  }
  return found;
}
