import { useMemo } from "preact/hooks";
import { at } from "../../arrays";
import { bqplot_heat, type Heat } from "../../chart_marks";
import { around, type Cell, type Confusion, cell_words, shade, type Window } from "../../charts/confusion";
import type { Ink } from "../../picture_svg";
import { Frame, type Layout, layout_of, Names, Picture } from "./matrix_marks";
import { ink_paint, page_paint, save_drawing, Told, Under, useBqplot, useInk, useWidth } from "./stage";

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

/** The cells of a confusion matrix: bqplot's squares below, names, values and what the reader points at above. */
export function Matrix({ name, confusion, is_normalised, window, cell, set_cell, set_window, zoom }: MatrixProps) {
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
  const whole = (made: Layout, squares: Heat, colors: Ink) => (
    <>
      <Picture layout={made} heat={squares} />
      <Names {...{ confusion, layout: made, window, is_normalised, ink: colors }} paint={ink_paint(colors)} />
    </>
  );
  return (
    <div class="rd-stage-column">
      <Told words={cell ? cell_words(confusion, cell) : ""} otherwise={otherwise} />
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
      <Under
        is_plain={is_plain}
        save={layout && heat && ink && (() => save_drawing(name, ink, layout, whole(layout, heat, ink)))}
      />
    </div>
  );
}
