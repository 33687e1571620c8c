// biome-ignore-all lint/a11y/useSemanticElements: a grid whose rows are placed by hand is no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself has the focus, and says which row is active.
import { useRef, useState } from "preact/hooks";
import { CURVE, type Field } from "../children/fields";
import { is_number, pinned_edges, width_of } from "./child_layout";
import { Item, Popover } from "./menu";
import { useView } from "./parts";

/** The names of the columns, and a box that chooses all rows that are shown. */
export function ChildHead() {
  const { children: desk } = useView();
  const rows = desk.rows.value;
  const chosen = new Set(desk.chosen.value);
  const pinned = pinned_edges(desk);
  return (
    <div class="rd-child-row rd-child-head" role="row" aria-rowindex={1}>
      <span class="rd-child-check" role="columnheader" aria-colindex={1}>
        <input
          type="checkbox"
          aria-label="Choose all rows that are shown"
          checked={rows.length > 0 && rows.every(({ id }) => chosen.has(id))}
          onChange={(event) => desk.choose_all(event.currentTarget.checked ? rows.map(({ id }) => id) : [])}
        />
      </span>
      {desk.columns.value.map((field, column) => (
        <Head key={field.key} field={field} column={column} edge={pinned.get(field.key)} />
      ))}
    </div>
  );
}

/** `edge`: how far from the left a pinned one stays. */
function Head({ field, column, edge }: { field: Field; column: number; edge: number | undefined }) {
  const { children: desk } = useView();
  const [is_open, set_open] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const width = width_of(desk, field);
  const order = desk.order.value;
  const place = order.findIndex(({ key }) => key === field.key);
  const sorting = order[place];
  const resize = (event: PointerEvent) => {
    const from = event.clientX;
    const over = new AbortController();
    const set = (moved: PointerEvent) => {
      const next = Math.max(44, width + moved.clientX - from);
      desk.widths.value = new Map(desk.widths.value).set(field.key, next);
    };
    document.addEventListener("pointermove", set, { signal: over.signal });
    document.addEventListener("pointerup", () => over.abort(), { signal: over.signal });
    event.preventDefault();
  };
  if (field === CURVE)
    return (
      <span
        class="rd-child-cell"
        role="columnheader"
        aria-colindex={column + 2}
        style={{ width: `${width}px` }}
        title={desk.curve_metric.value}
      >
        {field.title}
      </span>
    );
  return (
    <span
      role="columnheader"
      class={`rd-child-cell${is_number(field) ? " rd-number" : ""}${edge === undefined ? "" : " rd-pinned"}`}
      style={{ width: `${width}px`, insetInlineStart: edge === undefined ? undefined : `${edge}px` }}
      aria-colindex={column + 2}
      aria-sort={!sorting ? "none" : sorting.is_down ? "descending" : "ascending"}
    >
      <button
        type="button"
        class="rd-quiet rd-sort"
        ref={button}
        title={`Sort by ${field.title}; Shift: after the others; right click: more`}
        onClick={(event) => desk.sort_by(field.key, event.shiftKey)}
        onContextMenu={(event) => {
          event.preventDefault();
          event.stopPropagation();
          set_open(true);
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          event.stopPropagation();
          set_open(true);
        }}
      >
        <bdi>{field.title}</bdi>
        {sorting && (
          <i aria-hidden="true">
            {sorting.is_down ? " ↓" : " ↑"}
            {order.length > 1 ? place + 1 : ""}
          </i>
        )}
      </button>
      <span class="rd-resize" aria-hidden="true" onPointerDown={resize} />
      {is_open && <Menu field={field} anchor={button.current} close={() => set_open(false)} />}
    </span>
  );
}

/** What can be done with a column. */
function Menu({ field, anchor, close }: { field: Field; anchor: HTMLElement | null; close: () => void }) {
  const { children: desk } = useView();
  const flip = (kept: ReadonlySet<string>) => {
    const next = new Set(kept);
    if (!next.delete(field.key)) next.add(field.key);
    return next;
  };
  return (
    <Popover anchor={anchor} label={field.title} role="menu" close={close}>
      <Item
        words="Pin to the left"
        is_on={desk.pinned.value.has(field.key)}
        act={() => {
          desk.pinned.value = flip(desk.pinned.value);
          close();
        }}
      />
      <Item
        words="Colour by value"
        is_on={desk.tinted.value.has(field.key)}
        act={() => {
          desk.coloured.value = flip(desk.tinted.value);
          close();
        }}
      />
      {field.kind === "metric" && (
        <Item
          words={desk.goal_of(field.name) === "max" ? "Lower is better" : "Higher is better"}
          act={() => {
            const goal = desk.goal_of(field.name) === "max" ? "min" : "max";
            desk.own_goals.value = new Map(desk.own_goals.value).set(field.name, goal);
            close();
          }}
        />
      )}
      <Item
        words="Hide"
        act={() => {
          desk.shown.value = new Map(desk.shown.value).set(field.key, false);
          close();
        }}
      />
    </Popover>
  );
}
