import { useRef } from "preact/hooks";
import { count } from "../format";
import { is_experiment } from "../sentences";
import { CHARTED } from "../tables";
import type { Tab, View } from "../view";
import { is_own } from "./parameters";
import { useView } from "./parts";

const ALL: readonly [Tab, string][] = [
  ["children", "Children"],
  ["metrics", "Metrics"],
  ["tables", "Tables"],
  ["images", "Images"],
  ["logs", "Logs"],
  ["files", "Files"],
  ["parameters", "Parameters"],
  ["tags", "Tags"],
];

const CHILDREN: Record<string, string> = {
  automl: "Iterations",
  sweep: "Trials",
  pipeline: "Steps",
  nested: "Children",
};

/** How many names there are of some kinds; known from when such a tab is first opened. */
const names_of = (view: View, is_meant: (kind: string) => boolean) => {
  const meant = view.files.desk.logged.value?.filter(({ kind }) => is_meant(kind));
  return meant && new Set(meant.map(({ kind, name }) => `${kind} ${name}`)).size;
};

export function Tabs() {
  const view = useView();
  const list = useRef<HTMLDivElement>(null);
  const run = view.store.run.value;
  const has_files = view.store.source.value?.has_logs ?? false;
  const kinds = run?.logged ?? [];
  const is_there: Partial<Record<Tab, boolean>> = {
    logs: has_files,
    files: has_files,
    tables: has_files && kinds.some((kind) => kind !== "image"),
    images: has_files && kinds.includes("image"),
  };
  const { total, family } = view.store.children;
  const has_runs_alone = is_experiment(run);
  is_there.children = has_runs_alone || total.value > 0;
  const kind = family.value?.kind ?? "nested";
  const there = ALL.filter(([tab]) => (has_runs_alone ? tab === "children" : (is_there[tab] ?? true)));
  const words_for_children = has_runs_alone && kind === "nested" ? "Runs" : CHILDREN[kind];
  const own_words: Partial<Record<Tab, string | undefined>> = {
    children: words_for_children,
    ...(kinds.some((one) => CHARTED.includes(one)) && { tables: "Charts & tables" }),
  };
  // Nested runs are beside the point while the run itself has something to show.
  const is_aside = kind === "nested" && view.store.names.value.length > 0;
  const TABS = is_aside
    ? [...there.filter(([tab]) => tab !== "children"), ...there.filter(([tab]) => tab === "children")]
    : there;
  const counts: Record<Tab, number | undefined> = {
    children: total.value,
    metrics: view.store.names.value.length,
    // Known from when the tab is first opened: to list the files costs the store something.
    logs: view.logs.files.value?.length,
    tables: names_of(view, (kind) => kind !== "image"),
    images: names_of(view, (kind) => kind === "image"),
    files: undefined,
    parameters: Object.keys(run?.parameters ?? {}).length,
    tags: Object.keys(run?.tags ?? {}).filter(is_own).length,
  };
  const move = (event: KeyboardEvent) => {
    const now = TABS.findIndex(([tab]) => tab === view.tab.value);
    const moves: Record<string, number> = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: TABS.length - 1 };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = (to + TABS.length) % TABS.length;
    view.choose_tab(TABS[index]?.[0] ?? "metrics");
    list.current?.querySelectorAll<HTMLButtonElement>("[role=tab]")[index]?.focus();
  };
  return (
    <div class="rd-tabs" role="tablist" aria-label="Parts of the run" ref={list} onKeyDown={move}>
      {TABS.map(([tab, words]) => (
        <button
          type="button"
          role="tab"
          key={tab}
          id={`${view.id}-${tab}`}
          aria-controls={`${view.id}-panel`}
          aria-selected={view.tab.value === tab}
          tabIndex={view.tab.value === tab ? 0 : -1}
          onClick={() => {
            view.choose_tab(tab);
          }}
        >
          {own_words[tab] ?? words}
          {counts[tab] !== undefined && <em>{count(counts[tab])}</em>}
        </button>
      ))}
    </div>
  );
}
