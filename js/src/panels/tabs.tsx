import { useRef } from "preact/hooks";
import { count } from "../format";
import type { Tab } from "../view";
import { useView } from "./parts";

const TABS: readonly [Tab, string][] = [
  ["metrics", "Metrics"],
  ["parameters", "Parameters"],
  ["tags", "Tags"],
];

export function Tabs() {
  const view = useView();
  const list = useRef<HTMLDivElement>(null);
  const run = view.store.run.value;
  const counts: Record<Tab, number> = {
    metrics: view.store.names.value.length,
    parameters: Object.keys(run?.parameters ?? {}).length,
    tags: Object.keys(run?.tags ?? {}).filter((name) => !name.startsWith("mlflow.")).length,
  };
  const move = (event: KeyboardEvent) => {
    const now = TABS.findIndex(([tab]) => tab === view.tab.value);
    const moves: Record<string, number> = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: TABS.length - 1 };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = (to + TABS.length) % TABS.length;
    view.tab.value = TABS[index]?.[0] ?? "metrics";
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
            view.tab.value = tab;
          }}
        >
          {words}
          <em>{count(counts[tab])}</em>
        </button>
      ))}
    </div>
  );
}
