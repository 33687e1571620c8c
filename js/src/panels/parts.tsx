import { effect, type ReadonlySignal, untracked } from "@preact/signals";
import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { every_second } from "../clock";
import type { View } from "../view";

const Current = createContext<View | null>(null);

/** Makes the view known to every panel inside. */
export const ViewProvider = Current.Provider;

export function useView(): View {
  const view = useContext(Current);
  if (!view) throw new Error("This panel is drawn outside of a view.");
  return view;
}

/** Does something now, and whenever one of these signals changes; draws nothing again by itself. */
export function useEach(signals: readonly ReadonlySignal<unknown>[], act: () => void): void {
  const now = useRef(act);
  now.current = act;
  useLayoutEffect(
    () =>
      effect(() => {
        for (const one of signals) one.value;
        untracked(() => now.current());
      }),
    signals,
  );
}

/** Text that time changes: once a second its text node is written, and nothing else is drawn again. */
export function Ticking({ text, title }: { text: () => string; title?: string }) {
  const span = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const write = () => {
      const words = text();
      if (span.current && span.current.textContent !== words) span.current.textContent = words;
    };
    write();
    return every_second(write);
  });
  return <span ref={span} title={title} />;
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages served over http have no clipboard of their own.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.appendChild(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

export function Copy({ text, what }: { text: string; what: string }) {
  const [was_copied, set_copied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const act = () => {
    void copy(text);
    set_copied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => set_copied(false), 1_500);
  };
  return (
    <button type="button" class="rd-quiet rd-copy" aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={act}>
      {was_copied ? "copied" : "copy"}
    </button>
  );
}

interface SegmentsProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly (readonly [Value, string])[];
  choose: (value: Value) => void;
}

/** A few choices of which one holds. */
export function Segments<Value extends string>({ label, value, choices, choose }: SegmentsProps<Value>) {
  return (
    <fieldset class="rd-segments" aria-label={label}>
      {choices.map(([one, words]) => (
        <button type="button" key={one} aria-pressed={one === value} onClick={() => choose(one)}>
          {words}
        </button>
      ))}
    </fieldset>
  );
}

export function Search({ query, set, what }: { query: string; set: (query: string) => void; what: string }) {
  return (
    <input
      class="rd-search"
      type="search"
      value={query}
      placeholder={`Search ${what}`}
      aria-label={`Search ${what}`}
      spellcheck={false}
      onInput={(event) => set(event.currentTarget.value)}
    />
  );
}

/** Shows a page of things, and more when the reader comes to the end of it. */
export function usePages(page: number, reset_on: unknown): { shown: number; more: () => void } {
  const [shown, set_shown] = useState(page);
  const seen = useRef(reset_on);
  if (seen.current !== reset_on) {
    seen.current = reset_on;
    if (shown !== page) set_shown(page);
  }
  return { shown, more: () => set_shown((now) => now + page) };
}

export function More({ left, page, more, what }: { left: number; page: number; more: () => void; what: string }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((entries) => entries[entries.length - 1]?.isIntersecting && more());
    observer.observe(button.current);
    return () => observer.disconnect();
  });
  if (left <= 0) return null;
  return (
    <button type="button" class="rd-more" ref={button} onClick={more}>
      Show {Math.min(left, page)} more of {left.toLocaleString("en-US")} {what}
    </button>
  );
}

/** The heads of a table's columns; those of numbers stand to the right. */
export function Heads({ words, numbers }: { words: readonly string[]; numbers: readonly string[] }) {
  return (
    <thead>
      <tr>
        {words.map((word) => (
          <th scope="col" key={word}>
            {word}
          </th>
        ))}
        {numbers.map((word) => (
          <th scope="col" class="rd-number" key={word}>
            {word}
          </th>
        ))}
      </tr>
    </thead>
  );
}
