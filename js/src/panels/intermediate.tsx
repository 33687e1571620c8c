import { at } from "../arrays";
import type { Stroke, Subject } from "../charts/sketch";
import { is_sound } from "../children/fields";
import type { Child } from "../children/store";
import { count, counted, number } from "../format";
import { SketchStage } from "./charts/sketch";
import { useView } from "./parts";

/** Curves that are drawn at most: the best, and of those that were stopped the last. */
const SOUND = 60;
const STOPPED = 40;

interface Curve {
  child: Child;
  step: Float64Array;
  value: Float64Array;
}

/** How trials went: curves of those that came to their end, and of those that were stopped on the way. */
export function Intermediate({ metric }: { metric: string }) {
  const view = useView();
  const { store, children: desk } = view;
  desk.curves.value;
  const is_stopped = (child: Child) => !is_sound(child) || store.children.text(child, "state") === "Pruned";
  const rows = desk.rows.value;
  const sound = rows.filter((child) => !is_stopped(child)).slice(0, SOUND);
  const stopped = rows.filter(is_stopped).slice(-STOPPED);
  const loaded = (list: readonly Child[]) =>
    list.flatMap((child): Curve[] => {
      const points = desk.curve(child, metric)?.series.kept.points;
      return points?.step.length ? [{ child, step: points.step, value: points.value }] : [];
    });
  const [went, ended] = [loaded(sound), loaded(stopped)];
  const best = went.find(({ child }) => child.id === desk.best.value?.id);
  const all = [...went, ...ended];
  if (!all.length) {
    const is_waiting = [...sound, ...stopped].some((child) => desk.curve(child, metric) === undefined);
    return <p class="rd-empty">{is_waiting ? "Reading the curves…" : `None of them has a curve of ${metric}.`}</p>;
  }
  const words = (child: Child) => `${child.name || child.id}${is_stopped(child) ? ` (${desk_state(child)})` : ""}`;
  const desk_state = (child: Child) => (store.children.text(child, "state") || child.status).toLowerCase();
  const subject: Subject = {
    x_label: "step",
    y_label: metric,
    ...room(all),
    strokes: [
      joined("came to the end", 1, 0.35, went, words),
      joined("pruned or failed", 2, 0.6, ended, words),
      ...(best ? [joined("best", 3, 1, [best], words)] : []),
    ],
  };
  const left = rows.length - all.length;
  return (
    <SketchStage
      name={`${metric} of all`}
      subject={subject}
      height={250}
      otherwise={`${counted(went.length, "curve")} to the end${ended.length ? `, ${count(ended.length)} pruned or failed (red)` : ""}${best ? ", the best in green" : ""}${left > 0 ? `; ${count(left)} not drawn` : ""}.`}
    />
  );
}

/** Many curves as one stroke, with gaps between them. */
function joined(
  name: string,
  color: number,
  opacity: number,
  curves: readonly Curve[],
  words: (child: Child) => string,
): Stroke {
  const x: number[] = [];
  const y: number[] = [];
  const whose: (Child | null)[] = [];
  for (const { child, step, value } of curves) {
    for (let index = 0; index < step.length; index++) {
      x.push(at(step, index));
      y.push(at(value, index));
      whose.push(child);
    }
    x.push(at(step, step.length - 1));
    y.push(Number.NaN);
    whose.push(null);
  }
  const tell = (index: number) => {
    const child = whose[index];
    return child ? `${words(child)} · step ${count(x[index] ?? 0)} · ${number(y[index] ?? null)}` : "";
  };
  return { name, color, look: "solid", x: Float64Array.from(x), y: Float64Array.from(y), opacity, tell };
}

function room(curves: readonly Curve[]): Pick<Subject, "x" | "y"> {
  let [left, right, low, high] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { step, value } of curves)
    for (let index = 0; index < step.length; index++) {
      left = Math.min(left, at(step, index));
      right = Math.max(right, at(step, index));
      if (!Number.isFinite(at(value, index))) continue;
      low = Math.min(low, at(value, index));
      high = Math.max(high, at(value, index));
    }
  if (low > high) [low, high] = [0, 1];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return { x: [left, Math.max(right, left + 1)], y: [low - margin, high + margin] };
}
