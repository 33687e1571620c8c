import { useEffect, useRef } from "preact/hooks";
import { useView } from "./parts";

/** Asks before it does anything; only where the source can, and the run goes on. */
export function CancelButton() {
  const view = useView();
  const { store } = view;
  const run = store.run.value;
  const { kind } = view.cancelling.value;
  const is_asked = kind === "sent" || kind === "said" || run?.status === "CancelRequested";
  if (!run?.can_cancel || run.has_ended || is_asked) return null;
  return (
    <button
      type="button"
      class="rd-cancel"
      aria-expanded={kind === "asking"}
      onClick={() => {
        view.cancelling.value = { kind: kind === "asking" ? "idle" : "asking" };
      }}
    >
      Cancel run
    </button>
  );
}

/** The question, and then what the kernel said. */
export function CancelNote() {
  const view = useView();
  const run = view.store.run.value;
  const state = view.cancelling.value;
  if (state.kind === "idle" || !run || run.has_ended) return null;
  if (state.kind === "asking") return <Question />;
  const words = state.kind === "sent" ? "Asking for the end of the run…" : state.words;
  return (
    <p class="rd-banner rd-cancel-note" role="status">
      <i aria-hidden="true">{state.kind === "failed" ? "!" : "⊘"}</i>
      <span>{words}</span>
    </p>
  );
}

function Question() {
  const view = useView();
  const row = useRef<HTMLDivElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  // What undoes nothing has the focus: Enter pressed twice cancels no run.
  useEffect(() => keep.current?.focus(), []);
  const close = () => {
    const root = row.current?.closest(".rundetails");
    view.cancelling.value = { kind: "idle" };
    root?.querySelector<HTMLElement>(".rd-cancel")?.focus();
  };
  const cancel = () => {
    const root = row.current?.closest<HTMLElement>(".rundetails");
    void view.cancel();
    root?.focus();
  };
  return (
    <div
      class="rd-banner rd-question"
      role="alertdialog"
      aria-label="Cancel this run?"
      ref={row}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <span>
        <b>Cancel this run?</b> What it has logged stays.
      </span>
      <span class="rd-answers">
        <button type="button" class="rd-danger" onClick={cancel}>
          Cancel run
        </button>
        <button type="button" ref={keep} onClick={close}>
          Keep running
        </button>
      </span>
    </div>
  );
}
