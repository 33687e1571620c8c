import { at } from "./arrays";
import type { Chart } from "./chart";
import type { Line, Picture } from "./picture";
import { position, type Scale } from "./scale";

const SVG = "http://www.w3.org/2000/svg";

function svg(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text) element.textContent = text;
  return element;
}

/** The path of a line; what is not finite leaves a gap. */
export function path({ x, y }: Line, across: (x: number) => number, down: (y: number) => number): string {
  let drawn = "";
  let is_pen_down = false;
  for (let index = 0; index < x.length; index++) {
    if (!Number.isFinite(at(y, index))) {
      is_pen_down = false;
      continue;
    }
    drawn += `${is_pen_down ? "L" : "M"}${across(at(x, index)).toFixed(1)},${down(at(y, index)).toFixed(1)}`;
    is_pen_down = true;
  }
  return drawn;
}

/** The path of a small line without axes. A lone point becomes a short dash. */
export function sparkline(values: Float64Array, scale: Scale, width: number, height: number): string {
  const most = Math.max(1, values.length - 1);
  const across = (index: number) => 2 + (index / most) * (width - 4);
  const down = (value: number) => 2 + (1 - position(scale, value)) * (height - 4);
  if (values.length === 1) return `M2,${(height / 2).toFixed(1)}H${width - 2}`;
  return path({ x: Float64Array.from(values, (_, index) => index), y: values }, across, down);
}

/** The chart where bqplot cannot load: the same picture as plain SVG. */
export function plain_chart(element: HTMLElement): Chart {
  const root = svg("svg", { class: "rd-plain", width: "100%", height: "100%", "aria-hidden": "true" });
  element.appendChild(root);
  return {
    draw(picture: Picture) {
      const { width, height } = element.getBoundingClientRect();
      const { margin } = picture;
      const across = (x: number) => margin.left + position(picture.x, x) * (width - margin.left - margin.right);
      const down = (y: number) => margin.top + (1 - position(picture.y, y)) * (height - margin.top - margin.bottom);
      const parts: SVGElement[] = [];
      for (const { value, label } of picture.y_ticks) {
        const y = down(value);
        parts.push(svg("line", { class: "rd-grid-line", x1: margin.left, x2: width - margin.right, y1: y, y2: y }));
        parts.push(svg("text", { x: margin.left - 6, y: y + 3.5, "text-anchor": "end" }, label));
      }
      for (const { value, label } of picture.x_ticks)
        parts.push(svg("text", { x: across(value), y: height - 6, "text-anchor": "middle" }, label));
      const clip = svg("svg", { x: margin.left, y: 0, width: Math.max(0, width - margin.left - margin.right), height });
      const inner = (x: number) => across(x) - margin.left;
      const drawn = (name: string, line: Line, color: number) =>
        clip.appendChild(svg("path", { class: `${name} rd-color-${color}`, d: path(line, inner, down) }));
      const under = (name: string, line: Line) =>
        clip.appendChild(svg("path", { class: `rd-${name}`, d: path(line, inner, down) }));
      if (picture.behind) {
        under("outer", picture.behind.outer);
        under("inner", picture.behind.inner);
        under("middle", picture.behind.middle);
      }
      for (const { raw, smoothed, color } of picture.curves) drawn(smoothed ? "rd-ghost" : "rd-line", raw, color);
      for (const { smoothed, color } of picture.curves) if (smoothed) drawn("rd-line", smoothed, color);
      parts.push(clip);
      root.replaceChildren(...parts);
    },
    dispose: () => root.remove(),
  };
}
