import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FindingFacts, InsightFacts, ProgressFacts, Snapshot, Wish } from "../../js/src/contract";
import widget from "../../js/src/index";
import { finding_label, how_far, range, share, stale_words, time_left } from "../../js/src/insight";
import { delta, run, snapshot } from "./messages";

const NOON = new Date(2024, 4, 1, 12, 0, 0).getTime() / 1_000;
const progress: ProgressFacts = {
  unit: "epoch",
  total: 90,
  current: 37,
  done: 36,
  since: null,
  earliest: NOON + 240,
  latest: NOON + 360,
  how: "The parameter epochs says how far it goes; the metric epoch counts.",
};
const limit: ProgressFacts = { ...progress, unit: "second", total: 600, current: null, done: null, since: NOON };
const found: FindingFacts = {
  kind: "divergence",
  severity: "serious",
  metric: "loss",
  step: 1_200,
  time: NOON,
  sentence: "loss rose from 0.1 around step 1,000 to 3.",
  rule: "It lost what it had gained.",
};

describe("Words", () => {
  it.each([
    [240, 360, "4–6 min"],
    [270, 275, "5 min"],
    [22, 41, "20–40 s"],
    [40, 130, "40 s – 2 min"],
    [1, 2, "5 s"],
    [7_200, 10_000, "2–2.8 h"],
    [200_000, 400_000, "2–5 d"],
  ])("for %d to %d s: %s", (low, high, words) => {
    expect(range(low, high)).toBe(words);
  });

  it("count down, and say when the estimate was too short", () => {
    expect(time_left(progress, NOON)).toBe("about 4–6 min left, ≈ 12:05");
    expect(time_left(progress, NOON + 120)).toBe("about 2–4 min left, ≈ 12:05");
    expect(time_left(progress, NOON + 300)).toBe("up to 1 min left");
    expect(time_left(progress, NOON + 400)).toBe("longer than estimated");
    expect(time_left({ ...progress, earliest: null, latest: null }, NOON)).toBe("");
    expect(time_left({ ...limit, earliest: null, latest: NOON + 600 }, NOON)).toBe("up to 10 min left");
  });

  it("say how far it is, and when it went on", () => {
    expect(how_far(progress, NOON)).toBe("epoch 37 of 90");
    expect(how_far({ ...progress, current: 103, done: 90 }, NOON)).toBe("epoch 103, past its 90");
    expect(how_far(limit, NOON + 60)).toBe("0:01:00 of at most 0:10:00");
    expect(how_far(limit, NOON + 700)).toBe("past its limit of 0:10:00");
    expect([
      share(progress, NOON),
      share(limit, NOON + 60),
      share(limit, NOON + 9_999),
      share(limit, NOON - 9),
    ]).toEqual([0.4, 0.1, 1, 0]);
  });

  it("name findings and the dead", () => {
    expect(finding_label(found, NOON)).toBe("Diverging");
    expect(finding_label({ ...found, kind: "silence" }, NOON + 150)).toBe("Silent for 2 min");
    expect(
      stale_words({ last_seen: NOON, is_guess: true, why: "a guess: it logged every 4 s before" }, NOON + 7_300),
    ).toContain("Stale, last seen 2 h ago (a guess: it logged every 4 s before).");
  });
});

class FakeModel {
  sent: Wish[] = [];
  is_dead = false;
  private readonly listeners = new Map<string, ((...parts: never[]) => void)[]>();
  constructor(private readonly whole: Snapshot) {}
  get = (name: string) => (name === "_snapshot" ? this.whole : undefined);
  on(name: string, callback: (...parts: never[]) => void) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), callback]);
  }
  off() {}
  send(wish: unknown) {
    if (this.is_dead) throw new Error("Cannot send");
    this.sent.push(wish as Wish);
  }
  tell(message: unknown) {
    for (const listener of this.listeners.get("msg:custom") ?? []) listener(message as never, [] as never);
  }
  cancels = () => this.sent.filter(({ wish }) => wish === "cancel");
}

let abort: AbortController;
let el: HTMLElement;
beforeEach(() => {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  abort = new AbortController();
  el = document.createElement("div");
  document.body.appendChild(el);
});
afterEach(() => {
  abort.abort();
  el.remove();
});

/** After a while, and after what effects it may have had: on a busy machine they come later than that. */
const settled = async () => {
  await new Promise((resolve) => setTimeout(resolve, 30));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
};
const text = (selector: string) => el.querySelector(selector)?.textContent ?? "";
const button = (words: string, inside = "") =>
  [...el.querySelectorAll<HTMLButtonElement>(`${inside} button`)].find((one) => one.textContent?.trim() === words);

function shown(insight: Partial<InsightFacts>, changed: Partial<Snapshot> = {}): FakeModel {
  const whole = { progress: null, findings: { shown: [], more: 0 }, stale: null, ...insight };
  const model = new FakeModel(
    snapshot(
      { loss: [2, 1] },
      {
        now: NOON,
        at: NOON,
        run: { ...run, started: NOON - 600, can_cancel: true },
        insight: whole,
        ...changed,
      },
    ),
  );
  const view = widget();
  view.initialize({ model });
  view.render({ model, el, signal: abort.signal });
  return model;
}

describe("A view", () => {
  it("shows progress, and parts that a delta leaves out stay", async () => {
    const model = shown({ progress, findings: { shown: [found], more: 3 } });
    await settled();
    expect(text(".rd-progress")).toContain("Epoch 37 of 90 · about 4–6 min left");
    expect(el.querySelector(".rd-done")?.getAttribute("aria-valuenow")).toBe("40");
    expect(text(".rd-finding-chips")).toContain("+3 more");
    model.tell(delta(2, { now: NOON, insight: { progress: { ...progress, current: 46, done: 45 } } }));
    await settled();
    expect(text(".rd-progress")).toContain("Epoch 46 of 90");
    expect(el.querySelector(".rd-done")?.getAttribute("aria-valuenow")).toBe("50");
    expect(text(".rd-finding")).toContain("Diverging");
    model.tell(delta(3, { now: NOON, insight: { progress: null, findings: { shown: [], more: 0 } } }));
    await settled();
    expect(text(".rd-progress")).toBe("Time left unknown");
    expect(el.querySelector(".rd-findings")).toBeNull();
  });

  it("opens a finding's words and rule, as text", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    shown({ findings: { shown: [{ ...found, metric: evil, sentence: `${evil} rose.` }], more: 0 } });
    await settled();
    const chip = el.querySelector<HTMLButtonElement>(".rd-finding");
    expect(chip?.textContent).toContain("step 1,200");
    chip?.click();
    await settled();
    expect(chip?.getAttribute("aria-expanded")).toBe("true");
    expect(text(".rd-finding-words")).toContain(`${evil} rose. Rule: It lost what it had gained.`);
    expect(el.querySelector("img")).toBeNull();
    expect(button("Show chart"), "there is no such metric").toBeUndefined();
  });

  it("doubts a run that shows no sign of life", async () => {
    shown({ stale: { last_seen: NOON - 7_200, is_guess: true, why: "a guess: it logged every 4 s before" } });
    await settled();
    expect(text(".rd-chip")).toContain("Running?");
    expect(text(".rd-stale")).toContain("Stale, last seen 2 h ago (a guess: it logged every 4 s before).");
    expect(text(".rd-progress")).toBe("");
  });

  it("cancels once, after a question, and shows what was said", async () => {
    const model = shown({});
    await settled();
    button("Cancel run")?.click();
    await settled();
    expect(document.activeElement?.textContent).toBe("Keep running");
    button("Keep running")?.click();
    await settled();
    expect(model.cancels()).toHaveLength(0);
    expect(document.activeElement?.textContent).toBe("Cancel run");
    button("Cancel run")?.click();
    await settled();
    const sure = button("Cancel run", ".rd-question");
    sure?.click();
    sure?.click();
    await settled();
    expect(model.cancels()).toHaveLength(1);
    expect(button("Cancel run")).toBeUndefined();
    model.tell({ kind: "answer", id: model.cancels()[0]?.id, said: "The run ends within 5 s." });
    await settled();
    expect(text(".rd-cancel-note")).toContain("The run ends within 5 s.");
    model.tell(delta(2, { run: { ...run, status: "Canceled", has_ended: true, ended: NOON } }));
    await settled();
    expect(text(".rd-cancel-note")).toBe("");
  });

  it("says why a run was not cancelled, and offers it again", async () => {
    const model = shown({});
    await settled();
    button("Cancel run")?.click();
    await settled();
    button("Cancel run", ".rd-question")?.click();
    model.tell({ kind: "answer", id: model.cancels()[0]?.id, error: "The server refused." });
    await settled();
    expect(text(".rd-cancel-note")).toContain("The run was not cancelled: The server refused.");
    expect(button("Cancel run")).toBeDefined();
  });

  it("says that a kernel which is gone cannot cancel", async () => {
    const model = shown({});
    await settled();
    button("Cancel run")?.click();
    await settled();
    model.is_dead = true;
    button("Cancel run", ".rd-question")?.click();
    await settled();
    expect(text(".rd-cancel-note")).toContain("The kernel is gone");
  });

  it("offers no end where there is none to ask for", async () => {
    shown({}, { run: { ...run, started: NOON - 600, can_cancel: false } });
    await settled();
    expect(button("Cancel run")).toBeUndefined();
  });
});
