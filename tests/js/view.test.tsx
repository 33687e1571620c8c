import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Snapshot, Wish } from "../../js/src/contract";
import type { Manager } from "../../js/src/host";
import widget from "../../js/src/index";
import { lasted, sentence } from "../../js/src/sentences";
import { delta, health, packed, rows, run, snapshot } from "./messages";

class FakeModel {
  sent: Wish[] = [];
  is_dead = false;
  declare widget_manager?: Manager;
  private readonly listeners = new Map<string, ((...parts: never[]) => void)[]>();

  constructor(private readonly whole: Snapshot | null) {}

  get(name: string) {
    return name === "_snapshot" ? this.whole : undefined;
  }
  on(name: string, callback: (...parts: never[]) => void) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), callback]);
  }
  off() {}
  send(wish: unknown) {
    if (this.is_dead) throw new Error("Cannot send");
    this.sent.push(wish as Wish);
  }
  tell(message: unknown, buffers: DataView[] = []) {
    for (const listener of this.listeners.get("msg:custom") ?? []) listener(message as never, buffers as never);
  }
  wishes = () => this.sent.map(({ wish }) => wish);
}

/** Everything is in sight: happy-dom lays nothing out. */
class AllSeen {
  constructor(private readonly tell: (entries: { target: Element; isIntersecting: boolean }[]) => void) {}
  observe(target: Element) {
    if (!target.classList.contains("rd-more")) queueMicrotask(() => this.tell([{ target, isIntersecting: true }]));
  }
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal("IntersectionObserver", AllSeen);

let abort: AbortController;
let el: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, shouldAdvanceTime: true });
  abort = new AbortController();
  el = document.createElement("div");
  document.body.appendChild(el);
});
afterEach(() => {
  abort.abort();
  el.remove();
  vi.useRealTimers();
});

function shown(whole: Snapshot | null): FakeModel {
  const model = new FakeModel(whole);
  const view = widget();
  view.initialize({ model });
  view.render({ model, el, signal: abort.signal });
  return model;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
const text = (selector: string) => el.querySelector(selector)?.textContent ?? "";
const root = () => el.querySelector<HTMLElement>(".rundetails");
const button = (words: string) =>
  [...el.querySelectorAll("button")].find((one) => one.textContent?.trim() === words) as HTMLButtonElement;

describe("A view", () => {
  it("shows the run, and says hello", async () => {
    const model = shown(snapshot({ "train/loss": [3, 2, 1], accuracy: [0.5] }, { headline: ["train/loss"] }));
    await settled();
    expect(root()?.dataset).toMatchObject({ seq: "1", status: "Running", health: "live" });
    expect(text(".rd-name")).toBe("resnet");
    expect(text(".rd-tile-value")).toBe("1");
    expect(el.querySelector('.rd-chart[data-metric="train/loss"]')).not.toBeNull();
    expect(text(".rd-values tbody th")).toBe("accuracy");
    expect(model.wishes()).toContain("hello");
  });

  it("draws plainly, and says so, where bqplot cannot load", async () => {
    shown(snapshot({ loss: [3, 2, 1] }));
    await settled();
    const card = el.querySelector<HTMLElement>(".rd-chart");
    expect(card?.dataset.points).toBe("3");
    expect(text(".rd-notes")).toContain("bqplot could not be loaded");
  });

  it("reads on, and touches the chart with what is new", async () => {
    const model = shown(snapshot({ loss: [3, 2, 1] }));
    await settled();
    model.tell(delta(2, { appended: [[0, 2]] }), [packed(rows([0.5, 0.25], 3), 3)]);
    await settled();
    expect(el.querySelector<HTMLElement>(".rd-chart")?.dataset.points).toBe("5");
    expect(text(".rd-last")).toBe("0.25");
  });

  it("asks for the whole once when messages were lost", async () => {
    const model = shown(snapshot({ loss: [3, 2, 1] }));
    model.tell(delta(5));
    model.tell(delta(9));
    await settled();
    expect(model.wishes().filter((name) => name === "snapshot")).toHaveLength(1);
  });

  it("shows text from runs as text", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    shown(
      snapshot(
        { [evil]: [1, 2], [`${evil}/one`]: [1] },
        {
          run: { ...run, name: evil, experiment: evil, parameters: { [evil]: evil }, source: evil, user: evil },
          source: {
            name: evil,
            portal_url: "javascript:alert(1)",
            can_zoom: false,
            has_logs: true,
            selective: false,
            requests: null,
          },
          headline: [evil],
        },
      ),
    );
    await settled();
    expect(el.querySelector("img")).toBeNull();
    expect(el.querySelector("a")).toBeNull();
    expect(text(".rd-name")).toBe(evil);
    button("Parameters1").click();
    await settled();
    expect(el.querySelector("img")).toBeNull();
    expect(text(".rd-pairs tbody th")).toBe(evil);
  });

  it.each([
    [{ ...health, state: "loading" as const, message: "" }, {}, ".rd-age", "Reading the run…"],
    [{ ...health, remaining: 750_000 }, {}, ".rd-age", "reading history: 750,000 points to go, extremes not exact yet"],
    [
      { ...health, state: "stale" as const, message: "cannot reach the store.", since: null, retry_at: 1_020 },
      {},
      ".rd-banner",
      "Stale, retrying in 20 s: cannot reach the store.",
    ],
    [{ ...health, state: "gone" as const, message: "The run was deleted." }, {}, ".rd-banner", "The run was deleted."],
    [{ ...health, state: "ended" as const }, { status: "Completed", has_ended: true, ended: 995 }, ".rd-age", "ended "],
  ])("says how things stand: %#", async (state, changed, selector, words) => {
    shown(snapshot({ loss: [2, 1] }, { health: state, run: { ...run, ...changed } }));
    await settled();
    expect(text(selector)).toContain(words);
    expect(root()?.dataset.health).toBe(state.state);
  });

  it("says why there is no chart", async () => {
    shown(snapshot({}));
    await settled();
    expect(text(".rd-no-metrics")).toBe("No metrics yet: the run started 10 s ago.");
  });

  it("names the charts without a prefix where they follow others, and shows a single value once", async () => {
    const curves = Array.from({ length: 13 }, (_, index) => [`train/m${index}`, [2, 1]]);
    shown(snapshot({ ...Object.fromEntries(curves), epoch: [0, 1], parameters: [25] }));
    await settled();
    const heads = [...el.querySelectorAll(".rd-group-head")].map((head) => head.getAttribute("title"));
    expect(heads).toEqual(["Single values", "train", "Others"]);
    expect([...el.querySelectorAll(".rd-values tr > *")].map((cell) => cell.textContent)).toEqual([
      "Metric",
      "Value",
      "parameters",
      "25",
    ]);
  });

  it("counts down to 1 s, never to 0 s", () => {
    const stale = { kind: "stale" as const, message: "", since: null, retry_at: 1_000.2 };
    expect(sentence(stale, 1_000, null)).toBe("stale, retrying in 1 s");
    expect(sentence(stale, 1_001, null)).toBe("stale, retrying now");
  });

  it("waits in words before there is anything", async () => {
    shown(null);
    await settled();
    expect(root()?.dataset.health).toBe("loading");
    expect(el.textContent).toContain("Reading the run…");
  });

  it("pauses at once without the kernel, and says who waits", async () => {
    const model = shown(snapshot({ loss: [3, 2, 1] }));
    await settled();
    button("Pause").click();
    model.tell(delta(2, { appended: [[0, 1]] }), [packed(rows([0.5], 3), 3)]);
    await settled();
    expect(root()?.dataset.health).toBe("paused");
    expect(text(".rd-age")).toContain("1 update waiting");
    expect(model.wishes()).toContain("pause");
    vi.advanceTimersByTime(1_100);
    await settled();
    expect(text(".rd-waiting")).toBe("waiting for the kernel");
    const wish = model.sent.find((one) => one.wish === "pause");
    model.tell({ kind: "answer", id: wish?.id });
    await settled();
    expect(text(".rd-waiting")).toBe("");
    button("Resume").click();
    await settled();
    expect(root()?.dataset.health).toBe("live");
    expect(el.querySelector<HTMLElement>(".rd-chart")?.dataset.points).toBe("4");
  });

  it("says what to do when the kernel is gone", async () => {
    const model = shown(snapshot({ loss: [3, 2, 1] }));
    model.is_dead = true;
    await settled();
    button("Refresh").click();
    await settled();
    expect(root()?.dataset.health).toBe("disconnected");
    expect(text(".rd-banner")).toContain('Run the cell again, or RunDetails("0123456789abcdef").show()');
    expect(text(".rd-chip"), "nobody can tell whether it still runs").toContain("Running?");
    const lasted = text(".rd-duration");
    vi.advanceTimersByTime(5_000);
    expect(text(".rd-duration")).toBe(lasted);
    expect(el.querySelector(".rd-chart")).not.toBeNull();
  });

  it("has at most 60 cards of 12,000 metrics, and finds among them", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 12_000 }, (_, index) => [`layer${index % 200}/w${index}`, [1, 2]]),
    );
    shown(snapshot(many));
    await settled();
    expect(el.querySelectorAll(".rd-chart").length).toBeLessThanOrEqual(60);
    const search = el.querySelector<HTMLInputElement>(".rd-search");
    if (!search) throw new Error("There is no search.");
    search.value = "w11999";
    search.dispatchEvent(new Event("input", { bubbles: true }));
    await settled();
    expect(el.querySelectorAll(".rd-chart").length).toBe(1);
  });

  it("keeps keys to itself, and types none of them in the search", async () => {
    shown(snapshot({ loss: [3, 2, 1] }));
    await settled();
    const heard = vi.fn();
    document.addEventListener("keydown", heard);
    const press = (target: Element | null | undefined, key: string) =>
      target?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    press(root(), "t");
    await settled();
    expect(el.querySelector(".rd-chart")).toBeNull();
    press(el.querySelector(".rd-search"), "t");
    await settled();
    expect(el.querySelector(".rd-chart")).toBeNull();
    expect(heard).not.toHaveBeenCalled();
    document.removeEventListener("keydown", heard);
  });

  it("writes the twin into the notebook once, and tells the kernel", async () => {
    const outputs = [{ data: { "text/html": '<div class="rd-twin-k1">old</div>' } as Record<string, unknown> }];
    const model = shown(snapshot({ loss: [2, 1] }));
    const list = {
      length: 1,
      get: (index: number) => ({ toJSON: () => outputs[index] ?? { data: {} } }),
      set: (index: number, value: unknown) => {
        outputs[index] = value as (typeof outputs)[0];
      },
    };
    model.widget_manager = { context: { model: { cells: [{ outputs: list }] } } };
    model.tell({ kind: "twin", html: '<div class="rd-twin-k1">new</div>' });
    expect(outputs[0]?.data["text/html"]).toContain("new");
    expect(model.wishes()).toContain("twin_written");
  });

  it("leaves nothing behind", async () => {
    const model = shown(snapshot({ loss: [2, 1] }));
    await settled();
    expect(document.head.querySelectorAll("style").length).toBe(1);
    abort.abort();
    expect(el.children.length).toBe(0);
    expect(document.head.querySelectorAll("style").length).toBe(0);
    expect(model.wishes()).toContain("leave");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("The duration of a run", () => {
  it("is told of a clock that is an hour ahead", () => {
    expect(lasted(3_725)).toBe("1:02:05");
    expect(lasted(-5)).toBe("0:00:00");
    expect(lasted(-3_600)).toBe("– (the clock of the run is 1 h ahead)");
  });
});
