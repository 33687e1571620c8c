/** Charts of what a model logged, in bqplot: drawn from a sketch, or from squares. */
import { at } from "./arrays";
import { ends, Models, placed } from "./chart";
import type { Sketch, Stroke } from "./charts/sketch";
import type { Manager } from "./host";
import type { Margin } from "./picture";

/** Something on the page that can be drawn anew, and that goes away. */
export interface Shown<Input> {
  draw(input: Input): void;
  dispose(): void;
}

export type Make<Input> = (manager: Manager, element: HTMLElement, first: Input) => Promise<Shown<Input>>;

/** Squares with their values, 0 to 1, row after row, the first one uppermost. */
export interface Heat {
  side: number;
  shades: Float64Array;
  margin: Margin;
  /** Of 0 and of 1. */
  colors: readonly [string, string];
}

export const bqplot_sketch: Make<Sketch> = (manager, element, first) =>
  shown(manager, element, first, async (models) => {
    const x = await models.make("LinearScaleModel", ends(first.x));
    const y = await models.make("LinearScaleModel", ends(first.y));
    const marks: Model[] = [];
    for (const stroke of first.strokes) {
      const shared = { scales: { x, y }, apply_clip: true, enable_hover: false, interactions: {} };
      const ink = { colors: [ink_of(stroke)], opacities: [stroke.opacity] };
      const style =
        stroke.look === "dots"
          ? await models.make("ScatterModel", { ...shared, ...ink, default_size: 28, stroke_width: 0 })
          : await models.make("LinesModel", { ...shared, ...ink, ...line_of(stroke) });
      marks.push(style);
    }
    const axis = { tick_style: {}, grid_color: "var(--rd-line)" };
    const bottom = await models.make("AxisModel", { ...axis, scale: x, grid_lines: "none" });
    const left = await models.make("AxisModel", { ...axis, scale: y, orientation: "vertical", side: "left" });
    const figure = await figure_of(models, { marks, axes: [bottom, left], scale_x: x, scale_y: y }, first.margin);
    return {
      figure,
      draw(sketch) {
        x.set(ends(sketch.x));
        y.set(ends(sketch.y));
        figure.set({ fig_margin: sketch.margin });
        for (const [model, ticks] of [
          [bottom, sketch.x_ticks],
          [left, sketch.y_ticks],
        ] as const)
          model.set({
            tick_labels: Object.fromEntries(ticks.map(({ value, label }) => [String(value), label])),
            num_ticks: ticks.length ? null : 1,
            tick_values: Float64Array.from(ticks.length ? ticks.map(({ value }) => value) : [0]),
          });
        for (const [place, stroke] of sketch.strokes.entries()) marks[place]?.set(drawable(stroke, sketch));
      },
    };
  });

const ink_of = ({ color }: Stroke) => (color ? `var(--rd-s${color})` : "var(--rd-ink2)");

const line_of = (stroke: Stroke) =>
  stroke.look === "filled"
    ? { fill: "inside", fill_colors: [ink_of(stroke)], fill_opacities: [1], stroke_width: 0 }
    : { line_style: stroke.look, stroke_width: stroke.color ? 1.8 : 1.2 };

/** A line must end with a point that there is, where bqplot puts its label; dots must not be NaN. */
function drawable({ x, y, look }: Stroke, sketch: Sketch) {
  if (look === "dots") {
    const is_there = (_: number, index: number) => Number.isFinite(at(y, index));
    return { x: x.filter(is_there), y: y.filter(is_there) };
  }
  let end = y.length;
  while (end && !Number.isFinite(at(y, end - 1))) end--;
  if (!end) return { x: Float64Array.of(sketch.x.low), y: Float64Array.of(sketch.y.low) };
  return { x: x.subarray(0, end), y: y.subarray(0, end) };
}

/** For always as many squares: each change of a scale would have bqplot draw all of them once more. */
export const bqplot_heat: Make<Heat> = (manager, element, first) =>
  shown(manager, element, first, async (models) => {
    const range = { min: 0, max: first.side };
    const x = await models.make("LinearScaleModel", range);
    const y = await models.make("LinearScaleModel", range);
    const color = await models.make("ColorScaleModel", { min: 0, max: 1, colors: [...first.colors] });
    const mark = await models.make("HeatMapModel", {
      scales: { x, y, color },
      enable_hover: false,
      interactions: {},
      ...squares_of(first),
    });
    const figure = await figure_of(models, { marks: [mark], axes: [], scale_x: x, scale_y: y }, first.margin);
    return {
      figure,
      draw(heat) {
        color.set({ colors: [...heat.colors] });
        figure.set({ fig_margin: heat.margin });
        mark.set(squares_of(heat));
      },
    };
  });

/** bqplot counts rows from below. */
function squares_of({ side, shades }: Heat) {
  const middles = Float64Array.from({ length: side }, (_, place) => place + 0.5);
  const color = Array.from({ length: side }, (_, up) => shades.slice((side - 1 - up) * side, (side - up) * side));
  return { x: middles, y: middles, color };
}

type Model = Awaited<ReturnType<Models["make"]>>;

async function figure_of(models: Models, parts: Record<string, unknown>, fig_margin: Margin): Promise<Model> {
  const layout = await models.make("LayoutModel", { width: "100%", height: "100%", min_width: "0", min_height: "0" });
  const bare = { padding_x: 0, padding_y: 0, display_toolbar: false, animation_duration: 0 };
  return models.make("FigureModel", { ...parts, ...bare, layout, fig_margin });
}

async function shown<Input>(
  manager: Manager,
  element: HTMLElement,
  first: Input,
  build: (models: Models) => Promise<{ figure: Model; draw(input: Input): void }>,
): Promise<Shown<Input>> {
  const models = new Models(manager);
  try {
    const { figure, draw } = await build(models);
    draw(first);
    return { draw, dispose: await placed(models, manager, element, figure) };
  } catch (error) {
    models.close();
    throw error;
  }
}
