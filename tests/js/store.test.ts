import { beforeEach, describe, expect, it, vi } from "vitest";
import { Clock } from "../../js/src/clock";
import { Store } from "../../js/src/store";
import { delta, facts, health, packed, rows, run, snapshot } from "./messages";

let missed: ReturnType<typeof vi.fn>;
let store: Store;

beforeEach(() => {
  missed = vi.fn();
  store = new Store(missed as () => void, new Clock(() => 1_000));
  store.load(snapshot({ loss: [3, 2, 1], accuracy: [0.5] }));
});

const values = (name: string) => Array.from(store.metric(name)?.series.kept.points.value ?? []);
const grown = (seq: number, ...added: number[]) =>
  [delta(seq, { appended: [[0, added.length]] }), [packed(rows(added, 3), 3)]] as const;

describe("A store", () => {
  it("starts from the snapshot", () => {
    expect(store.names.value).toEqual(["loss", "accuracy"]);
    expect(values("loss")).toEqual([3, 2, 1]);
    expect(values("accuracy")).toEqual([0.5]);
    expect(store.condition.value).toEqual({ kind: "live", message: "", remaining: 0 });
  });

  it("reads buffers that begin anywhere", () => {
    const bytes = new Uint8Array(3 + 3 * 8);
    new DataView(bytes.buffer).setFloat64(3 + 16, 0.5, true);
    store.apply(delta(2, { appended: [[0, 1]] }), [new DataView(bytes.buffer, 3)]);
    expect(values("loss")).toEqual([3, 2, 1, 0.5]);
  });

  it("appends what is new and touches only what moved", () => {
    const still = store.metric("accuracy")?.changed.value;
    store.apply(...grown(2, 0.5, 0.4));
    expect(values("loss")).toEqual([3, 2, 1, 0.5, 0.4]);
    expect(store.metric("accuracy")?.changed.value).toBe(still);
    expect(store.seq.value).toBe(2);
  });

  it("ignores what it has already", () => {
    store.apply(...grown(2, 0.5));
    store.apply(...grown(2, 0.5));
    expect(values("loss")).toEqual([3, 2, 1, 0.5]);
    expect(missed).not.toHaveBeenCalled();
  });

  it("asks for the whole when a message was lost, and goes on meanwhile", () => {
    store.apply(...grown(4, 0.5));
    expect(missed).toHaveBeenCalledTimes(1);
    expect(store.is_catching_up.value).toBe(true);
    expect(values("loss")).toContain(0.5);
  });

  it("takes the whole it asked for, though its number is the last one's", () => {
    store.apply(...grown(4, 0.5));
    const whole = [9, 8, 7, 6];
    const message = delta(4, { reset: true, series: [facts(5, "loss", whole)], run, health });
    store.apply(message, [packed([], 3), packed(rows(whole), 4)]);
    expect(values("loss")).toEqual(whole);
    expect(store.names.value).toEqual(["loss"]);
    expect(store.is_catching_up.value).toBe(false);
    store.apply(delta(5, { appended: [[5, 1]] }), [packed(rows([5], 4), 3)]);
    expect(values("loss")).toEqual([9, 8, 7, 6, 5]);
  });

  it("asks when only a sign of life shows that something was lost", () => {
    store.alive({ kind: "alive", seq: 1, now: 1_020, at: 1_019 });
    expect(store.at.value).toBe(1_019);
    expect(missed).not.toHaveBeenCalled();
    store.alive({ kind: "alive", seq: 3, now: 1_020, at: 1_019 });
    expect(missed).toHaveBeenCalled();
  });

  it("adds new metrics at the end", () => {
    const message = delta(2, { series: [facts(2, "new", [7])], appended: [[0, 1]] });
    store.apply(message, [packed(rows([0], 3), 3), packed(rows([7]), 4)]);
    expect(store.names.value).toEqual(["loss", "accuracy", "new"]);
    expect(values("new")).toEqual([7]);
    expect(values("loss")).toEqual([3, 2, 1, 0]);
  });

  it("freezes at once when paused, counts what waits, and shows it on resume", () => {
    store.pause();
    store.apply(...grown(2, 0.5));
    store.apply(delta(3, { health: { ...health, state: "paused", since: 1_000 } }), []);
    expect(values("loss")).toEqual([3, 2, 1]);
    expect(store.condition.value).toEqual({ kind: "paused", since: 1_000, waiting: 2 });
    store.resume();
    expect(values("loss")).toEqual([3, 2, 1, 0.5]);
    expect(store.condition.value.kind).toBe("live");
    expect(missed).not.toHaveBeenCalled();
  });

  it("asks for the whole when too much waited", () => {
    store.pause();
    for (let seq = 2; seq < 600; seq++) store.apply(...grown(seq, 1));
    store.resume();
    expect(missed).toHaveBeenCalled();
    expect(store.metric("loss")?.series.count).toBe(503);
  });

  it("says that the kernel is gone, until it is heard again", () => {
    store.disconnect();
    expect(store.condition.value).toEqual({ kind: "disconnected", since: 1_000 });
    store.apply(...grown(2, 1));
    expect(store.condition.value.kind).toBe("live");
  });

  it("misses no kernel once the run has ended", () => {
    store.apply(delta(2, { health: { ...health, state: "ended" } }), []);
    store.disconnect();
    expect(store.condition.value.kind).toBe("ended");
  });

  it("knows the latest value of a series whose points were not read, and catches up", () => {
    store.apply(delta(2, { latest: [{ id: 0, step: 50, time: 500, value: "NaN" }] }), []);
    const series = store.metric("loss")?.series;
    expect(series?.stats.last).toBeNaN();
    expect(series?.stats.last_step).toBe(50);
    expect(series?.is_behind).toBe(true);
    const before = series?.count ?? 0;
    store.apply(delta(3, { appended: [[0, 2]] }), [packed(rows([0.2, 0.1], 49), 3)]);
    expect(series?.is_behind).toBe(false);
    expect(series?.count).toBe(before + 2);
  });

  it("says what the server is asked for", () => {
    expect(store.requests.value).toBeNull();
    store.apply(delta(2, { requests: 7.5 }), []);
    expect(store.requests.value).toBe(7.5);
    store.alive({ kind: "alive", seq: 2, now: 1, at: 1, requests: 3 });
    expect(store.requests.value).toBe(3);
  });

  it("learns later where a browser shows the run, also while it is paused", () => {
    store.pause();
    store.alive({ kind: "alive", seq: 1, now: 1, at: 1, portal_url: "https://mlflow.example/r" });
    expect(store.source.value?.portal_url).toBe("https://mlflow.example/r");
  });

  it("says that the line to Jupyter is down, and asks for what it missed meanwhile", () => {
    expect(store.line_is(true)).toBe(false);
    store.line_is(false);
    expect(store.condition.value.kind).toBe("offline");
    expect(store.line_is(true)).toBe(true);
    expect(store.condition.value.kind).toBe("live");
    store.compare(1);
    expect(missed).not.toHaveBeenCalled();
    store.compare(4);
    expect(missed).toHaveBeenCalledOnce();
    expect(store.is_catching_up.value).toBe(true);
  });
});
