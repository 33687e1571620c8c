import type { DeltaMessage, Health, RunFacts, SeriesFacts, Snapshot } from "../../js/src/contract";

/** Points as the kernel packs them: column after column. */
export function packed(rows: readonly (readonly number[])[], columns: number): DataView {
  const numbers = new Float64Array(rows.length * columns);
  rows.forEach((row, index) => {
    for (let column = 0; column < columns; column++) numbers[column * rows.length + index] = row[column] ?? 0;
  });
  return new DataView(numbers.buffer);
}

/** Rows of step, time, value, ordinal for these values. */
export const rows = (values: readonly number[], from = 0) =>
  values.map((value, index) => [from + index, 1_000 + from + index, value, from + index]);

export const run: RunFacts = {
  id: "0123456789abcdef",
  name: "resnet",
  experiment: "digits",
  type: "",
  status: "Running",
  has_ended: false,
  created: 900,
  started: 990,
  ended: null,
  parameters: { lr: "0.1" },
  tags: { team: "vision", "mlflow.user": "ann" },
  source: "train.py",
  user: "ann",
  parent: null,
  detail: "",
  can_cancel: false,
  logged: [],
  fitted: [],
};

export const health: Health = {
  state: "live",
  message: "",
  since: null,
  retry_at: null,
  read_every: [10, 15],
  remaining: 0,
};

export const facts = (id: number, name: string, values: readonly number[]): SeriesFacts => ({
  id,
  name,
  goal: name.includes("loss") ? "min" : null,
  count: values.length,
  kept: values.length,
  width: 1,
});

export function snapshot(metrics: Record<string, readonly number[]>, changed: Partial<Snapshot> = {}): Snapshot {
  const entries = Object.entries(metrics);
  return {
    seq: 1,
    epoch: "a",
    key: "k1",
    version: "0.1",
    now: 1_000,
    at: 1_000,
    run,
    source: {
      name: "memory",
      portal_url: null,
      can_zoom: false,
      has_logs: true,
      selective: false,
      requests: null,
    },
    health,
    headline: [],
    insight: { progress: null, findings: { shown: [], more: 0 }, stale: null },
    series: entries.map(([name, values], index) => facts(index, name, values)),
    whole: packed(
      entries.flatMap(([, values]) => rows(values)),
      4,
    ),
    ...changed,
  };
}

export const delta = (seq: number, changed: Partial<DeltaMessage> = {}): DeltaMessage => ({
  kind: "delta",
  seq,
  now: 1_010,
  at: 1_010,
  ...changed,
});
