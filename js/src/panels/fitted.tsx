import { counted } from "../format";
import { Graph } from "./graph";
import { useView } from "./parts";

/** What the run's model is made of, from the data to the result. */
export function Fitted() {
  const { store } = useView();
  const parts = store.run.value?.fitted ?? [];
  if (!parts.length) return null;
  const nodes = parts.map(({ id, label, detail, after }, place) => ({
    id,
    label,
    below: detail,
    after,
    tone: place ? (place === parts.length - 1 ? "good" : "run") : "calm",
  }));
  const words = `The model: ${counted(parts.length - 1, "part")}, left to right as data run through them`;
  return <Graph what="Parts of the model" words={words} nodes={nodes} />;
}
