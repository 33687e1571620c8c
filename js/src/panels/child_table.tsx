// biome-ignore-all lint/a11y/useSemanticElements: a grid whose rows are placed by hand is no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself has the focus, and says which row is active.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: keys act on the active row, from the grid.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Field, is_sound } from "../children/fields";
import { is_better, tree } from "../children/ranking";
import type { Cell, Child } from "../children/store";
import { csv, download } from "../csv";
import { column_decimals, count, counted, duration, moment, number, with_decimals } from "../format";
import { search } from "../search";
import { status_words } from "../sentences";
import { Item, Popover } from "./menu";
import { Search, Ticking, useView } from "./parts";
import { Sparkline } from "./tiles";

const ROW = 28;
const MORE = 8;
/** Pixels for the boxes by which rows are chosen. */
const CHECK = 34;
const WIDTHS: Record<string, number> = {
  number: 86,
  name: 170,
  status: 112,
  duration: 98,
  started: 108,
  id: 260,
  label: 150,
  preprocessor: 150,
  curve: 92,
};

/** All children, of which only those in sight are drawn. */
export function ChildTable() {
  const view = useView();
  const { store, children: desk } = view;
  const kids = store.children;
  kids.changed.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [top, set_top] = useState(0);
  const [height, set_height] = useState(420);
  const rows = desk.rows.value;
  const is_tree = rows.some((child) => child.parent !== null);
  const listed = useMemo(
    () => (is_tree ? tree(rows, desk.folded.value) : rows.map((child) => ({ child, depth: 0, below: 0 }))),
    [rows, desk.folded.value, is_tree],
  );
  const columns = desk.columns.value;
  const metric = desk.metric.value;
  const has_curves = kids.column("fact", "steps") !== undefined && metric !== "";
  const found = desk.filtered.value;
  const best = desk.best.value;
  const chosen = new Set(desk.chosen.value);
  const tints = useMemo(() => tints_of(desk, rows), [rows, desk.tinted.value, desk.goal.value, columns]);
  const decimals = useMemo(() => {
    const scores = rows.map((child) => kids.number(child, "metric", metric));
    return column_decimals(scores, best ? kids.number(best, "metric", metric) : undefined);
  }, [rows, metric, best]);

  const first = Math.max(0, Math.floor(top / ROW) - MORE);
  const last = Math.min(listed.length, Math.ceil((top + height) / ROW) + MORE);
  const width = (key: string, title = "") => desk.widths.value.get(key) ?? WIDTHS[key] ?? width_of(title);

  // Words leave room for a button beside them; it would cover a number.
  const opener = ["name", "label"].flatMap((key) => columns.find((one) => one.key === key) ?? [])[0] ?? columns[0];
  // Pinned columns, and how far from the left they stay.
  const pinned = new Map<string, number>();
  for (let place = 0, edge = CHECK; place < columns.length; place++) {
    const { key, title } = columns[place] as Field;
    if (!desk.pinned.value.has(key)) break;
    pinned.set(key, edge);
    edge += width(key, title);
  }

  useEffect(() => {
    const element = scroller.current;
    if (element) element.scrollTop = desk.scrolled;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => set_height(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // What the reader asked for anew begins at its beginning; what streams in moves nothing.
  const asked = [desk.query.value, [...desk.states.value].join(), JSON.stringify(desk.order.value)].join("\n");
  const before = useRef(asked);
  useEffect(() => {
    if (before.current === asked) return;
    before.current = asked;
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [asked]);

  const place_of = (id: string) => listed.findIndex(({ child }) => child.id === id);
  // Rows that come above those in sight move what is in sight down: the box follows, unless it is at its beginning.
  const anchor = useRef({ id: "", offset: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    const { id, offset } = anchor.current;
    if (!element || !id || !element.scrollTop || before.current !== asked) return;
    const place = place_of(id);
    if (place >= 0 && place * ROW + offset !== element.scrollTop) element.scrollTop = place * ROW + offset;
  }, [listed]);
  const scrolled = (element: HTMLElement) => {
    const place = Math.floor(element.scrollTop / ROW);
    anchor.current = { id: listed[place]?.child.id ?? "", offset: element.scrollTop - place * ROW };
    desk.scrolled = element.scrollTop;
    set_top(element.scrollTop);
  };

  const go = (place: number) => {
    const to = listed[Math.max(0, Math.min(listed.length - 1, place))];
    const element = scroller.current;
    if (!to || !element) return;
    desk.active.value = to.child.id;
    const y = Math.max(0, Math.min(listed.length - 1, place)) * ROW;
    const room = element.clientHeight - ROW;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y > element.scrollTop + room - ROW) element.scrollTop = y - room + ROW;
  };
  /** The row that was chosen or given up last: where a range begins. */
  const last_toggled = useRef("");
  const toggle = (child: Child, is_range: boolean) => {
    const is_on = !chosen.has(child.id);
    const from = place_of(last_toggled.current || desk.active.value);
    const to = place_of(child.id);
    if (is_range && from >= 0 && to >= 0) {
      const ids = listed.slice(Math.min(from, to), Math.max(from, to) + 1).map((one) => one.child.id);
      desk.choose_all([...new Set([...desk.chosen.value, ...ids])]);
    } else desk.choose(child.id, is_on);
    last_toggled.current = child.id;
    desk.active.value = child.id;
  };
  const fold = (child: Child) => {
    const next = new Set(desk.folded.value);
    if (!next.delete(child.id)) next.add(child.id);
    desk.folded.value = next;
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== scroller.current) return;
    const here = place_of(desk.active.value);
    const page = Math.max(1, Math.floor(height / ROW) - 2);
    const moves: Record<string, number> = {
      ArrowDown: here + 1,
      ArrowUp: Math.max(0, here - 1),
      PageDown: here + page,
      PageUp: here - page,
      Home: 0,
      End: listed.length - 1,
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
  const all = kids.rows.size;
  return (
    <div class="rd-children">
      <Tools />
      {found.kind === "wrong" && (
        <p class="rd-filter-wrong" role="alert">
          {found.words}
        </p>
      )}
      <div
        class="rd-child-scroll"
        ref={scroller}
        style={{ "--rd-rows-height": `${Math.max(3, listed.length + 1) * ROW + 18}px` }}
        role="grid"
        aria-rowcount={listed.length + 1}
        aria-label="Children"
        aria-multiselectable="true"
        aria-activedescendant={desk.active.value ? `${view.id}-${desk.active.value}` : undefined}
        tabIndex={0}
        onScroll={(event) => scrolled(event.currentTarget)}
        onKeyDown={key}
      >
        <div
          class="rd-child-rows"
          style={{ height: `${(listed.length + 1) * ROW}px`, minWidth: `${total(columns, width, has_curves)}px` }}
        >
          <div class="rd-child-row rd-child-head" role="row" aria-rowindex={1}>
            <span class="rd-child-check" role="columnheader">
              <input
                type="checkbox"
                aria-label="Choose all rows that are shown"
                checked={rows.length > 0 && rows.every(({ id }) => chosen.has(id))}
                onChange={(event) => desk.choose_all(event.currentTarget.checked ? rows.map(({ id }) => id) : [])}
              />
            </span>
            {columns.map((field) => (
              <Head
                key={field.key}
                field={field}
                width={width(field.key, field.title)}
                pinned={pinned.get(field.key)}
              />
            ))}
            {has_curves && (
              <span class="rd-child-cell" role="columnheader" style={{ width: `${width("curve")}px` }} title={metric}>
                Curve
              </span>
            )}
          </div>
          {listed.slice(first, last).map(({ child, depth, below }, index) => (
            <div
              key={child.id}
              id={`${view.id}-${child.id}`}
              role="row"
              aria-rowindex={first + index + 2}
              aria-selected={chosen.has(child.id)}
              data-child={child.id}
              class={`rd-child-row${child.id === best?.id ? " rd-best" : ""}${child.id === desk.active.value ? " rd-active" : ""}`}
              style={{ transform: `translateY(${(first + index) * ROW}px)` }}
              onClick={(event) => {
                if ((event.target as HTMLElement).closest("input, button")) return;
                desk.active.value = child.id;
              }}
              onDblClick={() => view.open(child)}
            >
              <span class="rd-child-check" role="gridcell">
                <input
                  type="checkbox"
                  tabIndex={-1}
                  aria-label={`Choose ${child.name || child.id}`}
                  checked={chosen.has(child.id)}
                  onClick={(event) => {
                    const box = event.currentTarget;
                    toggle(child, event.shiftKey);
                    // The browser ticks it or not as it was before, which is wrong of a range.
                    setTimeout(() => {
                      box.checked = desk.chosen.peek().includes(child.id);
                    });
                  }}
                />
              </span>
              {columns.map((field, place) => (
                <span
                  key={field.key}
                  role="gridcell"
                  class={`rd-child-cell${is_number(field) ? " rd-number" : ""}${field.kind === "metric" && field.name === metric ? " rd-strong" : ""}${pinned.has(field.key) ? " rd-pinned" : ""}`}
                  style={{
                    width: `${width(field.key, field.title)}px`,
                    backgroundImage: tints.get(field.key)?.(child),
                    ...stays(pinned.get(field.key)),
                  }}
                >
                  {place === 0 && is_tree && (
                    <Fold child={child} depth={depth} below={below} fold={() => fold(child)} />
                  )}
                  <Value field={field} child={child} decimals={decimals} />
                  {field === opener && !child.is_closed && (
                    <button
                      type="button"
                      class="rd-quiet rd-open"
                      tabIndex={-1}
                      aria-label={`Open ${child.name || child.id}`}
                      title="Open here (Enter)"
                      onClick={() => view.open(child)}
                    >
                      Open
                    </button>
                  )}
                </span>
              ))}
              {has_curves && (
                <span class="rd-child-cell" role="gridcell" style={{ width: `${width("curve")}px` }}>
                  <Curve child={child} metric={metric} />
                </span>
              )}
            </div>
          ))}
        </div>
        {!listed.length && <p class="rd-empty">No row fits the filter.</p>}
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

const is_number = ({ kind, key }: Field) =>
  kind !== "plain" && kind !== "fact" ? true : ["number", "duration", "sampling"].includes(key);

/** Room for the name of a column and the arrow of its order, within reason. */
const width_of = (title: string) => Math.max(104, Math.min(190, 8 * title.length + 40));

type Width = (key: string, title?: string) => number;

function total(columns: readonly Field[], width: Width, has_curves: boolean): number {
  return columns.reduce((sum, field) => sum + width(field.key, field.title), CHECK) + (has_curves ? width("curve") : 0);
}

function Fold({ depth, below, child, fold }: { depth: number; below: number; child: Child; fold: () => void }) {
  const { children: desk } = useView();
  const is_folded = desk.folded.value.has(child.id);
  return (
    <span class="rd-fold" style={{ paddingInlineStart: `${depth * 14}px` }}>
      {below > 0 && (
        <button
          type="button"
          class="rd-quiet"
          tabIndex={-1}
          aria-expanded={!is_folded}
          aria-label="Runs below"
          onClick={fold}
        >
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

/** 0:06:48, or with its decimals where it is short: "0.31 s". */
export const lasting = (seconds: number): string =>
  seconds < 10 ? `${Number(seconds.toPrecision(2))} s` : duration(seconds);

/** A cell in words. */
export function cell_text(field: Field, cell: Cell, now: number): string {
  if (cell === undefined) return "";
  if (field.key === "duration" && typeof cell === "number") return lasting(cell);
  if (field.key === "started" && typeof cell === "number") return moment(cell, now);
  return typeof cell === "number" ? number(cell) : cell;
}

/** `decimals`: of the scores, which are told apart by them and stand below each other. */
function Value({ field, child, decimals }: { field: Field; child: Child; decimals: number | null }) {
  const { store, children: desk } = useView();
  const cell = field.of(child);
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
  const text = is_main ? with_decimals(cell, decimals) : cell_text(field, cell, store.clock.now());
  const is_odd = typeof cell === "number" && !Number.isFinite(cell);
  return (
    <bdi class={is_odd ? "rd-odd" : undefined} title={text.length > 12 ? text : undefined}>
      {text}
    </bdi>
  );
}

const stays = (left: number | undefined) => (left === undefined ? {} : { insetInlineStart: `${left}px` });

/** `pinned`: how far from the left it stays. */
function Head({ field, width, pinned }: { field: Field; width: number; pinned: number | undefined }) {
  const { children: desk } = useView();
  const [is_open, set_open] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
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
  const flip = (kept: ReadonlySet<string>) => {
    const next = new Set(kept);
    if (!next.delete(field.key)) next.add(field.key);
    return next;
  };
  const coloured = desk.tinted.value;
  const close = () => set_open(false);
  return (
    <span
      role="columnheader"
      class={`rd-child-cell${is_number(field) ? " rd-number" : ""}${pinned === undefined ? "" : " rd-pinned"}`}
      style={{ width: `${width}px`, ...stays(pinned) }}
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
      {is_open && (
        <Popover anchor={button.current} label={field.title} role="menu" close={close}>
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
            is_on={coloured.has(field.key)}
            act={() => {
              desk.coloured.value = flip(coloured);
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
      )}
    </span>
  );
}

function Tools() {
  const view = useView();
  const { store, children: desk } = view;
  const [is_open, set_open] = useState(false);
  const [query, set_query] = useState("");
  const button = useRef<HTMLButtonElement>(null);
  const save = () => {
    const columns = desk.fields.value;
    const rows = desk.rows.value.map((child) =>
      columns.map((field) => {
        const cell = field.of(child);
        if (field.key === "started" && typeof cell === "number") return new Date(cell * 1_000).toISOString();
        return cell ?? null;
      }),
    );
    download(`${store.run.value?.name || "children"}.csv`, csv([columns.map(({ title }) => title), ...rows]));
  };
  const wrong = desk.filtered.value.kind === "wrong";
  return (
    <div class="rd-tools">
      <input
        class="rd-search rd-filter"
        type="search"
        value={desk.query.value}
        placeholder="Filter: lr < 0.01 and status = failed"
        aria-label="Filter the rows"
        aria-invalid={wrong}
        spellcheck={false}
        onInput={(event) => {
          desk.query.value = event.currentTarget.value;
        }}
      />
      {(desk.states.value.size > 0 || desk.brushes.value.size > 0 || desk.query.value) && (
        <button
          type="button"
          class="rd-quiet"
          onClick={() => {
            desk.query.value = "";
            desk.states.value = new Set();
            desk.brushes.value = new Map();
          }}
        >
          Show all
        </button>
      )}
      <span class="rd-tools-end">
        <button
          type="button"
          class="rd-quiet"
          ref={button}
          aria-haspopup="dialog"
          aria-expanded={is_open}
          onClick={() => set_open(!is_open)}
        >
          Columns
        </button>
        <button type="button" class="rd-quiet" onClick={save}>
          Download CSV
        </button>
      </span>
      {is_open && (
        <Popover anchor={button.current} label="Columns" role="dialog" close={() => set_open(false)}>
          <Search query={query} set={set_query} what={counted(desk.fields.value.length, "column")} />
          <div class="rd-choices">
            {search(desk.fields.value, query, ({ title }) => title)
              .slice(0, 200)
              .map((field) => {
                const is_on = desk.columns.value.some(({ key }) => key === field.key);
                return (
                  <button
                    type="button"
                    key={field.key}
                    aria-pressed={is_on}
                    onClick={() => {
                      desk.shown.value = new Map(desk.shown.value).set(field.key, !is_on);
                    }}
                  >
                    <i aria-hidden="true">{is_on ? "✓" : ""}</i> <bdi>{field.title}</bdi>
                    <span class="rd-secondary"> {field.kind === "plain" ? "" : field.kind}</span>
                  </button>
                );
              })}
          </div>
        </Popover>
      )}
    </div>
  );
}

type Desk = ReturnType<typeof useView>["children"];

/** Colours of cells by their value among all that are shown: stronger is better. */
function tints_of(desk: Desk, rows: readonly Child[]): Map<string, (child: Child) => string | undefined> {
  const found = new Map<string, (child: Child) => string | undefined>();
  const wanted = desk.tinted.value;
  for (const field of desk.columns.value) {
    if (!wanted.has(field.key)) continue;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const child of rows) {
      const cell = field.of(child);
      if (typeof cell !== "number" || !Number.isFinite(cell)) continue;
      low = Math.min(low, cell);
      high = Math.max(high, cell);
    }
    const goal = field.kind === "metric" ? desk.goal_of(field.name) : "max";
    if (!(high > low)) continue;
    found.set(field.key, (child) => {
      const cell = field.of(child);
      if (typeof cell !== "number" || !Number.isFinite(cell) || !is_sound(child)) return undefined;
      const share = (cell - low) / (high - low);
      const strength = is_better(1, 0, goal) ? share : 1 - share;
      const color = `color-mix(in srgb, var(--rd-good) ${Math.round(3 + 19 * strength)}%, transparent)`;
      // Over the colour of the row, which hides what scrolls below a pinned cell.
      return `linear-gradient(${color}, ${color})`;
    });
  }
  return found;
}
