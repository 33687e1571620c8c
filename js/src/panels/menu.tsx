import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Pixels between the menu, its button and the edges of the window. */
const GAP = 4;

interface PopoverProps {
  anchor: HTMLElement | null;
  label: string;
  role: "menu" | "dialog";
  /** `by_key`: the reader goes on where the button is. */
  close: (by_key: boolean) => void;
  children: ComponentChildren;
}

/**
 * A box over everything: in the browser's top layer, where neither a card nor the output of a cell cuts it off. Closes
 * on Escape, a press outside, when the focus goes elsewhere, and when what it belongs to scrolls away.
 */
export function Popover({ anchor, label, role, close, children }: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const now = useRef(close);
  now.current = close;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.showPopover?.();
    place(element, anchor);
    const first = element.querySelector<HTMLElement>("input, [role^=menuitem]:not(:disabled), button:not(:disabled)");
    first?.focus({ preventScroll: true });
  }, [role]);

  useEffect(() => {
    const over = new AbortController();
    const options = { capture: true, signal: over.signal };
    const is_inside = (target: EventTarget | null) =>
      target instanceof Node && (box.current?.contains(target) || anchor?.contains(target));
    document.addEventListener("pointerdown", (event) => !is_inside(event.target) && now.current(false), options);
    document.addEventListener("scroll", (event) => !is_inside(event.target) && now.current(false), options);
    window.addEventListener("resize", () => now.current(false), options);
    box.current?.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !is_inside(relatedTarget)) now.current(false);
    });
    return () => over.abort();
  }, [anchor]);

  const key = (event: KeyboardEvent) => {
    if (event.key === "Tab" && role === "menu") return close(false);
    const items = [...(box.current?.querySelectorAll<HTMLElement>(ITEMS) ?? [])];
    const here = items.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 };
    const to = moves[event.key];
    const is_typing = event.target instanceof HTMLInputElement && (event.key === "Home" || event.key === "End");
    if (event.key === "Escape") close(true);
    else if (to !== undefined && items.length && !is_typing) {
      items[(to + items.length) % items.length]?.focus();
      event.preventDefault();
    }
    // Neither the card nor the notebook acts on keys that are meant for the menu.
    event.stopPropagation();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a menu or a dialog, as `role` says.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the same.
    <div class="rd-menu" ref={box} role={role} aria-label={label} popover="manual" onKeyDown={key} tabIndex={-1}>
      {children}
    </div>
  );
}

const ITEMS = "input, button:not(:disabled)";

/** Below its button and flush with its right edge; above it where there is more room. */
function place(element: HTMLElement, anchor: HTMLElement | null): void {
  if (!anchor) return;
  const button = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const left = Math.max(GAP, Math.min(button.right - width, window.innerWidth - width - GAP));
  const is_below = button.bottom + GAP + height <= window.innerHeight || button.top < window.innerHeight / 2;
  const top = is_below ? button.bottom + GAP : Math.max(GAP, button.top - GAP - height);
  Object.assign(element.style, { left: `${left}px`, top: `${top}px` });
}

interface ItemProps {
  words: string;
  /** Shown at the end of the line. */
  hint?: string;
  /** For what is on or off. */
  is_on?: boolean;
  act: () => void;
}

export function Item({ words, hint, is_on, act }: ItemProps) {
  const is_choice = is_on !== undefined;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: undefined where the role has no such thing.
    <button
      type="button"
      role={is_choice ? "menuitemcheckbox" : "menuitem"}
      aria-checked={is_choice ? is_on : undefined}
      tabIndex={-1}
      title={words}
      onClick={act}
    >
      <i aria-hidden="true">{is_on ? "✓" : ""}</i>
      <bdi>{words}</bdi>
      {hint && <span aria-hidden="true">{hint}</span>}
    </button>
  );
}
