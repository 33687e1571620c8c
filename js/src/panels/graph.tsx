// biome-ignore-all lint/a11y/useSemanticElements: an SVG has neither buttons nor field sets of its own.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { BOX, places_of, type Road } from "../children/places";

/** Letters of a label that a box has room for. */
const LETTERS = 20;
const SMALL_LETTERS = 24;

export interface Node {
  id: string;
  label: string;
  /** The line below the label. */
  below: string;
  /** IDs of the nodes that it comes after. */
  after: readonly string[];
  /** Colour of its edge: good, run, bad, warn or calm. */
  tone: string;
  /** What a press on it does. */
  open?: () => void;
}

interface Props {
  what: string;
  words: string;
  nodes: readonly Node[];
}

/** How small it is drawn by itself, at least, so that all of it is seen. */
const SMALLEST = 0.8;

/** Boxes, each right of those that it comes after. The reader's zoom stays while they change. */
export function Graph({ what, words, nodes }: Props) {
  // Until the reader chooses, it is as wide as there is room.
  const zoom = useSignal<number | null>(null);
  const drawn = useRef<SVGSVGElement>(null);
  const { width, height, boxes, roads } = places_of(nodes);
  const by = (factor: number) => () => {
    const now = zoom.value ?? (drawn.current?.getBoundingClientRect().width ?? width) / width;
    zoom.value = Math.min(3, Math.max(0.4, now * factor));
  };
  const size =
    zoom.value === null
      ? { width: `${width}px`, maxWidth: "100%", minWidth: `${width * SMALLEST}px` }
      : { width: `${width * zoom.value}px` };
  return (
    <div class="rd-steps">
      <div class="rd-tools">
        <span>{words}</span>
        <span class="rd-tools-end">
          <button type="button" class="rd-quiet" onClick={by(1 / 1.25)}>
            Smaller
          </button>
          <button type="button" class="rd-quiet" onClick={by(1.25)}>
            Larger
          </button>
        </span>
      </div>
      <div class="rd-steps-scroll">
        <svg ref={drawn} style={size} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={what}>
          {roads.map((road) => (
            <path key={`${road.to} ${road.from}`} d={path_of(road)} />
          ))}
          {nodes.map((node) => {
            const place = boxes.get(node.id);
            return place && <Box key={node.id} node={node} {...place} />;
          })}
        </svg>
      </div>
    </div>
  );
}

/** Curves between columns, straight where it passes one. */
function path_of({ stretches }: Road): string {
  return stretches
    .map(([from, to], place) => {
      const bend = (from.x + to.x) / 2;
      return `${place ? "L" : "M"}${from.x},${from.y}C${bend},${from.y} ${bend},${to.y} ${to.x},${to.y}`;
    })
    .join("");
}

function Box({ node: { label, below, tone, open }, x, y }: { node: Node; x: number; y: number }) {
  const words = below ? `${label}, ${below}` : label;
  const acts = open
    ? ({
        role: "button",
        tabIndex: 0,
        onClick: open,
        onKeyDown: (event: KeyboardEvent) => event.key === "Enter" && open(),
      } as const)
    : ({ role: "img" } as const);
  return (
    <g
      class={open ? "rd-step rd-step-open" : "rd-step"}
      transform={`translate(${x} ${y})`}
      aria-label={open ? `${words}: open` : words}
      {...acts}
    >
      <title>{words}</title>
      <rect width={BOX.width} height={BOX.height} rx="6" />
      <rect class={`rd-step-${tone}`} width="4" height={BOX.height} rx="2" />
      <text x="14" y={below ? 15 : 21}>
        {shortened(label, LETTERS)}
      </text>
      <text class="rd-step-state" x="14" y="28">
        {shortened(below, SMALL_LETTERS)}
      </text>
    </g>
  );
}

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
