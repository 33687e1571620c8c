import type { Cell, Child, ChildStore } from "./store";

/** Names of parameters in which these rows differ; one that some lack counts. */
export function differing(store: ChildStore, rows: readonly Child[]): Set<string> {
  const found = new Set<string>();
  for (const { kind, name, place } of store.columns.value) {
    if (kind !== "parameter" || !rows.length) continue;
    const first: Cell = rows[0]?.cells[place];
    if (rows.some(({ cells }) => cells[place] !== first)) found.add(name);
  }
  return found;
}
