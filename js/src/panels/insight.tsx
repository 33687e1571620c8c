import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { every_second } from "../clock";
import type { FindingFacts, ProgressFacts } from "../contract";
import { count } from "../format";
import { finding_key, finding_label, finding_sign, how_far, share, stale_words, time_left } from "../insight";
import type { View } from "../view";
import { Ticking, useView } from "./parts";

/** A line as wide as what is done. Its place is kept while a run goes on, so that nothing moves when it appears. */
export function ProgressBar() {
  const { store } = useView();
  const run = store.run.value;
  const progress = store.progress.value;
  if (!run || run.has_ended || store.is_forgotten.value || run.started === null) return null;
  return <div class="rd-bar">{progress && <Filled progress={progress} />}</div>;
}

function Filled({ progress }: { progress: ProgressFacts }) {
  const { store } = useView();
  const line = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const write = () => {
      const percent = 100 * share(progress, store.clock.now());
      const element = line.current;
      if (!element) return;
      element.style.width = `${percent.toFixed(1)}%`;
      element.setAttribute("aria-valuenow", percent.toFixed(0));
      element.setAttribute("aria-valuetext", how_far(progress, store.clock.now()));
    };
    write();
    // Only a time limit moves by itself.
    return progress.done === null ? every_second(write) : undefined;
  });
  return (
    <div ref={line} class="rd-done" role="progressbar" aria-label="Progress" aria-valuemin={0} aria-valuemax={100} />
  );
}

const TELLING =
  "No parameter says how far this run goes. One named epochs, max_steps, max_iter, n_estimators or time_limit would, " +
  "with its epochs or steps logged.";

/** "Epoch 37 of 90 · about 4–6 min left, ≈ 14:32". */
export function ProgressFact() {
  const { store } = useView();
  const run = store.run.value;
  const progress = store.progress.value;
  if (run?.status !== "Running" || store.stale.value) return null;
  if (!progress)
    return (
      <span class="rd-progress" title={TELLING}>
        Time left unknown
      </span>
    );
  const far = () => {
    const words = how_far(progress, store.clock.now());
    return words.charAt(0).toUpperCase() + words.slice(1);
  };
  const left = () => time_left(progress, store.clock.now());
  return (
    <span class="rd-progress" title={progress.how}>
      <b>
        <Ticking text={far} />
      </b>
      {progress.latest !== null && !store.is_unknown.value && (
        <>
          {" · "}
          <Ticking text={left} />
        </>
      )}
    </span>
  );
}

/** A run that says it is running and is likely dead. */
export function StaleNote() {
  const { store } = useView();
  const stale = store.stale.value;
  if (!stale || store.run.value?.has_ended) return null;
  return (
    <p class="rd-banner rd-stale">
      <i aria-hidden="true">!</i>
      <Ticking text={() => stale_words(stale, store.clock.now())} />
    </p>
  );
}

function show_chart(view: View, metric: string, from: Element | null): void {
  view.tab.value = "metrics";
  view.as_table.value = false;
  view.query.value = "";
  view.expanded.value = metric;
  const root = from?.closest(".rundetails");
  const find = () =>
    [...(root?.querySelectorAll<HTMLElement>(".rd-chart") ?? [])].find((one) => one.dataset.metric === metric);
  requestAnimationFrame(() => {
    // Far down among many, or in a closed group: the search brings it up.
    if (!find()) view.query.value = metric;
    requestAnimationFrame(() => find()?.scrollIntoView({ block: "nearest", behavior: "smooth" }));
  });
}

function FindingChip({ finding, is_open, toggle }: { finding: FindingFacts; is_open: boolean; toggle: () => void }) {
  const { store } = useView();
  const { icon, tone, words } = finding_sign(finding);
  return (
    <button
      type="button"
      class={`rd-finding rd-${tone}`}
      aria-expanded={is_open}
      title={`${words}: ${finding.sentence}`}
      data-kind={finding.kind}
      onClick={toggle}
    >
      <i aria-hidden="true">{icon}</i>
      <span class="rd-unseen">{words}: </span>
      <b>
        <Ticking text={() => finding_label(finding, store.clock.now())} />
      </b>
      {finding.metric && <bdi>{finding.metric}</bdi>}
      {finding.step !== null && <span>step {count(finding.step)}</span>}
    </button>
  );
}

/** What looks wrong, one chip each; a chip tells what was seen and by which rule. */
export function Findings() {
  const view = useView();
  const { shown, more } = view.store.findings.value;
  const opened = useSignal("");
  const row = useRef<HTMLDivElement>(null);
  if (!shown.length) return null;
  const open = shown.find((finding) => finding_key(finding) === opened.value);
  const metric = open?.metric;
  return (
    <section class="rd-findings" aria-label="Findings" ref={row}>
      <div class="rd-finding-chips">
        {shown.map((finding) => {
          const key = finding_key(finding);
          return (
            <FindingChip
              key={key}
              finding={finding}
              is_open={key === opened.value}
              toggle={() => {
                opened.value = key === opened.value ? "" : key;
              }}
            />
          );
        })}
        {more > 0 && (
          <span class="rd-secondary" title="get_widget_data()['findings'] has them all">
            +{count(more)} more
          </span>
        )}
      </div>
      {open && (
        <p class="rd-finding-words">
          {open.sentence} <span class="rd-secondary">Rule: {open.rule}</span>{" "}
          {metric && view.store.metric(metric) && (
            <button type="button" class="rd-link" onClick={() => show_chart(view, metric, row.current)}>
              Show chart
            </button>
          )}
        </p>
      )}
    </section>
  );
}
