// biome-ignore-all lint/a11y/useSemanticElements: a grid whose rows are placed by hand is no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself has the focus, and says which row is active.
import { CURVE, type Field } from "../children/fields";
import type { Cell, Child } from "../children/store";
import { cell_text } from "../children/words";
import { with_decimals } from "../format";
import { status_words } from "../sentences";
import { is_cut, is_number, ROW, width_of } from "./child_layout";
import { Ticking, useView } from "./parts";
import { Sparkline } from "./tiles";

interface RowProps {
  child: Child;
  /** Its place among all that are listed. */
  place: number;
  /** How deep it lies in the tree, and how many lie below it; null where there is no tree. */
  depth: number | null;
  below: number;
  is_chosen: boolean;
  is_active: boolean;
  is_best: boolean;
  /** How far from the left each pinned column stays; the same as long as nothing of it changes. */
  pinned: ReadonlyMap<string, number>;
  /** The others that are drawn, and how wide those before them are. */
  from: number;
  end: number;
  before: number;
}

/** One child. Drawn again only when one of its properties differs: none of them may be made anew at each drawing. */
export function ChildRow({ child, place, depth, below, is_chosen, is_active, is_best, pinned, ...within }: RowProps) {
  const view = useView();
  const desk = view.children;
  const metric = desk.metric.value;
  const name = child.name || child.id;
  const columns = desk.columns.value;
  const shown = [...columns.slice(0, pinned.size).keys(), ...range(within.from, within.end)];
  // Words leave room for a button beside them; it would cover a number.
  const opener = columns.find(({ key }) => key === "name") ?? columns.find(({ key }) => key === "label") ?? columns[0];
  return (
    <div
      id={`${view.id}-${child.id}`}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={is_chosen}
      data-child={child.id}
      class={`rd-child-row${is_best ? " rd-best" : ""}${is_active ? " rd-active" : ""}`}
      style={{ top: `${(place + 1) * ROW}px` }}
    >
      <span class="rd-child-check" role="gridcell" aria-colindex={1}>
        <input type="checkbox" tabIndex={-1} aria-label={`Choose ${name}`} checked={is_chosen} />
      </span>
      {shown.map((column) => {
        const field = columns[column] as Field;
        const cell = field.of(child);
        const width = width_of(desk, field);
        const edge = pinned.get(field.key);
        const kind = [
          "rd-child-cell",
          is_number(field) && "rd-number",
          field.kind === "metric" && field.name === metric && "rd-strong",
          edge !== undefined && "rd-pinned",
          ((column === 0 && depth !== null) || is_cut(field, cell, width)) && "rd-cut",
        ];
        return (
          <span
            key={field.key}
            role="gridcell"
            aria-colindex={column + 2}
            class={kind.filter(Boolean).join(" ")}
            style={{
              width: `${width}px`,
              marginInlineStart: column === within.from && within.before ? `${within.before}px` : undefined,
              backgroundImage: desk.tints.value.get(field.key)?.(child),
              insetInlineStart: edge === undefined ? undefined : `${edge}px`,
            }}
          >
            {column === 0 && depth !== null && <Fold child={child} depth={depth} below={below} />}
            {field === CURVE ? (
              <Curve child={child} metric={desk.curve_metric.value} />
            ) : (
              <Value field={field} child={child} cell={cell} />
            )}
            {field === opener && !child.is_closed && (
              <button
                type="button"
                class="rd-quiet rd-open"
                tabIndex={-1}
                aria-label={`Open ${name}`}
                title="Open here (Enter)"
              >
                Open
              </button>
            )}
          </span>
        );
      })}
    </div>
  );
}

const range = (from: number, end: number) => Array.from({ length: Math.max(0, end - from) }, (_, nth) => from + nth);

function Fold({ depth, below, child }: { depth: number; below: number; child: Child }) {
  const { children: desk } = useView();
  const is_folded = desk.folded.value.has(child.id);
  return (
    <span class="rd-fold" style={{ paddingInlineStart: `${depth * 14}px` }}>
      {below > 0 && (
        <button type="button" class="rd-quiet" tabIndex={-1} aria-expanded={!is_folded} aria-label="Runs below">
          {is_folded ? "▸" : "▾"}
        </button>
      )}
    </span>
  );
}

function Curve({ child, metric }: { child: Child; metric: string }) {
  const { children: desk } = useView();
  const curve = desk.curve(child, metric);
  return curve ? <Sparkline metric={curve} width={80} height={22} /> : null;
}

function Value({ field, child, cell }: { field: Field; child: Child; cell: Cell }) {
  const { store, children: desk } = useView();
  if (field.key === "status") {
    const { icon, text, tone } = status_words(String(cell));
    return (
      <span class={`rd-status rd-${tone}-ink`}>
        <i aria-hidden="true">{icon}</i> {text}
      </span>
    );
  }
  if (field.key === "duration" && child.ended === null && child.status === "Running")
    return <Ticking text={() => cell_text(field, field.of(child), store.clock.now())} />;
  const is_main = typeof cell === "number" && [`metric:${desk.metric.value}`, "best_so_far"].includes(field.key);
  const text = is_main ? with_decimals(cell, desk.decimals.value) : cell_text(field, cell, store.clock.now());
  const is_odd = typeof cell === "number" && !Number.isFinite(cell);
  return (
    <bdi class={is_odd ? "rd-odd" : undefined} title={text.length > 12 ? text : undefined}>
      {text}
    </bdi>
  );
}
