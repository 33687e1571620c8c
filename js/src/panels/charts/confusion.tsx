import { useMemo, useState } from "preact/hooks";
import { at } from "../../arrays";
import { bqplot_heat, type Heat } from "../../chart_marks";
import {
  around,
  balanced_accuracy,
  type Cell,
  type Confusion,
  cell_text,
  cell_words,
  confusion_of,
  count_at,
  largest,
  report,
  type Squares,
  shade,
  share,
  squares,
  type Window,
} from "../../charts/confusion";
import { percent } from "../../charts/reading";
import { csv, download } from "../../csv";
import { count, number } from "../../format";
import type { Margin } from "../../picture";
import type { Ink } from "../../picture_svg";
import { search } from "../../search";
import { Search, Segments } from "../parts";
import { ink_paint, type Paint, PLAINLY, page_paint, save_drawing, Told, useBqplot, useInk, useWidth } from "./stage";

/** Classes up to which each cell has room for its value. */
const VALUES = 25;
const LARGEST_SIZE = 560;
const LETTER = 6.4;
/** Letters of a class that are shown beside the matrix. */
const LETTERS = 14;

type Shows = "counts" | "normalised";

const short = (text: string) => (text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text);

export function ConfusionChart({ name, json }: { name: string; json: unknown }) {
  const confusion = useMemo(() => confusion_of(json), [json]);
  const size = confusion.labels.length;
  const [shows, set_shows] = useState<Shows>("counts");
  const [query, set_query] = useState("");
  const [cell, set_cell] = useState<Cell | null>(null);
  const [window, set_window] = useState<Window>({ row: 0, column: 0, span: size });
  const is_normalised = shows === "normalised";
  // What was logged again may have other classes.
  const shown = window.span > size || window.row + window.span > size ? { row: 0, column: 0, span: size } : window;
  const found = query ? search([...confusion.labels.keys()], query, (index) => confusion.labels[index] ?? "") : [];
  const go = (to: Cell) => {
    set_cell(to);
    if (size > VALUES) set_window(around(to, VALUES - 4, size));
  };
  const zoom = (by: number) => {
    const middle = cell ?? {
      row: shown.row + Math.floor(shown.span / 2),
      column: shown.column + Math.floor(shown.span / 2),
    };
    set_window(around(middle, Math.max(Math.min(8, size), Math.round(shown.span * by)), size));
  };
  const accuracy = confusion.correct / confusion.total;
  // Of 1,000 classes these look at a million cells: not at every move of the pointer.
  const biggest = useMemo(() => largest(confusion, is_normalised), [confusion, is_normalised]);
  const balanced = useMemo(() => balanced_accuracy(confusion), [confusion]);
  return (
    <>
      <div class="rd-tools">
        <Segments
          label="Values"
          value={shows}
          choices={[
            ["counts", "Counts"],
            ["normalised", "Normalised"],
          ]}
          choose={set_shows}
        />
        {size > 8 && <Search query={query} set={set_query} what={`${count(size)} classes`} />}
        {size > VALUES && (
          <>
            <button type="button" aria-label="Show fewer classes" onClick={() => zoom(0.5)}>
              +
            </button>
            <button type="button" aria-label="Show more classes" onClick={() => zoom(2)} disabled={shown.span === size}>
              −
            </button>
            <button
              type="button"
              onClick={() => set_window({ row: 0, column: 0, span: size })}
              disabled={shown.span === size}
            >
              All {count(size)} classes
            </button>
          </>
        )}
        <span class="rd-secondary">
          accuracy {percent(accuracy)}, balanced {percent(balanced)}
        </span>
        <span class="rd-tools-end">
          <button
            type="button"
            class="rd-quiet"
            onClick={() => download(`${name}-confusions.csv`, csv(rows(confusion)))}
          >
            Download CSV
          </button>
        </span>
      </div>
      <div class="rd-model">
        <Matrix
          name={name}
          confusion={confusion}
          is_normalised={is_normalised}
          window={shown}
          cell={cell}
          set_cell={set_cell}
          zoom={size > VALUES ? zoom : null}
          set_window={set_window}
        />
        <div class="rd-side">
          {query && <Found confusion={confusion} found={found} query={query} go={go} />}
          <h4>Largest confusions</h4>
          <ol aria-label="Largest confusions">
            {biggest.map((one) => (
              <li key={`${one.row} ${one.column}`}>
                <button type="button" title={cell_words(confusion, one)} onClick={() => go(one)}>
                  <bdi>{confusion.labels[one.row]}</bdi> → <bdi>{confusion.labels[one.column]}</bdi>
                  <span>{is_normalised ? percent(share(confusion, one)) : number(count_at(confusion, one))}</span>
                </button>
              </li>
            ))}
          </ol>
          {confusion.correct === confusion.total && <p class="rd-secondary">None: every prediction is right.</p>}
        </div>
      </div>
    </>
  );
}

function* rows(confusion: Confusion) {
  yield ["true", "predicted", "count", "share of the true class"];
  for (const [row, label] of confusion.labels.entries())
    for (const [column, other] of confusion.labels.entries()) {
      const value = count_at(confusion, { row, column });
      if (value) yield [label, other, value, share(confusion, { row, column })];
    }
}

interface FoundProps {
  confusion: Confusion;
  found: readonly number[];
  query: string;
  go: (cell: Cell) => void;
}

/** Classes that were searched for, and how well they are told. */
function Found({ confusion, found, query, go }: FoundProps) {
  const most = 8;
  return (
    <>
      <h4>Classes found</h4>
      <ul aria-label="Classes found">
        {found.slice(0, most).map((index) => {
          const { precision, recall, f1, support } = report(confusion, index);
          return (
            <li key={index}>
              <button type="button" onClick={() => go({ row: index, column: index })}>
                <bdi>{confusion.labels[index]}</bdi>
                <em>
                  recall {percent(recall)}, precision {percent(precision)}, F1 {f1.toFixed(3)}, {number(support)} true
                </em>
              </button>
            </li>
          );
        })}
      </ul>
      {found.length > most && (
        <p class="rd-secondary">
          {most} of {count(found.length)}.
        </p>
      )}
      {!found.length && <p class="rd-secondary">No class contains “{query}”.</p>}
    </>
  );
}

interface MatrixProps {
  name: string;
  confusion: Confusion;
  is_normalised: boolean;
  window: Window;
  cell: Cell | null;
  set_cell: (cell: Cell | null) => void;
  set_window: (window: Window) => void;
  /** Shows so many times the classes; null where all have room. */
  zoom: ((by: number) => void) | null;
}

/** What is drawn, in pixels. */
interface Layout {
  made: Squares;
  margin: Margin;
  width: number;
  height: number;
  /** Of a square. */
  step: number;
}

function layout_of(confusion: Confusion, window: Window, is_normalised: boolean, room: number): Layout {
  const made = squares(confusion, window, is_normalised);
  const inside = (first: number) => confusion.labels.slice(first, first + window.span);
  const longest = (labels: readonly string[]) => Math.max(2, ...labels.map((label) => short(label).length)) * LETTER;
  const left = Math.ceil(longest(inside(window.row)) + 26);
  const width = Math.min(room, LARGEST_SIZE + left);
  const side = Math.max(60, width - left - 10);
  const is_tilted = longest(inside(window.column)) + 8 > side / made.side;
  const bottom = Math.ceil(is_tilted ? longest(inside(window.column)) * 0.72 + 34 : 40);
  const margin = { top: 6, right: 10, bottom, left };
  return { made, margin, width, height: side + margin.top + bottom, step: side / made.side };
}

function Matrix({ name, confusion, is_normalised, window, cell, set_cell, set_window, zoom }: MatrixProps) {
  const [frame, room] = useWidth();
  const ink = useInk(frame);
  const size = confusion.labels.length;
  const layout = useMemo(
    () => (room ? layout_of(confusion, window, is_normalised, room) : null),
    [confusion, window.row, window.column, window.span, is_normalised, room],
  );
  const heat = useMemo((): Heat | null => {
    if (!layout || !ink) return null;
    const { side, values, highest } = layout.made;
    const shades = values.map((value) => shade(Math.max(0, value), highest));
    return { side, shades, margin: layout.margin, colors: [ink.paper, ink.series[0] ?? ink.ink] };
  }, [layout, ink]);
  // bqplot takes the size of a square from its neighbour.
  const is_alone = layout?.made.side === 1;
  const { canvas, is_plain } = useBqplot(bqplot_heat, is_alone ? null : heat, String(heat?.side));
  const point = (event: PointerEvent) => {
    if (!layout || !(event.currentTarget instanceof Element)) return;
    const box = event.currentTarget.getBoundingClientRect();
    const place = (from: number, margin: number) => Math.floor((from - margin) / layout.step);
    const across = place(event.clientX - box.left, layout.margin.left);
    const down = place(event.clientY - box.top, layout.margin.top);
    const { side, cells } = layout.made;
    if (across < 0 || down < 0 || across >= side || down >= side) return set_cell(null);
    const found = at(cells, down * side + across);
    set_cell({ row: Math.floor(found / size), column: found % size });
  };
  const step = (event: KeyboardEvent) => {
    const by: Record<string, readonly [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const move = by[event.key];
    if (move) {
      const kept = (value: number) => Math.max(0, Math.min(size - 1, value));
      const from = cell ?? { row: window.row - move[0], column: window.column - move[1] };
      const to = { row: kept(from.row + move[0]), column: kept(from.column + move[1]) };
      set_cell(to);
      const is_inside = (value: number, first: number) => value >= first && value < first + window.span;
      if (!is_inside(to.row, window.row) || !is_inside(to.column, window.column))
        set_window(around(to, window.span, size));
    } else if (event.key === "+" && zoom) zoom(0.5);
    else if (event.key === "-" && zoom) zoom(2);
    else if (event.key === "Escape" && cell) set_cell(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const each = layout?.made.each ?? 1;
  const otherwise =
    each > 1
      ? `Each square is the biggest of ${each} × ${each} cells; darker is more. Point at one, or search a class.`
      : "Darker is more. Point at a cell, or press arrows.";
  return (
    <div class="rd-stage-column">
      <Told
        words={cell ? cell_words(confusion, cell) : ""}
        otherwise={is_plain ? `${PLAINLY} ${otherwise}` : otherwise}
      />
      <div
        class="rd-plot rd-stage"
        ref={frame}
        style={{ height: `${layout?.height ?? 300}px` }}
        data-classes={window.span}
      >
        {layout && ink && heat && (
          <>
            <div
              class="rd-canvas"
              ref={canvas}
              aria-hidden="true"
              style={{ width: `${layout.width}px`, height: `${layout.height}px` }}
            />
            <svg class="rd-over" width={layout.width} height={layout.height} aria-hidden="true">
              {(is_plain || is_alone) && <Picture layout={layout} heat={heat} />}
              <Names {...{ confusion, layout, window, is_normalised, ink }} paint={page_paint} />
              {cell && <Frame layout={layout} window={window} cell={cell} />}
            </svg>
          </>
        )}
        <div
          class="rd-area"
          role="img"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go from cell to cell, told in the line above.
          tabIndex={0}
          aria-label={`Confusion matrix ${name.slice(0, 200)}, ${size} classes. Arrows go from cell to cell, + and - show fewer and more classes.`}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => set_cell(null)}
          onKeyDown={step}
        />
      </div>
      <p class="rd-under">
        <button
          type="button"
          class="rd-quiet"
          disabled={!heat}
          onClick={() => {
            if (!layout || !heat || !ink) return;
            const drawing = (
              <>
                <Picture layout={layout} heat={heat} />
                <Names {...{ confusion, layout, window, is_normalised, ink }} paint={ink_paint(ink)} />
              </>
            );
            save_drawing(name, ink, layout, drawing);
          }}
        >
          Download SVG
        </button>
      </p>
    </div>
  );
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
function Picture({ layout: { margin, step }, heat }: { layout: Layout; heat: Heat }) {
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
function Names({ confusion, layout, window, is_normalised, ink, paint }: NamesProps) {
  const { made, margin, step, width, height } = layout;
  const { side, values, each, highest } = made;
  const every = Math.ceil(14 / step);
  const places = Array.from({ length: Math.ceil(side / every) }, (_, index) => index * every);
  const bottom = margin.top + side * step;
  const longest = (first: number) =>
    Math.max(0, ...places.map((place) => short(confusion.labels[first + place * each] ?? "").length)) * LETTER;
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
              {short(confusion.labels[window.row + place * each] ?? "")}
            </text>
            <text
              x={x}
              y={bottom + 14}
              text-anchor={is_tilted ? "end" : "middle"}
              transform={is_tilted ? `rotate(-45 ${x + 3} ${bottom + 9})` : undefined}
              {...quiet}
            >
              {short(confusion.labels[window.column + place * each] ?? "")}
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
            {cell_text(value, is_normalised, confusion.is_fractional)}
          </text>
        ))}
    </>
  );
}

/** Around the cell that is meant, if it is in sight. */
function Frame({ layout: { margin, step, made }, window, cell }: { layout: Layout; window: Window; cell: Cell }) {
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
