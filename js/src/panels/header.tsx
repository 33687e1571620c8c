import { age, counted, moment, short_id } from "../format";
import { is_experiment, lasted, sentence, status_words } from "../sentences";
import { CancelButton, CancelNote } from "./cancel";
import { FailureLine } from "./failure";
import { Findings, ProgressBar, ProgressFact, StaleNote } from "./insight";
import { Copy, Ticking, useView } from "./parts";

/** Only pages are linked to: a run may carry any text as its address. */
const web_address = (url: string | null | undefined) => (url && /^https?:\/\//i.test(url) ? url : null);

function Chip({ status }: { status: string }) {
  const { store } = useView();
  const said = store.is_forgotten.value
    ? { icon: "✓", text: "All trials ended", tone: "good" as const }
    : status_words(status);
  const is_doubtful = (store.stale.value !== null || store.is_unknown.value) && !store.run.value?.has_ended;
  const { icon, text, tone } = is_doubtful ? { icon: "!", text: `${said.text}?`, tone: "warn" } : said;
  return (
    <span
      class={`rd-chip rd-${tone}`}
      title={store.is_forgotten.value ? `The store says ${status}: nobody has ended the run itself.` : undefined}
    >
      <i aria-hidden="true">{icon}</i>
      {text}
    </span>
  );
}

/** What needs a whole line. */
const TOLD_BELOW: readonly string[] = ["stale", "gone", "offline", "disconnected"];

/** How fresh the data are, in words that the clock changes. */
function Freshness() {
  const { store } = useView();
  const condition = store.condition.value;
  const run = store.run.value;
  const at = store.at.value;
  const text = () => {
    const now = store.clock.now();
    if (store.is_catching_up.value && condition.kind === "live")
      return "some updates were missed: asking for the whole";
    return (
      sentence(condition, now, run) || (at === null ? "" : now - at < 1 ? "updated now" : `updated ${age(now - at)}`)
    );
  };
  // What needs a whole line has one below: see Banner.
  const is_told_below = TOLD_BELOW.includes(condition.kind);
  if (is_told_below)
    return <span class="rd-age rd-warn">{condition.kind === "disconnected" ? "kernel gone" : condition.kind}</span>;
  return (
    <span class="rd-age rd-secondary">
      <Ticking text={text} />
    </span>
  );
}

function Banner() {
  const { store } = useView();
  const condition = store.condition.value;
  const run = store.run.value;
  if (!TOLD_BELOW.includes(condition.kind)) return null;
  return (
    <p class="rd-banner">
      <i aria-hidden="true">!</i>
      <Ticking text={() => capital(sentence(condition, store.clock.now(), run))} />
    </p>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function Waiting() {
  const { wishes } = useView();
  if (!wishes.waiting.value.length) return null;
  return (
    <span class="rd-waiting rd-secondary" title="The kernel answers when its cell is done">
      waiting for the kernel
    </span>
  );
}

function Controls() {
  const view = useView();
  const { kind } = view.store.condition.value;
  const is_paused = kind === "paused";
  const is_over = kind === "ended" || kind === "disconnected";
  const portal = web_address(view.store.source.value?.portal_url);
  return (
    <>
      {!is_over && (
        <button
          type="button"
          class="rd-quiet rd-pause"
          aria-pressed={is_paused}
          title={is_paused ? "Resume" : "Pause: freeze this view and stop reading"}
          onClick={() => (is_paused ? view.resume() : view.pause())}
        >
          {is_paused ? "Resume" : "Pause"}
        </button>
      )}
      {!is_over && (
        <button
          type="button"
          class="rd-quiet rd-refresh"
          title="Read the run now"
          onClick={() => void view.wishes.wish(view.id, "refresh")}
        >
          Refresh
        </button>
      )}
      {kind !== "disconnected" && <CancelButton />}
      {portal && (
        <a class="rd-button rd-portal" href={portal} target="_blank" rel="noopener noreferrer">
          Portal ↗
        </a>
      )}
      <button
        type="button"
        class="rd-quiet rd-help-button"
        aria-label="Keys"
        title="Keys (?)"
        aria-expanded={view.is_help_open.value}
        onClick={() => {
          view.is_help_open.value = !view.is_help_open.value;
        }}
      >
        ?
      </button>
    </>
  );
}

/** Says changes of state to those who listen; ages and countdowns are not read out. */
function Announcement() {
  const { store } = useView();
  const run = store.run.value;
  const { kind } = store.condition.value;
  const { shown, more } = store.findings.value;
  const found = shown.length ? `, ${counted(shown.length + more, "finding")}` : "";
  const doubt = store.stale.value ? ", likely dead" : "";
  return (
    <span class="rd-unseen" role="status" aria-live="polite">
      {run ? `${status_words(run.status).text}, ${kind}${doubt}${found}` : "Reading the run"}
    </span>
  );
}

export function Header() {
  const { store } = useView();
  const run = store.run.value;
  return (
    <header>
      <div class="rd-head">
        <div class="rd-who">
          {run && <Chip status={run.status} />}
          {run && (
            <h3 class="rd-name" title={run.name || run.id}>
              <bdi>{run.name || run.id}</bdi>
            </h3>
          )}
          {run?.experiment && !is_experiment(run) && (
            <span class="rd-experiment rd-secondary" title={`Experiment ${run.experiment}`}>
              <bdi>{run.experiment}</bdi>
            </span>
          )}
          {run && (
            <span class="rd-id rd-mono rd-secondary" title={run.id}>
              {is_experiment(run) ? "" : short_id(run.id)} <Copy text={run.id} what="run ID" />
            </span>
          )}
        </div>
        <div class="rd-controls">
          <Waiting />
          <Freshness />
          <Controls />
        </div>
      </div>
      <ProgressBar />
      <Banner />
      <FailureLine />
      <Detail />
      <StaleNote />
      <CancelNote />
      <Facts />
      <Findings />
      <Announcement />
    </header>
  );
}

/** What is said about the run's state: its place in a queue, why it was stopped. */
function Detail() {
  const { store } = useView();
  const detail = store.run.value?.detail;
  if (!detail) return null;
  return (
    <p class="rd-detail">
      <bdi>{detail}</bdi>
    </p>
  );
}

function Facts() {
  const { store } = useView();
  const run = store.run.value;
  if (!run) return null;
  const { started, ended } = run;
  const is_forgotten = store.is_forgotten.value;
  const end = ended ?? (is_forgotten ? store.children.last_end() : null);
  const until = () => end ?? (store.is_unknown.value ? store.at.value : null) ?? store.clock.now();
  const duration = () => lasted(until() - (started ?? 0));
  return (
    <div class="rd-facts">
      {started !== null && (
        <span>
          Started <b>{moment(started, store.clock.now(), true)}</b>
        </span>
      )}
      {started !== null && (
        <span class="rd-duration">
          Duration{" "}
          <b>{end === null && !run.has_ended ? <Ticking text={duration} /> : end === null ? "–" : duration()}</b>
        </span>
      )}
      {started === null && <span>{is_experiment(run) ? "No runs yet" : "Not started yet"}</span>}
      {!is_experiment(run) && !is_forgotten && <ProgressFact />}
      {run.type && run.type !== "run" && (
        <span>
          Type <b>{run.type}</b>
        </span>
      )}
      {run.source && (
        <span class="rd-fact" title={run.source}>
          Source <b class="rd-mono">{run.source}</b>
        </span>
      )}
      {run.user && (
        <span class="rd-fact" title={run.user}>
          User <b>{run.user}</b>
        </span>
      )}
    </div>
  );
}
