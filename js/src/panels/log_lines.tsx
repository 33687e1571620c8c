import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { bytes_text } from "../format";
import { Heights } from "../logs/heights";
import { CUT, LogRow } from "./log_row";
import { useView } from "./parts";

/** Pixels of a line that is not wrapped: as in logs.css. */
const LINE = 18;
/** Pixels around the numbers and the text: as in logs.css. */
const MARGIN = 46;
/** Rows that are drawn beyond both ends of what is in sight. */
const BEYOND = 12;
/** More is loaded when the reader comes so near to an end, in pixels. */
const NEAR = 160;

const HEIGHT = 432;
const PADDING = 6;

/** A line's number; counted from where reading began when the start of the file is not known. */
const numbered = (at: number, is_known: boolean) =>
  is_known ? String(at) : at > 0 ? `+${at}` : String(at - 1).replace("-", "−");

/** Where the reader is: kept when lines come or go above. */
interface Anchor {
  start: number;
  delta: number;
}

const is_selecting = (element: HTMLElement) => {
  const selection = element.ownerDocument.getSelection();
  return !!selection && !selection.isCollapsed && element.contains(selection.anchorNode);
};

/** Characters that fit beside numbers of so many digits. */
function useColumns(scroller: { current: HTMLDivElement | null }, digits: number): number {
  const [columns, set_columns] = useState(100);
  useEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const probe = element.querySelector<HTMLElement>(".rd-log-probe");
    const measure = () => {
      const width = (probe?.getBoundingClientRect().width ?? 0) / 100 || 7.2;
      set_columns(Math.max(10, Math.floor((element.clientWidth - MARGIN) / width) - digits));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, digits]);
  return columns;
}

/** The lines of the open file: only those in sight are in the page. */
export function LogLines() {
  const { logs, store } = useView();
  const { text } = logs;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const anchor = useRef<Anchor | null>(null);
  const expected = useRef(0);
  const jumped = useRef(0);
  const measured = useRef(new Map<number, number>());
  const [view, set_view] = useState({ top: 0, height: 480 });
  const [measures, set_measures] = useState(0);
  const digits = Math.max(
    3,
    ...[text.first_number, text.first_number + text.lines.length].map((one) => numbered(one, text.is_numbered).length),
  );
  const columns = useColumns(scroller, digits);
  const changed = logs.changed.value;
  const toggled = logs.toggled.value;
  const is_wrapped = logs.is_wrapped.value;
  const is_following = logs.is_following.value;
  const query = logs.query.value;
  const target = logs.target.value;

  // `changed` stands for what is in `text`.
  const { rows, folds } = useMemo(() => text.rows(toggled), [text, changed, toggled]);
  // Measured heights hold for one width and one file.
  useMemo(() => measured.current.clear(), [columns, is_wrapped, text]);
  // `measures` stands for what is in `measured`.
  const heights = useMemo(() => {
    if (!is_wrapped) return new Heights(rows.length, LINE);
    return new Heights(rows.length, (row) => {
      const line = text.lines[rows[row] ?? 0];
      const known = measured.current.get(line?.start ?? -1);
      return known ?? LINE * Math.max(1, Math.ceil(Math.min(CUT + 24, line?.text.length ?? 0) / columns));
    });
  }, [rows, is_wrapped, columns, measures]);

  const above = text.start > 0 ? LINE : 0;
  const below = text.is_at_end ? 0 : LINE;
  const first = Math.max(0, heights.at(view.top - above) - BEYOND);
  const last = Math.min(rows.length, heights.at(view.top - above + view.height) + BEYOND + 1);

  /** The row of a line, or the folded traceback's that hides it. */
  const row_of = (start: number) => {
    const index = text.line_at(start);
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((rows[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return { row: low, is_hidden: rows[low] !== index };
  };
  const note_place = (element: HTMLElement) => {
    const row = heights.at(element.scrollTop - above);
    const line = text.lines[rows[row] ?? 0];
    anchor.current = line ? { start: line.start, delta: element.scrollTop - above - heights.top(row) } : null;
    set_view({ top: element.scrollTop, height: element.clientHeight });
  };
  const scroll_to = (element: HTMLElement, top: number) => {
    element.scrollTop = top;
    expected.current = element.scrollTop;
    note_place(element);
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    if (target && target.at !== jumped.current) {
      const { row, is_hidden } = row_of(target.offset);
      const hiding = text.lines[rows[row] ?? 0];
      if (is_hidden && hiding?.is_header && !toggled.has(hiding.start)) return logs.toggle(hiding.start);
      jumped.current = target.at;
      return scroll_to(element, above + heights.top(row) - element.clientHeight / 2);
    }
    if (is_following && !is_selecting(element)) return scroll_to(element, element.scrollHeight);
    const kept = anchor.current;
    if (!kept) return note_place(element);
    const top = above + heights.top(row_of(kept.start).row) + kept.delta;
    if (Math.abs(top - element.scrollTop) >= 1) scroll_to(element, top);
    // When the content or the target changes, and not when it scrolls.
  }, [heights, target, is_following, above]);

  // A font may be wider here and there than was thought.
  useLayoutEffect(() => {
    if (!is_wrapped || !list.current) return;
    let was_wrong = false;
    for (const element of list.current.children as HTMLCollectionOf<HTMLElement>) {
      const start = Number(element.dataset.start);
      const { row } = row_of(start);
      const height = element.offsetHeight;
      if (!height || heights.top(row + 1) - heights.top(row) === height) continue;
      measured.current.set(start, height);
      was_wrong = true;
    }
    if (was_wrong) set_measures(measures + 1);
  });

  const scrolled = () => {
    const element = scroller.current;
    if (!element) return;
    const is_ours = Math.abs(element.scrollTop - expected.current) < 2;
    note_place(element);
    if (is_ours) return;
    expected.current = -1;
    const left = element.scrollHeight - element.clientHeight - element.scrollTop;
    if (left < 4 && text.is_at_end) logs.follow();
    else logs.stop_following();
    if (element.scrollTop < NEAR) void logs.load_above();
    else if (left < NEAR) void logs.load_below();
  };

  // A run that is over needs no room for more.
  const is_over = store.condition.value.kind === "ended";
  const height = is_over ? Math.min(HEIGHT, above + heights.total + below + 2 * PADDING + 16) : HEIGHT;
  return (
    <div
      class={`rd-log-scroll${is_wrapped ? " rd-log-wrapped" : ""}`}
      ref={scroller}
      role="log"
      aria-live="off"
      aria-label={`Text of ${logs.path.value}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keys.
      tabIndex={0}
      onScroll={scrolled}
      style={{ height: `${height}px`, "--rd-log-digits": digits }}
      data-lines={text.lines.length}
      data-start={text.start}
      data-end={text.end}
      data-size={text.size}
    >
      <span class="rd-log-probe" aria-hidden="true">
        {"0".repeat(100)}
      </span>
      {above > 0 && (
        <button type="button" class="rd-log-gap" onClick={() => void logs.load_above()}>
          … {bytes_text(text.start)} above not shown: scroll up, or press here
        </button>
      )}
      <div style={{ height: `${heights.total}px` }} class="rd-log-space">
        <div class="rd-log-rows" ref={list} style={{ transform: `translateY(${heights.top(first)}px)` }}>
          {rows.slice(first, last).map((index) => {
            const line = text.lines[index];
            return (
              line && (
                <LogRow
                  key={line.start}
                  line={line}
                  number={numbered(text.first_number + index, text.is_numbered)}
                  query={query}
                  fold={folds.get(index)}
                  is_current={target?.offset === line.start}
                  toggle={() => logs.toggle(line.start)}
                />
              )
            );
          })}
        </div>
      </div>
      {below > 0 && (
        <button type="button" class="rd-log-gap" onClick={() => void logs.load_below()}>
          … {bytes_text(text.size - text.end)} below not shown: scroll down, or press here
        </button>
      )}
    </div>
  );
}
