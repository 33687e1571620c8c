import { useView } from "./parts";

/** Why the run failed, in a line of its log: a click shows it there. */
export function FailureLine() {
  const view = useView();
  const failure = view.store.failure.value;
  if (!failure) return null;
  return (
    <button type="button" class="rd-failure" title="Show it in the log" onClick={() => view.show_failure()}>
      <bdi class="rd-mono rd-bad">{failure.line}</bdi>
      <span class="rd-secondary">
        in <bdi>{failure.path}</bdi>
      </span>
    </button>
  );
}
