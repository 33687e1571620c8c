import { useEffect } from "preact/hooks";
import { band_of } from "../children/siblings";
import type { View } from "../view";

/** Milliseconds between two looks while the run goes on. */
const EVERY = 15_000;

/** The metric by which a run that was opened stands among its siblings, if it has a curve of it; else "". */
function compared_metric({ above, store }: View): string {
  if (!above) return "";
  return above.children.curve_names.value.find((name) => (store.metric(name)?.series.count ?? 0) > 1) ?? "";
}

/** Keeps the view's band of siblings, as long as the part that calls this is shown. */
export function useSiblings(view: View): string {
  const { above, store } = view;
  const name = compared_metric(view);
  const run = store.run.value?.id ?? "";
  useEffect(() => {
    if (!above || !name || !run) return;
    let is_gone = false;
    const look = async () => {
      const answer = await above.wishes.wish(above.id, "siblings", { path: run, metric: name });
      const found = answer && band_of(name, answer.message.said ?? "", answer.buffers[0]);
      if (!is_gone && found) view.band.value = found;
    };
    void look();
    const timer = setInterval(() => !store.run.value?.has_ended && void look(), EVERY);
    return () => {
      is_gone = true;
      clearInterval(timer);
    };
  }, [above, name, run]);
  return name;
}
