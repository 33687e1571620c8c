import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ROW } from "./child_layout";

/** Rows that are drawn above and below those in sight. */
const MORE = 5;

/**
 * The part of a long list that is in sight. `ids`: of all its rows, in order. `asked`: what the reader asked for, of
 * which the list is the answer. `kept`: holds how far it is scrolled while something else is shown in its place.
 */
export function useChildScroll(ids: readonly string[], asked: string, kept: { scrolled: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [{ top, left }, set_corner] = useState({ top: kept.scrolled, left: 0 });
  // Until its size is known, all columns are in sight.
  const [{ height, width }, set_size] = useState({ height: 420, width: Number.POSITIVE_INFINITY });
  // Before the frame is drawn, or what the reader does in it would be undone.
  useLayoutEffect(() => {
    if (box.current && kept.scrolled) box.current.scrollTop = kept.scrolled;
  }, []);
  useEffect(() => {
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() =>
      set_size({ height: element.clientHeight, width: element.clientWidth || Number.POSITIVE_INFINITY }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // What the reader asked for anew begins at its beginning; what streams in moves nothing.
  const before = useRef(asked);
  useLayoutEffect(() => {
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
    /** Places of the rows that are drawn. */
    drawn: drawn(top, height),
    left,
    right: left + width,
    scrolled(element: HTMLElement) {
      const place = Math.floor(element.scrollTop / ROW);
      anchor.current = { id: ids[place] ?? "", offset: element.scrollTop - place * ROW };
      kept.scrolled = element.scrollTop;
      set_corner({ top: element.scrollTop, left: element.scrollLeft });
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

/**
 * Places of the rows in sight and of some around them, each always in the same slot: what goes out of sight makes place
 * for what comes, and nothing is made anew, or moved in the document, while the reader scrolls.
 */
export function drawn(top: number, height: number): number[] {
  const slots = Math.ceil(height / ROW) + 2 * MORE + 1;
  const first = Math.max(0, Math.floor(top / ROW) - MORE);
  return Array.from({ length: slots }, (_, slot) => {
    const turns = Math.ceil((first - slot) / slots);
    return slot + turns * slots;
  });
}
