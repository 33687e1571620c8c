import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ROW } from "./child_layout";

/** Rows that are drawn above and below those in sight. */
const MORE = 8;

/**
 * The part of a long list that is in sight. `ids`: of all its rows, in order. `asked`: what the reader asked for, of
 * which the list is the answer.
 */
export function useChildScroll(ids: readonly string[], asked: string) {
  const box = useRef<HTMLDivElement>(null);
  const [top, set_top] = useState(0);
  const [height, set_height] = useState(420);
  useEffect(() => {
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => set_height(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // What the reader asked for anew begins at its beginning; what streams in moves nothing.
  const before = useRef(asked);
  useEffect(() => {
    if (before.current === asked) return;
    before.current = asked;
    if (box.current) box.current.scrollTop = 0;
  }, [asked]);

  // Rows that come above those in sight move what is in sight down: the box follows, unless it is at its beginning.
  const anchor = useRef({ id: "", offset: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    const { id, offset } = anchor.current;
    if (!element || !id || !element.scrollTop || before.current !== asked) return;
    const place = ids.indexOf(id);
    if (place >= 0 && place * ROW + offset !== element.scrollTop) element.scrollTop = place * ROW + offset;
  }, [ids]);

  return {
    box,
    /** Rows that a page of it has. */
    page: Math.max(1, Math.floor(height / ROW) - 2),
    /** Rows that are drawn at most. */
    most: Math.ceil(height / ROW) + 2 * MORE + 1,
    /** The first row that is drawn, and the one after the last. */
    first: Math.max(0, Math.floor(top / ROW) - MORE),
    end: Math.min(ids.length, Math.ceil((top + height) / ROW) + MORE),
    scrolled(element: HTMLElement) {
      const place = Math.floor(element.scrollTop / ROW);
      anchor.current = { id: ids[place] ?? "", offset: element.scrollTop - place * ROW };
      set_top(element.scrollTop);
    },
    /** Brings a row into sight. */
    show(place: number) {
      const element = box.current;
      if (!element) return;
      const y = place * ROW;
      const room = element.clientHeight - ROW;
      if (y < element.scrollTop) element.scrollTop = y;
      else if (y > element.scrollTop + room - ROW) element.scrollTop = y - room + ROW;
    },
  };
}
