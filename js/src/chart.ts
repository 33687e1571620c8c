/** With chart_marks.ts all that knows bqplot: its models are made in the page, never registered, and closed with the chart. */
import type { Manager } from "./host";
import type { Line, Picture } from "./picture";
import type { Scale } from "./scale";

/** Something that draws pictures into an element: always of as many series as the first one had, and with something
 * behind them if it had. */
export interface Chart {
  draw(picture: Picture): void;
  dispose(): void;
}

interface BqplotModel {
  get(name: string): unknown;
  set(attributes: Record<string, unknown>): void;
  trigger(event: string, ...parts: unknown[]): void;
  close(comm_is_closed: boolean): unknown;
}

type ModelClass = new (attributes: object, options: object) => BqplotModel;

/** Modules and versions as bqplot 0.13 names them in `Figure().get_state()`. */
const MODULES = {
  bqplot: ["bqplot", "^0.6.1"],
  scales: ["bqscales", "^0.3"],
  base: ["@jupyter-widgets/base", "2.0.0"],
} as const;

const HOME: Record<string, keyof typeof MODULES> = {
  LinearScaleModel: "scales",
  LogScaleModel: "scales",
  ColorScaleModel: "scales",
  LayoutModel: "base",
};

/** Thrown where bqplot's classes cannot be had: the plain chart steps in. */
export class NoBqplot extends Error {}

/** Models that belong to one chart. */
export class Models {
  private readonly made: BqplotModel[] = [];

  constructor(private readonly manager: Manager) {}

  async make(name: string, attributes: Record<string, unknown>): Promise<BqplotModel> {
    const [module, version] = MODULES[HOME[name] ?? "bqplot"];
    const found = await this.manager.loadModelClass?.(name, module, version);
    if (typeof found !== "function") throw new NoBqplot(`${module} ${version} has no ${name}.`);
    const view = name === "LayoutModel" ? "LayoutView" : name.replace("Model", "");
    const model = new (found as ModelClass)(
      {
        _model_name: name,
        _model_module: module,
        _model_module_version: version,
        _view_name: view,
        _view_module: module,
        _view_module_version: version,
        ...attributes,
      },
      { widget_manager: this.manager, model_id: crypto.randomUUID() },
    );
    this.made.push(model);
    // Where a class is missing, JupyterLab gives one whose view says "Click to show javascript error".
    if (model.get("_view_module") !== module) throw new NoBqplot(`${module} ${version} could not be loaded.`);
    return model;
  }

  close(): void {
    for (const model of this.made.splice(0)) {
      model.trigger("comm:close", model);
      model.close(true);
    }
  }
}

/** bqplot takes differences of the ends of a scale, which overflow near ±1.8e308: such data are drawn at a quarter. */
const shrinking = ({ y }: Picture) => (Number.isFinite(y.high - y.low) ? 1 : 0.25);

const NO_LINE: Line = { x: new Float64Array(0), y: new Float64Array(0) };

/** bqplot puts a label, though hidden, at the last point of a line, and cannot where that is a gap or missing. */
function labelled({ x, y }: Line, picture: Picture, factor: number): Line {
  let end = y.length;
  while (end && !Number.isFinite(y[end - 1])) end--;
  if (!end) return { x: Float64Array.of(picture.x.low), y: Float64Array.of(picture.y.low * factor) };
  return {
    x: x.subarray(0, end),
    y: factor === 1 ? y.subarray(0, end) : y.subarray(0, end).map((one) => one * factor),
  };
}

/** Of the raw lines behind the smoothed ones: with several series they would be a thicket. */
const ghost = ({ curves }: Picture) => (curves.length > 1 ? 0.18 : 0.28);

/** The colour of what lies behind the curves. */
const BEHIND = "var(--rd-ink2)";

/** The ends of a scale, as bqplot has them. */
export const ends = ({ low, high }: Scale, factor = 1) => ({ min: low * factor, max: high * factor });

export async function bqplot_chart(manager: Manager, element: HTMLElement, first: Picture): Promise<Chart> {
  const models = new Models(manager);
  try {
    return await build(models, manager, element, first);
  } catch (error) {
    models.close();
    throw error;
  }
}

async function build(models: Models, manager: Manager, element: HTMLElement, first: Picture): Promise<Chart> {
  const { is_log } = first.y;
  const factor = shrinking(first);
  const x = await models.make("LinearScaleModel", ends(first.x));
  const y = await models.make(is_log ? "LogScaleModel" : "LinearScaleModel", ends(first.y, factor));
  const scales = { x, y };
  const line = { scales, apply_clip: true, enable_hover: false, interactions: {} };
  const lines: { raw: BqplotModel; smoothed: BqplotModel }[] = [];
  const behind: Partial<Record<"outer" | "inner" | "middle", BqplotModel>> = {};
  if (first.behind) {
    const fill = { fill: "inside", fill_colors: [BEHIND], fill_opacities: [1] };
    const area = { ...line, ...fill, colors: [BEHIND], stroke_width: 0 };
    behind.outer = await models.make("LinesModel", { ...area, opacities: [0.13] });
    behind.inner = await models.make("LinesModel", { ...area, opacities: [0.18] });
    const dashed = { colors: [BEHIND], line_style: "dashed", stroke_width: 1.2 };
    behind.middle = await models.make("LinesModel", { ...line, ...dashed });
  }
  for (const { color } of first.curves) {
    const colors = [`var(--rd-s${color})`];
    const raw = await models.make("LinesModel", { ...line, colors, stroke_width: 1.7 });
    lines.push({ raw, smoothed: await models.make("LinesModel", { ...line, colors, stroke_width: 1.9 }) });
  }
  const axis = { tick_style: {}, grid_color: "var(--rd-line)" };
  const bottom = await models.make("AxisModel", { ...axis, scale: x, grid_lines: "none" });
  const left = await models.make("AxisModel", { ...axis, scale: y, orientation: "vertical", side: "left" });
  const layout = await models.make("LayoutModel", { width: "100%", height: "100%", min_width: "0", min_height: "0" });
  const figure = await models.make("FigureModel", {
    // Ghosts first: no raw line crosses out the smoothed one of another series.
    marks: [...Object.values(behind), ...lines.map(({ raw }) => raw), ...lines.map(({ smoothed }) => smoothed)],
    axes: [bottom, left],
    layout,
    scale_x: x,
    scale_y: y,
    padding_x: 0,
    padding_y: 0,
    fig_margin: first.margin,
    display_toolbar: false,
    animation_duration: 0,
  });

  let margin = first.margin;
  const draw = (picture: Picture) => {
    const shrink = shrinking(picture);
    x.set(ends(picture.x));
    y.set(ends(picture.y, shrink));
    for (const [model, ticks, by] of [
      [bottom, picture.x_ticks, 1],
      [left, picture.y_ticks, shrink],
    ] as const) {
      // Labels before values: each change draws, and the values must find their labels. One tick at most means none
      // to bqplot; an empty array would bring back its own.
      model.set({
        tick_labels: Object.fromEntries(ticks.map(({ value, label }) => [String(value * by), label])),
        num_ticks: ticks.length ? null : 1,
        tick_values: Float64Array.from(ticks.length ? ticks.map(({ value }) => value * by) : [0]),
      });
    }
    if (margin.left !== picture.margin.left) {
      margin = picture.margin;
      figure.set({ fig_margin: margin });
    }
    for (const part of ["outer", "inner", "middle"] as const)
      behind[part]?.set({ ...labelled(picture.behind?.[part] ?? NO_LINE, picture, shrink) });
    lines.forEach(({ raw, smoothed }, index) => {
      const curve = picture.curves[index];
      const is_smoothed = curve?.smoothed != null;
      raw.set({
        ...labelled(curve?.raw ?? NO_LINE, picture, shrink),
        opacities: [is_smoothed ? ghost(picture) : 1],
        stroke_width: is_smoothed ? 1.2 : 1.7,
      });
      smoothed.set({ ...labelled(curve?.smoothed ?? NO_LINE, picture, shrink), visible: is_smoothed });
    });
  };

  draw(first);
  return { draw, dispose: await placed(models, manager, element, figure) };
}

/** Puts a figure into an element; what comes back takes it out and closes its models. */
export async function placed(
  models: Models,
  manager: Manager,
  element: HTMLElement,
  figure: BqplotModel,
): Promise<() => void> {
  if (!manager.create_view) throw new NoBqplot("This page has no widget manager that makes views.");
  const view = await manager.create_view(figure);
  element.appendChild(view.el);
  view.trigger("displayed");
  return () => {
    view.remove();
    models.close();
  };
}
