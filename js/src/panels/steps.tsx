import { status_words } from "../sentences";
import { tone_of } from "./children";
import { Graph, type Node } from "./graph";
import { useView } from "./parts";

/** Larger graphs are a thicket: the table has them in the same order. */
const MOST = 200;

/** Steps of a pipeline, each right of those that it waits for. */
export function Steps() {
  const view = useView();
  const { store, children: desk } = view;
  const steps = desk.steps.value;
  if (!steps.some(({ after }) => after.length) || steps.length > MOST) return null;
  const by_label = new Map(steps.map(({ label, id }) => [label, id]));
  const nodes = steps.flatMap(({ id, label, after }): Node[] => {
    const child = store.children.rows.get(id);
    if (!child) return [];
    const { icon, text } = status_words(child.status);
    const reused = store.children.cell(child, "fact", "reused") ? ", reused" : "";
    return [
      {
        id,
        label,
        below: `${icon} ${text}${reused}`,
        after: after.flatMap((name) => by_label.get(name) ?? []),
        tone: tone_of(child.status),
        open: () => view.open(child),
      },
    ];
  });
  const words = `${steps.length} steps, left to right in the order in which they wait for each other`;
  return <Graph what="Steps of the pipeline" words={words} nodes={nodes} />;
}
