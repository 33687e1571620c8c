// biome-ignore-all lint/a11y/useSemanticElements: an SVG has neither buttons nor field sets of its own.
import { useSignal } from "@preact/signals";
import { depths } from "../children/ranking";

const WIDE = 168;
const HIGH = 34;
const GAP_X = 46;
const GAP_Y = 14;
const EDGE = 10;
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

/** Boxes, each right of those that it comes after. The reader's zoom stays while they change. */
export function Graph({ what, words, nodes }: Props) {
  const zoom = useSignal(1);
  const deep = depths(nodes.map(({ id, after }) => ({ id, label: id, after })));
  const columns: Node[][] = [];
  for (const node of nodes) {
    const column = deep.get(node.id) ?? 0;
    columns[column] ??= [];
    columns[column]?.push(node);
  }
  const tallest = Math.max(...columns.map((column) => column?.length ?? 0));
  const places = new Map<string, { x: number; y: number }>();
  columns.forEach((column, across) => {
    const top = ((tallest - column.length) * (HIGH + GAP_Y)) / 2;
    column.forEach(({ id }, down) => {
      places.set(id, { x: EDGE + across * (WIDE + GAP_X), y: EDGE + top + down * (HIGH + GAP_Y) });
    });
  });
  const width = 2 * EDGE + columns.length * (WIDE + GAP_X) - GAP_X;
  const height = 2 * EDGE + tallest * (HIGH + GAP_Y) - GAP_Y;
  return (
    <div class="rd-steps">
      <div class="rd-tools">
        <span>{words}</span>
        <span class="rd-tools-end">
          <button
            type="button"
            class="rd-quiet"
            onClick={() => {
              zoom.value = Math.max(0.4, zoom.value / 1.25);
            }}
          >
            Smaller
          </button>
          <button
            type="button"
            class="rd-quiet"
            onClick={() => {
              zoom.value = Math.min(3, zoom.value * 1.25);
            }}
          >
            Larger
          </button>
        </span>
      </div>
      <div class="rd-steps-scroll">
        <svg
          width={width * zoom.value}
          height={height * zoom.value}
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label={what}
        >
          {nodes.flatMap(({ id, after }) =>
            after.map((before) => {
              const [from, to] = [places.get(before), places.get(id)];
              if (!from || !to) return null;
              const [x, y] = [from.x + WIDE, from.y + HIGH / 2];
              const [end, down] = [to.x, to.y + HIGH / 2];
              const bend = (x + end) / 2;
              return <path key={`${id} ${before}`} d={`M${x},${y}C${bend},${y} ${bend},${down} ${end},${down}`} />;
            }),
          )}
          {nodes.map((node) => {
            const place = places.get(node.id);
            return place && <Box key={node.id} node={node} {...place} />;
          })}
        </svg>
      </div>
    </div>
  );
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
      <rect width={WIDE} height={HIGH} rx="6" />
      <rect class={`rd-step-${tone}`} width="4" height={HIGH} rx="2" />
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
