import { at } from "./arrays";
import type { Kept } from "./series";

export type AxisKind = "step" | "relative" | "wall";
/** What the numbers of an axis mean: `order` when the steps tell nothing. */
export type AxisUnit = AxisKind | "order";

export interface Axis {
  x: Float64Array;
  unit: AxisUnit;
  /** One sentence when points are not drawn where one would look for them; else empty. */
  note: string;
}

/** Where each point stands. `started` is the start of the run; seconds since 1970. */
export function axis(kept: Kept, kind: AxisKind, started: number | null): Axis {
  const { step, time } = kept.points;
  const length = step.length;
  if (kind === "wall") return { x: time, unit: "wall", note: "" };
  if (kind === "relative") {
    const first = started ?? (length ? Math.min(at(time, 0), at(time, length - 1)) : 0);
    return { x: time.map((one) => one - first), unit: "relative", note: "" };
  }
  if (length > 1 && step.every((one) => one === at(step, 0)))
    return { x: kept.ordinal, unit: "order", note: `All points are at step ${at(step, 0)}: drawn by order.` };
  return { x: step, unit: "step", note: "" };
}

/** A line to draw: where x goes backwards the line is broken by a gap, so that it never runs back across itself. */
export function broken(x: Float64Array, y: Float64Array): { x: Float64Array; y: Float64Array } {
  let breaks = 0;
  for (let index = 1; index < x.length; index++) if (at(x, index) < at(x, index - 1)) breaks++;
  if (!breaks) return { x, y };
  const out = { x: new Float64Array(x.length + breaks), y: new Float64Array(x.length + breaks) };
  let place = 0;
  for (let index = 0; index < x.length; index++) {
    if (index && at(x, index) < at(x, index - 1)) {
      out.x[place] = at(x, index);
      out.y[place++] = Number.NaN;
    }
    out.x[place] = at(x, index);
    out.y[place++] = at(y, index);
  }
  return out;
}
