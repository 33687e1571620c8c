import type { ComponentType } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import cards_css from "../cards.css";
import children_css from "../children.css";
import files_css from "../files.css";
import fitting_css from "../fitting.css";
import logs_css from "../logs.css";
import css from "../style.css";
import tables_css from "../tables.css";
import type { Tab, View } from "../view";
import { Children } from "./children";
import { Guard } from "./error";
import { Files } from "./files";
import { Footer } from "./footer";
import { Header } from "./header";
import { Help } from "./help";
import { Images } from "./images";
import { Logs } from "./logs";
import { Metrics } from "./metrics";
import { Parameters, Tags } from "./parameters";
import { ViewProvider } from "./parts";
import { Tables } from "./tables";
import { Tabs } from "./tabs";
import { Tiles } from "./tiles";
import { Trail } from "./trail";

const is_typing = (target: EventTarget | null) =>
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && target.type !== "range");

/** Keys of the whole view; a chart has its own before these. */
function keys(view: View, root: HTMLElement, back: () => void) {
  let smoothing_before = view.smoothing.peek() || 0.6;
  const acts: Record<string, () => void> = {
    "/": () => root.querySelector<HTMLInputElement>(".rd-search")?.focus(),
    "?": () => {
      view.is_help_open.value = !view.is_help_open.value;
    },
    l: () => {
      view.is_log.value = !view.is_log.value;
    },
    s: () => {
      const weight = view.smoothing.value;
      if (weight) smoothing_before = weight;
      view.smoothing.value = weight ? 0 : smoothing_before;
    },
    f: () => {
      if (view.tab.value === "logs") view.logs.follow();
    },
    t: () => {
      view.as_table.value = !view.as_table.value;
    },
    Escape: () => {
      if (view.is_help_open.value) view.is_help_open.value = false;
      else if (view.expanded.value !== null) view.expanded.value = null;
      else back();
    },
  };
  return (event: KeyboardEvent) => {
    // Typed in a cell's output, keys must not reach the notebook: `d d` would delete the cell.
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (is_typing(event.target)) {
      if (event.key !== "Escape") return;
      // The browser would empty a search box and not say so.
      event.preventDefault();
      root.focus();
      return;
    }
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
}

const PARTS: Record<Tab, ComponentType> = {
  children: Children,
  metrics: Metrics,
  tables: Tables,
  images: Images,
  logs: Logs,
  files: Files,
  parameters: Parameters,
  tags: Tags,
};

function Panel({ view }: { view: View }) {
  const tab = view.tab.value;
  const Part = PARTS[tab];
  return (
    <div class="rd-panel" role="tabpanel" id={`${view.id}-panel`} aria-labelledby={`${view.id}-${tab}`}>
      <Guard what="This part" key={tab}>
        <Part />
      </Guard>
    </div>
  );
}

/** The run that is shown: the view's own, or one below it that the reader opened in its place. */
function deepest(view: View): View[] {
  const opened = view.opened.value;
  return opened ? [view, ...deepest(opened)] : [view];
}

function Run({ view }: { view: View }) {
  return (
    <ViewProvider value={view}>
      <Guard what="The view">
        <Header />
        <Help />
        <Tiles />
        <Tabs />
        <Panel view={view} />
        <Footer />
      </Guard>
    </ViewProvider>
  );
}

/** Where a reader goes on after a run was opened, or left: keys stay in the view, and what is new is in sight. */
function arrive(root: HTMLElement | null, is_back: boolean, has_focus: boolean): void {
  const rows = is_back ? root?.querySelector<HTMLElement>(".rd-child-scroll") : null;
  if (has_focus) (rows ?? root)?.focus({ preventScroll: true });
  (rows ?? root?.querySelector(".rd-trail") ?? root)?.scrollIntoView({ block: "nearest" });
}

export function App({ view: top }: { view: View }) {
  const root = useRef<HTMLDivElement>(null);
  const trail = deepest(top);
  const view = trail[trail.length - 1] ?? top;
  const { store } = view;
  const run = store.run.value;
  const shown = useRef({ id: view.id, depth: trail.length, has_focus: false });
  // Looked at while the view before is still there: what had the focus goes with it.
  if (shown.current.id !== view.id) shown.current.has_focus = root.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    const { id, depth, has_focus } = shown.current;
    shown.current = { id: view.id, depth: trail.length, has_focus: false };
    if (id !== view.id) arrive(root.current, trail.length < depth, has_focus);
  }, [view.id]);
  // Before the frame is drawn: a key that comes with it is already meant for what it shows.
  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return;
    const listen = keys(view, element, () => trail[trail.length - 2]?.close_opened());
    element.addEventListener("keydown", listen);
    return () => element.removeEventListener("keydown", listen);
  }, [view]);
  return (
    <div
      class="rundetails"
      ref={root}
      tabIndex={-1}
      data-seq={store.seq.value}
      data-status={run?.status ?? ""}
      data-health={store.condition.value.kind}
      data-run={run?.id ?? ""}
      data-lm-suppress-shortcuts="true"
    >
      <style>{css + cards_css + tables_css + fitting_css + logs_css + files_css + children_css}</style>
      <Trail trail={trail} />
      <Run view={view} key={view.id} />
    </div>
  );
}
