import type { FindingFacts, ProgressFacts, StaleFacts } from "./contract";
import { age, clock_time, count, duration, span } from "./format";
import type { Tone } from "./sentences";

/** "20 s", "4 min", "1.5 h", "3 d": rounded as an estimate deserves. */
function about(seconds: number): [number, string] {
  if (seconds < 50) return [Math.max(5, Math.round(seconds / 5) * 5), "s"];
  if (seconds < 5_400) return [Math.max(1, Math.round(seconds / 60)), "min"];
  if (seconds < 36_000) return [Math.round(seconds / 360) / 10, "h"];
  if (seconds < 172_800) return [Math.round(seconds / 3_600), "h"];
  return [Math.round(seconds / 86_400), "d"];
}

/** "4–6 min", or "50 s – 2 min" where the units differ. */
export function range(low: number, high: number): string {
  const [first, unit] = about(low);
  const [last, last_unit] = about(high);
  if (unit !== last_unit) return `${first} ${unit} – ${last} ${last_unit}`;
  return first === last ? `${last} ${unit}` : `${first}–${last} ${unit}`;
}

/** What is left, as the clock runs; empty when nothing is known. */
export function time_left({ earliest, latest }: ProgressFacts, now: number): string {
  if (latest === null) return "";
  if (latest <= now) return "longer than estimated";
  const at = `≈ ${clock_time(((earliest ?? latest) + latest) / 2)}`;
  if (earliest === null || earliest <= now) return `up to ${range(latest - now, latest - now)} left`;
  return `about ${range(earliest - now, latest - now)} left, ${at}`;
}

/** How much is done, between 0 and 1. */
export function share({ done, total, since }: ProgressFacts, now: number): number {
  const gone = done ?? (since === null ? 0 : now - since);
  return Math.min(1, Math.max(0, gone / total));
}

/** "epoch 37 of 90", "12 min of at most 30 min", "epoch 103, past its 90". */
export function how_far({ unit, total, current, since }: ProgressFacts, now: number): string {
  if (current === null)
    return since !== null && now - since > total
      ? `past its limit of ${duration(total)}`
      : `${duration(since === null ? 0 : now - since)} of at most ${duration(total)}`;
  const what = `${unit} ${count(Math.floor(current))}`;
  return current > total ? `${what}, past its ${count(total)}` : `${what} of ${count(total)}`;
}

const LABELS: Record<FindingFacts["kind"], string> = {
  not_finite: "NaN or inf",
  divergence: "Diverging",
  gap: "Overfitting",
  throughput: "Slower",
  silence: "Silent",
  plateau: "Plateau",
};

const SIGNS: Record<FindingFacts["severity"], { icon: string; tone: Tone; words: string }> = {
  serious: { icon: "✕", tone: "bad", words: "Serious" },
  warning: { icon: "!", tone: "warn", words: "Warning" },
  info: { icon: "i", tone: "calm", words: "Note" },
};

export const finding_label = ({ kind, time }: FindingFacts, now: number): string =>
  kind === "silence" && time !== null ? `${LABELS[kind]} for ${span(now - time)}` : LABELS[kind];

export const finding_sign = ({ severity }: FindingFacts) => SIGNS[severity];

export const finding_key = ({ kind, metric }: FindingFacts): string => `${kind} ${metric ?? ""}`;

/** "Stale, last seen 2 h ago (a guess: it logged every 4 s before)." */
export function stale_words(stale: StaleFacts, now: number): string {
  const next = "Its process may have died without saying so; whoever runs it can tell.";
  return `Stale, last seen ${age(now - stale.last_seen)} (${stale.why}). ${next}`;
}
