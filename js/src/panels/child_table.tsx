// biome-ignore-all lint/a11y/useSemanticElements: a grid whose rows are placed by hand is no <table>.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: keys act on the active row, from the grid.
// biome-ignore-all lint/a11y/noStaticElementInteractions: what is pressed is a row of the grid.
import { useMemo, useRef } from "preact/hooks";
import { tree } from "../children/ranking";
import type { Child } from "../children/store";
import { count, counted, number } from "../format";
import { ChildHead } from "./child_head";
import { columns_within, pinned_edges, ROW, row_width, width_of } from "./child_layout";
import { ChildRow } from "./child_row";
import { useChildScroll } from "./child_scroll";
import { ChildTools } from "./child_tools";
import { useView } from "./parts";

/** All children, of which only those in sight are drawn. */
export function ChildTable() {
  const view = useView();
  const { store, children: desk } = view;
  const kids = store.children;
  kids.changed.value;
  const rows = desk.rows.value;
  const folded = desk.folded.value;
  const { listed, ids, is_tree } = useMemo(() => {
    const is_tree = rows.some((child) => child.parent !== null);
    const listed = is_tree ? tree(rows, folded) : rows.map((child) => ({ child, depth: 0, below: 0 }));
    return { listed, ids: listed.map(({ child }) => child.id), is_tree };
  }, [rows, folded]);
  const metric = desk.metric.value;
  const found = desk.filtered.value;
  const best = desk.best.value;
  const active = desk.active.value;
  const picked = desk.chosen.value;
  const chosen = useMemo(() => new Set(picked), [picked]);
  const asked = [desk.query.value, [...desk.states.value].join(), JSON.stringify(desk.order.value)].join("\n");
  const { box, page, drawn, left, right, scrolled, show } = useChildScroll(ids, asked, desk);
  const columns = desk.columns.value;
  const pins = desk.pinned.value;
  const sizes = desk.widths.value;
  const pinned = useMemo(() => pinned_edges(desk), [columns, pins, sizes]);
  const widths = columns.map((column) => width_of(desk, column));
  const { from, end, before } = columns_within(widths, left, right, pinned.size);

  const go = (place: number) => {
    const to = Math.max(0, Math.min(ids.length - 1, place));
    if (ids[to] === undefined) return;
    desk.active.value = ids[to];
    show(to);
  };
  /** The row that was chosen or given up last: where a range begins. */
  const last_toggled = useRef("");
  const toggle = (child: Child, is_range: boolean) => {
    const from = ids.indexOf(last_toggled.current || desk.active.value);
    const to = ids.indexOf(child.id);
    if (is_range && from >= 0 && to >= 0)
      desk.choose_all([...new Set([...desk.chosen.value, ...ids.slice(Math.min(from, to), Math.max(from, to) + 1)])]);
    else desk.choose(child.id, !desk.chosen.value.includes(child.id));
    last_toggled.current = child.id;
    desk.active.value = child.id;
  };
  const fold = (child: Child) => {
    const next = new Set(desk.folded.value);
    if (!next.delete(child.id)) next.add(child.id);
    desk.folded.value = next;
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== box.current) return;
    const here = ids.indexOf(desk.active.value);
    const moves: Record<string, number> = {
      ArrowDown: here + 1,
      ArrowUp: Math.max(0, here - 1),
      PageDown: here + page,
      PageUp: here - page,
      Home: 0,
      End: ids.length - 1,
    };
    const to = moves[event.key];
    const child = listed[here]?.child;
    if (to !== undefined) go(to);
    else if (event.key === "Enter" && child) view.open(child);
    else if ((event.key === " " || event.key.toLowerCase() === "x") && child) toggle(child, event.shiftKey);
    else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && child && listed[here]?.below) {
      if (desk.folded.value.has(child.id) === (event.key === "ArrowRight")) fold(child);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  /** The row that an event is about, and what of it was pressed. */
  const pressed = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const child = kids.rows.get(target.closest<HTMLElement>("[data-child]")?.dataset.child ?? "");
    return { child, on: (selector: string) => target.closest(selector) !== null };
  };
  const click = (event: MouseEvent) => {
    const { child, on } = pressed(event);
    if (!child) return;
    if (on(".rd-open")) view.open(child);
    else if (on(".rd-fold button")) fold(child);
    else if (on("input")) {
      const box = event.target as HTMLInputElement;
      toggle(child, event.shiftKey);
      // The browser ticks it or not as it was before, which is wrong of a range.
      setTimeout(() => {
        box.checked = desk.chosen.peek().includes(child.id);
      });
    } else desk.active.value = child.id;
  };
  const all = kids.rows.size;
  return (
    <div class="rd-children">
      <ChildTools />
      {found.kind === "wrong" && (
        <p class="rd-filter-wrong" role="alert">
          {found.words}
        </p>
      )}
      <div
        class="rd-child-scroll"
        ref={box}
        style={{ "--rd-rows-height": `${Math.max(3, ids.length + 1) * ROW + 18}px` }}
        role="grid"
        aria-rowcount={ids.length + 1}
        aria-colcount={columns.length + 1}
        aria-label="Children"
        aria-multiselectable="true"
        aria-activedescendant={active ? `${view.id}-${active}` : undefined}
        tabIndex={0}
        onScroll={(event) => scrolled(event.currentTarget)}
        onKeyDown={key}
      >
        <div
          class="rd-child-rows"
          style={{ height: `${(ids.length + 1) * ROW}px`, minWidth: `${row_width(desk)}px` }}
          onClick={click}
          onDblClick={(event) => {
            const { child } = pressed(event);
            if (child) view.open(child);
          }}
        >
          <ChildHead />
          {drawn.map((place, slot) => {
            const row = listed[place];
            if (!row) return null;
            const { child, depth, below } = row;
            return (
              <ChildRow
                key={slot}
                child={child}
                place={place}
                depth={is_tree ? depth : null}
                below={below}
                is_chosen={chosen.has(child.id)}
                is_active={child.id === active}
                is_best={child.id === best?.id}
                pinned={pinned}
                from={from}
                end={end}
                before={before}
              />
            );
          })}
        </div>
        {!ids.length && <p class="rd-empty">No row fits the filter.</p>}
      </div>
      <div class="rd-child-foot rd-secondary">
        <span>
          {rows.length < all ? `${count(rows.length)} of ${counted(all, "row")} fit the filter` : counted(all, "row")}
          {best && metric ? `, best ${metric} ${number(kids.number(best, "metric", metric) ?? null)}` : ""}
        </span>
        <span class="rd-space" />
        <span class="rd-loaded">
          {count(all)} of {count(Math.max(kids.total.value, all) + kids.left.value)} loaded
        </span>
      </div>
    </div>
  );
}
