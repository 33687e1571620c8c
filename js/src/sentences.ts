import type { RunFacts } from "./contract";
import { clock_time, count, counted, duration, moment, span } from "./format";
import type { Condition } from "./store";

export type Tone = "run" | "good" | "bad" | "warn" | "calm";

/** Sign, words and colour of a status. */
export function status_words(status: string): { icon: string; text: string; tone: Tone } {
  const text = status.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
  switch (status) {
    case "Running":
    case "Finalizing":
      return { icon: "●", text, tone: "run" };
    case "Completed":
      return { icon: "✓", text, tone: "good" };
    case "Failed":
      return { icon: "✕", text, tone: "bad" };
    case "NotResponding":
    case "CancelRequested":
      return { icon: "!", text, tone: "warn" };
    case "Canceled":
      return { icon: "⊘", text, tone: "calm" };
    case "Paused":
      return { icon: "‖", text, tone: "calm" };
    default:
      return { icon: "○", text, tone: "calm" };
  }
}

const after = (message: string) => (message ? `: ${message}` : "");

/** What the header says of the data, in words. `now` is the kernel's clock; empty where the age says it all. */
export function sentence(condition: Condition, now: number, run: RunFacts | null): string {
  switch (condition.kind) {
    case "loading":
      return condition.message || "Reading the run…";
    case "live":
      return condition.remaining > 0
        ? `reading history: ${count(condition.remaining)} points to go, extremes not exact yet`
        : "";
    case "stale": {
      const { since, retry_at, message } = condition;
      const left =
        retry_at === null ? "" : retry_at > now ? `, retrying in ${span(Math.ceil(retry_at - now))}` : ", retrying now";
      return `stale${since === null ? "" : ` since ${moment(since, now)}`}${left}${after(message)}`;
    }
    case "paused": {
      const { since, waiting } = condition;
      const held = waiting ? `, ${counted(waiting, "update")} waiting` : "";
      return `paused${since === null ? "" : ` at ${moment(since, now)}`}${held}`;
    }
    case "gone": {
      const { since, message } = condition;
      if (message) return message;
      return `The run is no longer in the store${since === null ? "" : `: data as of ${moment(since, now)}`}.`;
    }
    case "offline":
      return `No connection to Jupyter since ${clock_time(condition.since)}: data as of then. It goes on by itself when the connection is back.`;
    case "disconnected":
      return `Kernel gone since ${clock_time(condition.since)}: data as of then. Run the cell again, or RunDetails(${JSON.stringify(run?.id ?? "…")}).show()`;
    case "ended":
      if (condition.message) return condition.message;
      return run?.ended ? `ended ${moment(run.ended, now)}` : "ended";
  }
}

/** Whether all runs of an experiment are shown, in place of one run and those below it. */
export const is_experiment = (run: RunFacts | null): boolean => run?.id.startsWith("experiment:") ?? false;

/** How long a run has lasted, in seconds, in words: less than nothing when the clock that stamped its start is ahead. */
export function lasted(seconds: number): string {
  return seconds < -60 ? `– (the clock of the run is ${span(-seconds)} ahead)` : duration(seconds);
}

/** Why there is no chart to see. */
export function no_metrics(run: RunFacts | null, now: number): string {
  if (!run) return "Reading the run…";
  if (run.has_ended) return "This run has no metrics.";
  if (run.started === null) return "No metrics yet: the run has not started.";
  return `No metrics yet: the run started ${span(now - run.started)} ago.`;
}
