import { useMemo } from "preact/hooks";
import { at } from "../../arrays";
import type { Heat } from "../../chart_marks";
import {
  type Cell,
  type Confusion,
  cell_text,
  type Squares,
  shade,
  squares,
  type Window,
} from "../../charts/confusion";
import type { Margin } from "../../picture";
import type { Ink } from "../../picture_svg";
import type { Paint } from "./stage";

/** Classes up to which each cell has room for its value. */
export const VALUES = 25;
const LARGEST_SIZE = 560;
const LETTER = 6.4;
/** Letters of a class that are shown beside the matrix. */
const LETTERS = 14;

/** A name's beginning and end: names that begin alike stay apart. */
export function short(text = "", letters = LETTERS): string {
  if (text.length <= letters) return text;
  const end = Math.floor((letters - 1) / 3);
  return `${text.slice(0, letters - 1 - end)}…${text.slice(text.length - end)}`;
}

/** What is drawn, in pixels. */
export interface Layout {
  made: Squares;
  margin: Margin;
  width: number;
  height: number;
  /** Of a square. */
  step: number;
  /** Of a name at most. */
  letters: number;
}

export function layout_of(confusion: Confusion, window: Window, is_normalised: boolean, room: number): Layout {
  const made = squares(confusion, window, is_normalised);
  const inside = (first: number) => confusion.labels.slice(first, first + window.span);
  // In a narrow view the squares matter more than the names.
  const letters = Math.max(5, Math.min(LETTERS, Math.floor((room * 0.25) / LETTER)));
  const longest = (labels: readonly string[]) =>
    Math.max(2, ...labels.map((label) => short(label, letters).length)) * LETTER;
  const left = Math.ceil(longest(inside(window.row)) + 26);
  const width = Math.min(room, LARGEST_SIZE + left);
  const side = Math.max(60, width - left - 10);
  const is_tilted = longest(inside(window.column)) + 8 > side / made.side;
  const bottom = Math.ceil(is_tilted ? longest(inside(window.column)) * 0.72 + 34 : 40);
  const margin = { top: 6, right: 10, bottom, left };
  return { made, margin, width, height: side + margin.top + bottom, step: side / made.side, letters };
}

type Color = readonly [number, number, number];

const parts_of = (hex: string): Color =>
  [1, 3, 5].map((place) => Number.parseInt(hex.slice(place, place + 2), 16)) as [number, number, number];

/** As bqplot's scale mixes them. */
function mixed(colors: Heat["colors"], part: number): Color {
  const [from, to] = colors.map(parts_of) as [Color, Color];
  return [0, 1, 2].map((place) => Math.round((from[place] ?? 0) * (1 - part) + (to[place] ?? 0) * part)) as [
    number,
    number,
    number,
  ];
}

/** Black or white, whichever is read better on a colour. */
function ink_on(color: Color): string {
  const [red, green, blue] = color.map((one) => {
    const light = one / 255;
    return light <= 0.04045 ? light / 12.92 : ((light + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

/** The squares as an image of as many pixels, where bqplot does not draw them. */
export function Picture({ layout: { margin, step }, heat }: { layout: Layout; heat: Heat }) {
  const address = useMemo(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = heat.side;
    const context = canvas.getContext("2d");
    if (!context) return "";
    const image = context.createImageData(heat.side, heat.side);
    for (const [place, value] of heat.shades.entries()) image.data.set([...mixed(heat.colors, value), 255], place * 4);
    context.putImageData(image, 0, 0);
    return canvas.toDataURL("image/png");
  }, [heat]);
  const side = step * heat.side;
  return (
    <image
      href={address}
      x={margin.left}
      y={margin.top}
      width={side}
      height={side}
      preserveAspectRatio="none"
      style="image-rendering:pixelated"
    />
  );
}

interface NamesProps {
  confusion: Confusion;
  layout: Layout;
  window: Window;
  is_normalised: boolean;
  ink: Ink;
  paint: Paint;
}

/** Classes beside the squares, as many as have room, and values in them. */
export function Names({ confusion, layout, window, is_normalised, ink, paint }: NamesProps) {
  const { made, margin, step, width, height, letters: most } = layout;
  const { side, values, each, highest } = made;
  const every = Math.ceil(14 / step);
  const places = Array.from({ length: Math.ceil(side / every) }, (_, index) => index * every);
  const bottom = margin.top + side * step;
  const longest = (first: number) =>
    Math.max(0, ...places.map((place) => short(confusion.labels[first + place * each], most).length)) * LETTER;
  const is_tilted = longest(window.column) + 8 > step * every;
  const quiet = { fill: paint("quiet"), "font-size": 11 };
  const colors = [ink.paper, ink.series[0] ?? ink.ink] as const;
  const letters = Math.min(12, step * 0.4);
  return (
    <>
      <rect
        x={margin.left}
        y={margin.top}
        width={side * step}
        height={side * step}
        fill="none"
        stroke={paint("line")}
      />
      {places.map((place) => {
        const middle = (place + 0.5) * step;
        const x = margin.left + middle;
        return (
          <g key={place}>
            <text x={margin.left - 6} y={margin.top + middle + 4} text-anchor="end" {...quiet}>
              {short(confusion.labels[window.row + place * each], most)}
            </text>
            <text
              x={x}
              y={bottom + 14}
              text-anchor={is_tilted ? "end" : "middle"}
              transform={is_tilted ? `rotate(-45 ${x + 3} ${bottom + 9})` : undefined}
              {...quiet}
            >
              {short(confusion.labels[window.column + place * each], most)}
            </text>
          </g>
        );
      })}
      <text x={width - margin.right} y={height - 5} text-anchor="end" fill={paint("quiet")} font-size="12">
        predicted →
      </text>
      <text
        transform={`translate(12 ${margin.top + (side * step) / 2}) rotate(-90)`}
        text-anchor="middle"
        fill={paint("quiet")}
        font-size="12"
      >
        ← true
      </text>
      {window.span <= VALUES &&
        [...values].map((value, place) => (
          <text
            key={place}
            class="rd-cell"
            x={margin.left + ((place % side) + 0.5) * step}
            y={margin.top + (Math.floor(place / side) + 0.5) * step + letters * 0.36}
            text-anchor="middle"
            font-size={letters}
            fill={ink_on(mixed(colors, shade(Math.max(0, value), highest)))}
            opacity={value > 0 ? 1 : 0.45}
          >
            {confusion.missing.has(at(made.cells, place))
              ? "–"
              : cell_text(value, is_normalised, confusion.is_fractional)}
          </text>
        ))}
    </>
  );
}

/** Around the cell that is meant, if it is in sight. */
export function Frame({
  layout: { margin, step, made },
  window,
  cell,
}: {
  layout: Layout;
  window: Window;
  cell: Cell;
}) {
  const across = Math.floor((cell.column - window.column) / made.each);
  const down = Math.floor((cell.row - window.row) / made.each);
  if (across < 0 || down < 0 || across >= made.side || down >= made.side) return null;
  const [x, y] = [margin.left + across * step, margin.top + down * step];
  const side = made.side * step;
  return (
    <g class="rd-frame">
      {/* Through values they would strike them out. */}
      {window.span > VALUES && (
        <path
          d={`M${margin.left},${y + step / 2}h${across * step}M${x + step / 2},${y + step}v${margin.top + side - y - step}`}
        />
      )}
      <rect x={x - 1} y={y - 1} width={step + 2} height={step + 2} />
    </g>
  );
}
