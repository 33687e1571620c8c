import { effect, untracked } from "@preact/signals";
import { render as draw, h } from "preact";
import { every_second } from "./clock";
import type { AliveMessage, AnswerMessage, DeltaMessage, LogMessage, Snapshot, TwinMessage } from "./contract";
import { hide_twin, is_offline, type Model, write_twin } from "./host";
import { App } from "./panels/app";
import { Store } from "./store";
import { View } from "./view";
import type { Buffer } from "./wire";
import { keep_in_touch, Wishes } from "./wishes";

type Message = DeltaMessage | AliveMessage | TwinMessage | AnswerMessage | LogMessage;

/** Milliseconds before the whole is asked for again. */
const ASK_AGAIN = 10_000;

/** Called once per model: the store is the model's, and its views share it. */
export default () => {
  /** The view that was made last: it asks for what all of them need. */
  let here = "";
  const views = new Set<View>();
  let send: (content: unknown) => void = () => {
    throw new Error("Not connected yet.");
  };
  let asked_at = Number.NEGATIVE_INFINITY;
  const store: Store = new Store(() => {
    if (performance.now() - asked_at < ASK_AGAIN) return;
    asked_at = performance.now();
    for (const view of views) view.logs.catch_up();
    void wishes.wish(here, "snapshot");
  });
  const wishes: Wishes = new Wishes(
    (wish) => send(wish),
    () => {
      store.disconnect();
      wishes.drop_all();
    },
  );

  return {
    /** Synchronous: after two seconds anywidget drops every message. */
    initialize({ model }: { model: Model }) {
      send = (content) => model.send(content);
      const load = () => store.load(model.get("_snapshot") as Snapshot | null);
      load();
      model.on("change:_snapshot", load);
      model.on("msg:custom", (message: Message, buffers: readonly Buffer[] = []) => {
        switch (message.kind) {
          case "delta":
            if (message.reset) asked_at = Number.NEGATIVE_INFINITY;
            return store.apply(message, buffers);
          case "alive":
            return store.alive(message);
          case "log":
            store.alive(message);
            for (const view of views) view.logs.heard(message, buffers);
            return;
          case "answer":
            store.reconnect();
            store.compare(message.seq);
            // What one view is given of the end of a log, the others of this page have not been given.
            if (message.files) for (const view of views) view.logs.heard(message, buffers);
            return wishes.answer(message, buffers);
          case "twin":
            if (write_twin(model.widget_manager, store.key.value, message.html)) void wishes.wish(here, "twin_written");
        }
      });
    },

    render({ model, el, signal }: { model: Model; el: HTMLElement; signal: AbortSignal }) {
      const view = new View(store, wishes, model.widget_manager);
      here = view.id;
      views.add(view);
      draw(h(App, { view }), el);
      const show_failure = effect(() => {
        if (store.failure.value && !view.has_chosen_tab) untracked(() => view.show_failure());
      });
      const show_twin = effect(() => hide_twin(store.key.value));
      keep_in_touch(wishes, view.id, el, signal);
      const stop_watching = every_second(() => {
        if (!store.line_is(!is_offline(model.widget_manager))) return;
        void wishes.wish(view.id, "look", { visible: true });
        // What logs grew by has no number that tells of a message that was lost.
        view.logs.catch_up();
      });
      // Told when the kernel goes or comes back; whether it is there, a sign of life finds out.
      model.on("comm_live_update", () => void wishes.wish(view.id, "look", { visible: true }));
      signal.addEventListener("abort", () => {
        show_failure();
        show_twin();
        stop_watching();
        draw(null, el);
        views.delete(view);
        view.dispose();
      });
    },
  };
};
