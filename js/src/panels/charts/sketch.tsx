import { useMemo, useRef, useState } from "preact/hooks";
import { at } from "../../arrays";
import { bqplot_sketch } from "../../chart_marks";
import {
  type Look,
  places,
  type Sketch,
  type Spot,
  type Stroke,
  type Subject,
  sketch,
  spot_beside,
  spot_near,
} from "../../charts/sketch";
import { path } from "../../plain";
import { ink_paint, type Paint, page_paint, save_drawing, Told, Under, useBqplot, useInk, useWidth } from "./stage";

/** As bqplot dashes its lines. */
const DASHES: Partial<Record<Look, string>> = { dashed: "10,10", dotted: "2,10", dash_dotted: "10,5,2,5" };

const HEIGHT = 340;

interface Props {
  name: string;
  subject: Subject;
  /** Points are looked for right and left of the pointer only: of bars and bins. */
  is_across?: boolean;
  /** Said while nothing is pointed at. */
  otherwise: string;
  height?: number;
  /** A point that the reader pressed, or pressed Enter on. */
  choose?: (spot: Spot) => void;
}

/** A chart from a sketch: bqplot's marks below, labels and what the reader points at above. */
export function SketchStage({ name, subject, is_across = false, otherwise, height: high = HEIGHT, choose }: Props) {
  const [frame, width] = useWidth();
  const ink = useInk(frame);
  const [spot, set_spot] = useState<Spot | null>(null);
  const made = useMemo(() => (width ? sketch(subject, width, high) : null), [subject, width, high]);
  const structure = subject.strokes.map(({ color, look, opacity }) => `${color} ${look} ${opacity}`).join();
  const { canvas, is_plain } = useBqplot(bqplot_sketch, made, structure);
  const area = useRef<HTMLDivElement>(null);
  const stroke = spot && subject.strokes[spot.stroke];
  const words = (stroke && spot && spot.index < stroke.x.length && stroke.tell?.(spot.index)) || "";
  const point = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    if (made && box) set_spot(spot_near(made, event.clientX - box.left, event.clientY - box.top, is_across));
  };
  const step = (event: KeyboardEvent) => {
    if (event.key === "Enter" && spot && choose) choose(spot);
    else if (event.key === "Escape" && spot) set_spot(null);
    else if (!made || !/^(Arrow|Home$|End$)/.test(event.key)) return;
    else set_spot(spot_beside(made, spot, event.key));
    event.preventDefault();
    event.stopPropagation();
  };
  const size = { width, height: high };
  return (
    <div class="rd-stage-column">
      <Told words={words} otherwise={otherwise} />
      <div class="rd-plot rd-stage" ref={frame} style={{ height: `${high}px` }} data-strokes={subject.strokes.length}>
        <div class="rd-canvas" ref={canvas} aria-hidden="true" />
        {made && (
          <svg class="rd-over" width={width} height={high} aria-hidden="true">
            {is_plain && <Marks made={made} paint={page_paint} />}
            <Labels made={made} paint={page_paint} />
            {stroke && words && spot && <Dot made={made} stroke={stroke} index={spot.index} />}
          </svg>
        )}
        <div
          class="rd-area"
          ref={area}
          role="img"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go from point to point, told in the line above.
          tabIndex={0}
          aria-label={`${name.slice(0, 200)}: ${subject.y_label} over ${subject.x_label}. Arrows go from point to point.`}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => set_spot(null)}
          onClick={() => spot && choose?.(spot)}
          onKeyDown={step}
          onBlur={() => set_spot(null)}
        />
      </div>
      <Under
        is_plain={is_plain}
        save={made && ink && (() => save_drawing(name, ink, size, <Whole made={made} paint={ink_paint(ink)} />))}
      />
    </div>
  );
}

function Whole({ made, paint }: { made: Sketch; paint: Paint }) {
  const named = made.strokes.filter(
    ({ name, opacity }, place, all) => opacity && all.findIndex((one) => one.name === name) === place,
  );
  return (
    <>
      <Marks made={made} paint={paint} />
      <Labels made={made} paint={paint} />
      {named.map((stroke, place) => (
        <g key={place} transform={`translate(${made.width - made.margin.right - 190} ${made.margin.top + 16 * place})`}>
          <Swatch stroke={stroke} paint={paint} />
          <text x="30" y="9" fill={paint("ink")}>
            {stroke.name.slice(0, 30)}
          </text>
        </g>
      ))}
    </>
  );
}

/** A piece of a line, as it looks in the chart. */
export function Swatch({ stroke, paint }: { stroke: Pick<Stroke, "color" | "look">; paint: Paint }) {
  return (
    <path
      d={stroke.look === "filled" || stroke.look === "dots" ? "M8,6h8" : "M0,6h24"}
      fill="none"
      stroke={paint(stroke.color)}
      stroke-width={stroke.look === "filled" || stroke.look === "dots" ? 8 : 2}
      stroke-dasharray={DASHES[stroke.look] ?? ""}
    />
  );
}

/** What bqplot would draw. */
function Marks({ made, paint }: { made: Sketch; paint: Paint }) {
  const { across, down } = places(made);
  const { margin, width, height } = made;
  const text = { fill: paint("quiet"), "font-size": 11 };
  return (
    <>
      {made.y_ticks.map(({ value, label }) => (
        <g key={value}>
          <line x1={margin.left} x2={width - margin.right} y1={down(value)} y2={down(value)} stroke={paint("line")} />
          <text x={margin.left - 6} y={down(value) + 4} text-anchor="end" {...text}>
            {label}
          </text>
        </g>
      ))}
      {made.x_ticks.map(({ value, label }) => (
        <text key={value} x={across(value)} y={height - margin.bottom + 16} text-anchor="middle" {...text}>
          {label}
        </text>
      ))}
      {made.strokes.map((stroke, place) => {
        const color = paint(stroke.color);
        if (stroke.look === "dots")
          return [...stroke.x].map((x, index) =>
            Number.isFinite(stroke.y[index]) ? (
              <circle
                key={`${place} ${index}`}
                cx={across(x)}
                cy={down(at(stroke.y, index))}
                r="3"
                fill={color}
                opacity={stroke.opacity}
              />
            ) : null,
          );
        const is_filled = stroke.look === "filled";
        return (
          <path
            key={place}
            class="rd-drawn"
            d={path(stroke, across, down)}
            fill={is_filled ? color : "none"}
            stroke={is_filled ? "none" : color}
            stroke-width={stroke.color ? 1.8 : 1.2}
            stroke-dasharray={DASHES[stroke.look] ?? ""}
            opacity={stroke.opacity}
          />
        );
      })}
    </>
  );
}

function Labels({ made, paint }: { made: Sketch; paint: Paint }) {
  const { margin, width, height } = made;
  const quiet = { fill: paint("quiet") };
  // In a narrow view long words are small, not cut off.
  const fitting = (words: string) => Math.min(12, width / (0.62 * (words.length + 3)));
  return (
    <>
      <text x={margin.left - 18} y={13} font-size={fitting(made.y_label)} {...quiet}>
        ↑ {made.y_label}
      </text>
      <text x={width - margin.right} y={height - 5} text-anchor="end" font-size={fitting(made.x_label)} {...quiet}>
        {made.x_label} →
      </text>
    </>
  );
}

function Dot({ made, stroke, index }: { made: Sketch; stroke: Stroke; index: number }) {
  const { across, down } = places(made);
  return (
    <circle
      class="rd-spot"
      cx={across(at(stroke.x, index))}
      cy={down(at(stroke.y, index))}
      r="4.5"
      fill={page_paint(stroke.color)}
    />
  );
}
