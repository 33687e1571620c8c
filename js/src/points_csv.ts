import { at } from "./arrays";
import type { Store } from "./store";

/** The points held here of these metrics, in long form. */
export function* rows(store: Store, names: readonly string[]) {
  yield ["metric", "step", "time", "value"];
  for (const name of names) {
    const kept = store.metric(name)?.series.kept;
    if (!kept) continue;
    const { step, time, value } = kept.points;
    for (let index = 0; index < step.length; index++) {
      const when = new Date(at(time, index) * 1_000);
      yield [name, at(step, index), Number.isNaN(when.getTime()) ? "" : when.toISOString(), at(value, index)];
    }
  }
}
