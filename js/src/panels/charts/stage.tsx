import { type ComponentChildren, render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Make, Shown } from "../../chart_marks";
import { type Ink, ink_of } from "../../picture_svg";
import { file_name, save } from "../../saving";
import { useView } from "../parts";

/** Colours: 1 to 6 of the series, and those of the page. */
export type Paint = (color: number | "ink" | "quiet" | "line" | "paper") => string;

const PAGE = { ink: "var(--rd-ink)", quiet: "var(--rd-ink2)", line: "var(--rd-line)", paper: "var(--rd-bg)" };

export const page_paint: Paint = (color) =>
  typeof color === "string" ? PAGE[color] : color ? `var(--rd-s${color})` : PAGE.quiet;

/** Colours for a file, which cannot ask the page for its variables. */
export const ink_paint =
  (ink: Ink): Paint =>
  (color) =>
    typeof color === "string" ? ink[color] : color ? (ink.series[color - 1] ?? ink.ink) : ink.quiet;

/** Width in pixels of an element, as it is now. */
export function useWidth() {
  const element = useRef<HTMLDivElement>(null);
  const [width, set_width] = useState(0);
  useEffect(() => {
    const now = element.current;
    if (!now) return;
    const measure = () => set_width(now.clientWidth);
    measure();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(now);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}

/** The colours of the theme, read anew when it changes. */
export function useInk(element: { current: Element | null }): Ink | null {
  const [ink, set_ink] = useState<Ink | null>(null);
  useEffect(() => {
    const read = () => element.current && set_ink(ink_of(element.current));
    read();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      clearTimeout(timer);
      // A theme's style sheet may come a little after its name.
      timer = setTimeout(read, 150);
    };
    const observer = new MutationObserver(later);
    const attributeFilter = ["class", "data-jp-theme-light", "data-jp-theme-name"];
    for (const one of [document.documentElement, document.body]) observer.observe(one, { attributeFilter });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", later);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      dark.removeEventListener("change", later);
    };
  }, []);
  return ink;
}

/**
 * A chart of bqplot's in an element: made anew when `key` changes, drawn anew with every input. `is_plain` says that
 * bqplot cannot be had, so that the panel draws itself.
 */
export function useBqplot<Input>(make: Make<Input>, input: Input | null, key: string) {
  const { manager } = useView();
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<Shown<Input> | null>(null);
  const latest = useRef(input);
  latest.current = input;
  const [is_plain, set_plain] = useState(!manager);
  const is_ready = input !== null;
  useEffect(() => {
    const element = canvas.current;
    const first = latest.current;
    if (!element || !first || !manager || is_plain) return;
    let is_over = false;
    void make(manager, element, first)
      .then((made) => {
        if (is_over) return made.dispose();
        chart.current = made;
        if (latest.current && latest.current !== first) made.draw(latest.current);
      })
      .catch(() => set_plain(true));
    return () => {
      is_over = true;
      chart.current?.dispose();
      chart.current = null;
      element.replaceChildren();
    };
  }, [key, is_ready, is_plain]);
  useEffect(() => {
    if (input) chart.current?.draw(input);
  }, [input]);
  return { canvas, is_plain };
}

/** What stands below a chart: whether it is drawn plainly, and a button that saves it. */
export function Under({ is_plain, save: act }: { is_plain: boolean; save: (() => void) | null }) {
  return (
    <p class="rd-under">
      {is_plain && <span class="rd-secondary">Drawn plainly: bqplot could not be loaded in this page.</span>}
      <button type="button" class="rd-quiet" disabled={!act} onClick={() => act?.()}>
        Download SVG
      </button>
    </p>
  );
}

/** What the reader points at, in words; a fixed line, so that nothing moves. */
export function Told({ words, otherwise }: { words: string; otherwise: string }) {
  return (
    <p class="rd-told" role="status">
      {words ? <bdi>{words}</bdi> : <span>{otherwise}</span>}
    </p>
  );
}

/** Hands a drawing to the reader as a file of its own. */
export function save_drawing(
  name: string,
  ink: Ink,
  { width, height }: { width: number; height: number },
  drawing: ComponentChildren,
): void {
  const top = 34;
  const holder = document.createElement("div");
  render(
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={height + top}
      viewBox={`0 0 ${width} ${height + top}`}
      font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
      font-size="11"
    >
      <title>{name}</title>
      <rect width={width} height={height + top} fill={ink.paper} />
      <text x="12" y="22" font-size="14" font-weight="600" fill={ink.ink}>
        {name}
      </text>
      <g transform={`translate(0 ${top})`}>{drawing}</g>
    </svg>,
    holder,
  );
  const text = holder.firstElementChild ? new XMLSerializer().serializeToString(holder.firstElementChild) : "";
  save(file_name(name, "svg"), new Blob([text], { type: "image/svg+xml" }));
  render(null, holder);
}
