import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { at } from "../arrays";
import type { Stroke, Subject } from "../charts/sketch";
import { count, number } from "../format";
import { floats } from "../wire";
import { SketchStage } from "./charts/sketch";
import { useView } from "./parts";

interface Band {
  words: string;
  /** Steps, the five quantiles, and how many have come so far. */
  rows: readonly Float64Array[];
}

const ROWS = 7;
/** Milliseconds between two looks while the run goes on. */
const EVERY = 15_000;

/** A run that was opened among its siblings: its curve, and where theirs lie. */
export function Siblings() {
  const view = useView();
  const { above, store } = view;
  const band = useSignal<Band | null>(null);
  const metric = above?.children.metric.value ?? "";
  const curve = [metric, "intermediate_value"]
    .map((name) => store.metric(name))
    .find((one) => (one?.series.count ?? 0) > 1);
  const name = curve?.series.name ?? "";
  const run = store.run.value?.id ?? "";
  useEffect(() => {
    if (!above || !name || !run) return;
    let is_over = false;
    const look = async () => {
      const answer = await above.wishes.wish(above.id, "siblings", { path: run, metric: name });
      const numbers = floats(answer?.buffers[0]);
      const wide = Math.floor(numbers.length / ROWS);
      if (is_over || !answer || !wide) return;
      const rows = Array.from({ length: ROWS }, (_, row) => numbers.slice(row * wide, (row + 1) * wide));
      band.value = { words: answer.message.said ?? "", rows };
    };
    void look();
    const timer = setInterval(() => !store.run.value?.has_ended && void look(), EVERY);
    return () => {
      is_over = true;
      clearInterval(timer);
    };
  }, [above, name, run]);
  const now = band.value;
  const points = curve?.series.kept.points;
  curve?.changed.value;
  const subject = useMemo(() => (now && points ? subject_of(name, now.rows, points) : null), [now, points]);
  if (!now || !subject) return null;
  return (
    <section class="rd-siblings" aria-label="Among its siblings">
      <SketchStage
        name={`${name} among siblings`}
        subject={subject}
        otherwise={now.words || "Among its siblings."}
        height={230}
      />
    </section>
  );
}

function subject_of(
  name: string,
  rows: readonly Float64Array[],
  own: { step: Float64Array; value: Float64Array },
): Subject {
  const [step = EMPTY, lowest = EMPTY, low = EMPTY, middle = EMPTY, high = EMPTY, highest = EMPTY, counts = EMPTY] =
    rows;
  const finite = [...lowest, ...highest, ...own.value].filter(Number.isFinite);
  const [bottom, top] = [Math.min(...finite), Math.max(...finite)];
  const room = (top - bottom) * 0.06 || 1;
  const tell = (index: number) =>
    `step ${count(at(step, index))}: half of ${count(at(counts, index))} siblings between ${number(at(low, index))} and ${number(at(high, index))}, median ${number(at(middle, index))}`;
  const strokes: Stroke[] = [
    { name: "10 to 90 % of siblings", color: 0, look: "filled", ...area(step, lowest, highest), opacity: 0.12 },
    { name: "25 to 75 %", color: 0, look: "filled", ...area(step, low, high), opacity: 0.18 },
    { name: "median", color: 0, look: "dashed", x: step, y: middle, opacity: 1, tell },
    { name: "this run", color: 1, look: "solid", x: own.step, y: own.value, opacity: 1 },
  ];
  return {
    x_label: "step",
    y_label: `${name}: this run and its siblings`,
    x: [0, Math.max(1, at(step, step.length - 1))],
    y: [bottom - room, top + room],
    strokes,
  };
}

const EMPTY = new Float64Array(0);

/** The outline between two lines, there and back; where either is missing it is left out. */
function area(step: Float64Array, low: Float64Array, high: Float64Array): { x: Float64Array; y: Float64Array } {
  const places = [...step.keys()].filter(
    (place) => Number.isFinite(at(low, place)) && Number.isFinite(at(high, place)),
  );
  const back = [...places].reverse();
  return {
    x: Float64Array.from([...places.map((place) => at(step, place)), ...back.map((place) => at(step, place))]),
    y: Float64Array.from([...places.map((place) => at(low, place)), ...back.map((place) => at(high, place))]),
  };
}
