// biome-ignore-all lint/a11y/useSemanticElements: an SVG has neither buttons nor field sets of its own.
import { useSignal } from "@preact/signals";
import { depths } from "../children/ranking";
import { status_words } from "../sentences";
import { tone_of } from "./children";
import { useView } from "./parts";

const WIDE = 150;
const HIGH = 34;
const GAP_X = 46;
const GAP_Y = 14;
const EDGE = 10;
/** Larger graphs are a thicket: the table has them in the same order. */
const MOST = 200;

/** Steps of a pipeline, each right of those that it waits for. The reader's zoom stays while they change. */
export function Steps() {
  const view = useView();
  const { store, children: desk } = view;
  const zoom = useSignal(1);
  const steps = desk.steps.value;
  if (!steps.some(({ after }) => after.length) || steps.length > MOST) return null;
  const deep = depths(steps);
  const columns: string[][] = [];
  for (const { id } of steps) {
    const column = deep.get(id) ?? 0;
    columns[column] ??= [];
    columns[column]?.push(id);
  }
  const place = new Map<string, { x: number; y: number }>();
  const tallest = Math.max(...columns.map((column) => column?.length ?? 0));
  columns.forEach((column, across) => {
    const top = ((tallest - column.length) * (HIGH + GAP_Y)) / 2;
    column.forEach((id, down) => {
      place.set(id, { x: EDGE + across * (WIDE + GAP_X), y: EDGE + top + down * (HIGH + GAP_Y) });
    });
  });
  const by_label = new Map(steps.map(({ label, id }) => [label, id]));
  const width = 2 * EDGE + columns.length * (WIDE + GAP_X) - GAP_X;
  const height = 2 * EDGE + tallest * (HIGH + GAP_Y) - GAP_Y;
  return (
    <div class="rd-steps">
      <div class="rd-tools">
        <span>{steps.length} steps, left to right in the order in which they wait for each other</span>
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
          aria-label="Steps of the pipeline"
        >
          {steps.flatMap(({ id, after }) =>
            after.map((label) => {
              const [from, to] = [place.get(by_label.get(label) ?? ""), place.get(id)];
              if (!from || !to) return null;
              const [x, y] = [from.x + WIDE, from.y + HIGH / 2];
              const [end, down] = [to.x, to.y + HIGH / 2];
              const bend = (x + end) / 2;
              return <path key={`${id} ${label}`} d={`M${x},${y}C${bend},${y} ${bend},${down} ${end},${down}`} />;
            }),
          )}
          {steps.map(({ id, label }) => {
            const child = store.children.rows.get(id);
            const spot = place.get(id);
            if (!child || !spot) return null;
            const { icon, text } = status_words(child.status);
            const act = () => view.open(child);
            return (
              <g
                key={id}
                class="rd-step"
                role="button"
                tabIndex={0}
                transform={`translate(${spot.x} ${spot.y})`}
                aria-label={`${label}, ${text}: open`}
                onClick={act}
                onKeyDown={(event) => event.key === "Enter" && act()}
              >
                <title>{`${label}: ${text}`}</title>
                <rect width={WIDE} height={HIGH} rx="6" />
                <rect class={`rd-step-${tone_of(child.status)}`} width="4" height={HIGH} rx="2" />
                <text x="14" y="15">
                  {label.length > 20 ? `${label.slice(0, 19)}…` : label}
                </text>
                <text class="rd-step-state" x="14" y="28">
                  {icon} {text}
                  {store.children.cell(child, "fact", "reused") ? ", reused" : ""}
                </text>
              </g>
            );
          })}
        </svg>
      </div>
    </div>
  );
}
