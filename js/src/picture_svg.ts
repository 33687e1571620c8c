import type { AxisUnit } from "./axis";
import type { Curve, Picture } from "./picture";
import { path } from "./plain";
import { position } from "./scale";

/** Colours as hexadecimal text: a file cannot ask the page for its variables. */
export interface Ink {
  paper: string;
  ink: string;
  quiet: string;
  line: string;
  bad: string;
  /** Of the series, 1 to 6. */
  series: readonly string[];
}

export interface Sheet {
  title: string;
  /** Which run; empty for none. */
  subtitle: string;
  width: number;
  height: number;
  ink: Ink;
}

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
const TOP = 46;
const LEGEND = 20;
const UNDER = 20;
const AXIS: Record<AxisUnit, string> = {
  step: "step",
  order: "order of points",
  relative: "time since the start",
  wall: "time",
};
/** Pixels of a letter of the legend, about. */
const LETTER = 7;

/** Text in a file of markup. Characters that XML cannot hold are left out. */
export function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML refuses.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/g, "")
      .replace(/(?<![\ud800-\udbff])[\udc00-\udfff]/g, "")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

type Attributes = Record<string, string | number>;

function tag(name: string, attributes: Attributes, inside = ""): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return `<${name}${written.join("")}${inside ? `>${inside}</${name}>` : "/>"}`;
}

const words = (attributes: Attributes, text: string) => tag("text", attributes, escaped(text));

/** Room for the plot itself within a sheet: what `picture` is to be composed for. */
export function plot_size({ width, height }: Sheet, series: readonly { name: string }[]) {
  return { width, height: height - TOP - UNDER - legend_rows(series, width).length * LEGEND };
}

/** Names of the legend in rows; none for a single series, which the title names. */
function legend_rows<Named extends { name: string }>(series: readonly Named[], width: number): Named[][] {
  if (series.length < 2) return [];
  const rows: Named[][] = [[]];
  let used = 0;
  for (const one of series) {
    const needed = 30 + cut(one.name, 60).length * LETTER;
    if (used && used + needed > width - 32) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1]?.push(one);
    used += needed;
  }
  return rows;
}

/** A picture as a file that needs nothing else: no style sheet, no font, no script. */
export function picture_svg(picture: Picture, sheet: Sheet): string {
  const { width, height, ink } = sheet;
  const color = ({ color: index }: { color: number }) => ink.series[index - 1] ?? ink.ink;
  const rows = legend_rows(picture.curves, width);
  const { margin } = picture;
  const begin = TOP + rows.length * LEGEND;
  const plot = { left: margin.left, right: width - margin.right, top: begin + margin.top };
  const bottom = height - UNDER - margin.bottom;
  const across = (x: number) => plot.left + position(picture.x, x) * (plot.right - plot.left);
  const down = (y: number) => plot.top + (1 - position(picture.y, y)) * (bottom - plot.top);
  const short = (value: number) => Number(value.toFixed(1));

  const parts = [tag("rect", { width, height, fill: ink.paper })];
  parts.push(words({ x: 16, y: 24, "font-size": 15, "font-weight": 600, fill: ink.ink }, cut(sheet.title, 90)));
  parts.push(words({ x: 16, y: 40, "font-size": 11.5, fill: ink.quiet }, cut(sheet.subtitle, 110)));
  rows.forEach((row, index) => {
    let x = 16;
    const y = TOP + index * LEGEND + 10;
    for (const curve of row) {
      parts.push(tag("line", { x1: x, x2: x + 14, y1: y, y2: y, stroke: color(curve), "stroke-width": 2.5 }));
      parts.push(words({ x: x + 19, y: y + 4, "font-size": 11.5, fill: ink.ink }, cut(curve.name, 60)));
      x += 30 + cut(curve.name, 60).length * LETTER;
    }
  });
  const small = { "font-size": 11.5, fill: ink.quiet };
  for (const { value, label } of picture.y_ticks) {
    const y = short(down(value));
    parts.push(tag("line", { x1: plot.left, x2: plot.right, y1: y, y2: y, stroke: ink.line }));
    parts.push(words({ ...small, x: plot.left - 6, y: y + 4, "text-anchor": "end" }, label));
  }
  for (const { value, label } of picture.x_ticks)
    parts.push(words({ ...small, x: short(across(value)), y: bottom + 17, "text-anchor": "middle" }, label));
  const middle = (plot.left + plot.right) / 2;
  parts.push(words({ ...small, x: middle, y: height - 10, "text-anchor": "middle" }, AXIS[picture.unit]));

  const room = { x: plot.left, y: plot.top, width: plot.right - plot.left, height: bottom - plot.top };
  parts.push(tag("clipPath", { id: "plot" }, tag("rect", { ...room, y: room.y - 2, height: room.height + 4 })));
  const line = { fill: "none", "stroke-linejoin": "round" };
  const { behind } = picture;
  const areas = behind && [
    tag("path", { d: path(behind.outer, across, down), fill: ink.quiet, "fill-opacity": 0.13 }),
    tag("path", { d: path(behind.inner, across, down), fill: ink.quiet, "fill-opacity": 0.18 }),
    tag("path", { ...line, d: path(behind.middle, across, down), stroke: ink.quiet, "stroke-dasharray": "5 4" }),
  ];
  const drawn = (curve: Curve, is_ghost: boolean) => {
    const d = path(is_ghost || !curve.smoothed ? curve.raw : curve.smoothed, across, down);
    const look = is_ghost ? { "stroke-width": 1.2, "stroke-opacity": 0.28 } : { "stroke-width": 2 };
    return d && tag("path", { ...line, stroke: color(curve), ...look, d });
  };
  const lines = [
    ...(areas ?? []),
    ...picture.curves.filter(({ smoothed }) => smoothed).map((curve) => drawn(curve, true)),
    ...picture.curves.map((curve) => drawn(curve, false)),
  ].join("");
  if (lines) parts.push(tag("g", { "clip-path": "url(#plot)" }, lines));
  for (const curve of picture.curves)
    for (const [x, y] of curve.dots)
      parts.push(
        tag("circle", {
          cx: short(plot.left + x * room.width),
          cy: short(plot.top + (1 - y) * room.height),
          r: 3,
          fill: color(curve),
        }),
      );
  for (const { place, kind, color: index } of picture.marks) {
    const fill = picture.curves.length > 1 ? color({ color: index }) : ink.bad;
    const x = short(plot.left + place * room.width);
    const sign = kind === "∞" ? "▲" : kind === "NaN" ? "×" : "▼";
    const y = kind === "∞" ? plot.top + 7 : bottom - 1;
    parts.push(words({ x, y, "font-size": 9, "text-anchor": "middle", fill }, sign));
  }
  const root = { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` };
  return tag("svg", { ...root, "font-family": FONT, role: "img" }, words_of_title(sheet) + parts.join(""));
}

const words_of_title = ({ title }: Sheet) => tag("title", {}, escaped(title) || "chart");

/** The sheet as a picture of pixels, twice as fine. */
export async function rastered(svg: string, { width, height }: Sheet): Promise<Blob> {
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser gives no canvas to draw on.");
  context.drawImage(image, 0, 0, width * 2, height * 2);
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("This browser makes no PNG."))), "image/png"),
  );
}

/** Colours as an element of the view has them, whatever mixes them. */
export function ink_of(element: Element): Ink {
  const probe = document.createElement("i");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  element.appendChild(probe);
  const read = (variable: string, otherwise: string) => {
    probe.style.color = `var(${variable})`;
    if (!context) return otherwise;
    context.fillStyle = otherwise;
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  };
  const ink = {
    paper: read("--rd-bg", "#ffffff"),
    ink: read("--rd-ink", "#1b1f24"),
    quiet: read("--rd-ink2", "#57606a"),
    line: read("--rd-line", "#e1e4e8"),
    bad: read("--rd-bad", "#b91f2b"),
    series: SERIES.map((otherwise, index) => read(`--rd-s${index + 1}`, otherwise)),
  };
  probe.remove();
  return ink;
}

const SERIES = ["#2464cf", "#a8380b", "#0fa57a", "#7d1568", "#2b1d18", "#949004"];
