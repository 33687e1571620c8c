import { effect } from "@preact/signals";
import { render as draw, h } from "preact";
import { Channel, facts_of, type Message } from "./channel";
import type { Child } from "./children/store";
import { every_second } from "./clock";
import type { Snapshot } from "./contract";
import { hide_twin, is_offline, type Model, write_twin } from "./host";
import { App } from "./panels/app";
import type { View } from "./view";
import type { Buffer } from "./wire";
import { keep_in_touch } from "./wishes";

/** Called once per model: the store is the model's, and its views share it. */
export default () => {
  let send: (content: unknown) => void = () => {
    throw new Error("Not connected yet.");
  };
  const lost = () => {
    for (const one of [own, ...opened.values()]) {
      one.store.disconnect();
      one.wishes.drop_all();
    }
  };
  const own = new Channel("", (wish) => send(wish), lost);
  /** Runs below it that are open in its place, in some view. */
  const opened = new Map<string, Channel>();

  /** A run below another one, in the place of that one's view. */
  function enter(child: Child, above: View, model: Model, el: HTMLElement): View {
    let channel = opened.get(child.id);
    if (!channel) {
      channel = new Channel(child.id, (wish) => send(wish), lost);
      opened.set(child.id, channel);
      channel.store.clock.hear(above.store.clock.now());
      const columns = above.store.children.columns.peek().filter(({ kind }) => kind === "parameter");
      const parameters = columns.flatMap(({ name, place }) => {
        const cell = child.cells[place];
        return cell === undefined ? [] : [[name, String(cell)] as const];
      });
      channel.store.preset(facts_of(child, above.store.run.peek(), Object.fromEntries(parameters)));
    }
    const here = channel;
    const view: View = here.view(model.widget_manager, (inner) => enter(inner, view, model, el));
    view.above = above;
    const over = new AbortController();
    keep_in_touch(here.wishes, view.id, el, over.signal, "open");
    view.on_dispose.push(() => {
      over.abort();
      if (!here.views.size) opened.delete(child.id);
    });
    return view;
  }

  return {
    /** Synchronous: after two seconds anywidget drops every message. */
    initialize({ model }: { model: Model }) {
      send = (content) => model.send(content);
      const load = () => own.load(model.get("_snapshot") as Snapshot | null);
      load();
      model.on("change:_snapshot", load);
      model.on("msg:custom", (message: Message, buffers: readonly Buffer[] = []) => {
        if (message.kind === "twin") {
          if (write_twin(model.widget_manager, own.store.key.value, message.html))
            void own.wishes.wish(own.here, "twin_written");
          return;
        }
        const channel = message.opened ? opened.get(message.opened) : own;
        channel?.hear(message, buffers);
      });
    },

    render({ model, el, signal }: { model: Model; el: HTMLElement; signal: AbortSignal }) {
      const view: View = own.view(model.widget_manager, (child) => enter(child, view, model, el));
      draw(h(App, { view }), el);
      const show_twin = effect(() => hide_twin(own.store.key.value));
      keep_in_touch(own.wishes, view.id, el, signal);
      const stop_watching = every_second(() => {
        const is_up = !is_offline(model.widget_manager);
        for (const one of [own, ...opened.values()]) {
          if (!one.store.line_is(is_up)) continue;
          void one.wishes.wish(one.here, "look", { visible: true });
          // What logs grew by has no number that tells of a message that was lost.
          for (const each of one.views) each.logs.catch_up();
        }
      });
      // Told when the kernel goes or comes back; whether it is there, a sign of life finds out.
      model.on("comm_live_update", () => void own.wishes.wish(view.id, "look", { visible: true }));
      signal.addEventListener("abort", () => {
        show_twin();
        stop_watching();
        draw(null, el);
        view.dispose();
      });
    },
  };
};
