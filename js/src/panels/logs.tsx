import { useEffect, useMemo, useRef } from "preact/hooks";
import type { LogFileFacts } from "../contract";
import { bytes_text, count, counted } from "../format";
import { DOWNLOAD_AT_MOST, type LogDesk } from "../logs/desk";
import { matches } from "../logs/marks";
import { purpose } from "../logs/names";
import type { Condition } from "../store";
import { LogLines } from "./log_lines";
import { useView } from "./parts";

/** Log files of the run: the list, and the text of one. */
export function Logs() {
  const { logs } = useView();
  useEffect(() => {
    void logs.begin();
    return () => logs.end();
  }, [logs]);
  const files = logs.files.value;
  const has_text = logs.path.value !== "";
  return (
    <div class="rd-logs">
      {has_text && <Tools />}
      <div class="rd-log-body">
        {files && files.length > 1 && <Files files={files} />}
        <div class="rd-log-main">
          {logs.note.value && (
            <p class="rd-log-note" role="status">
              {logs.note.value}
            </p>
          )}
          {has_text ? <LogLines key={logs.path.value} /> : <Nothing />}
          {has_text && <Status />}
        </div>
      </div>
    </div>
  );
}

function Nothing() {
  const { logs, store, wishes } = useView();
  if (logs.note.value) return null;
  if (!logs.files.value && wishes.waiting.value.includes("logs"))
    return <p class="rd-empty">Waiting for the kernel: it lists the log files when its cell is done.</p>;
  if (!logs.files.value) return <p class="rd-empty">Looking for log files…</p>;
  if (store.run.value?.has_ended) return <p class="rd-empty">This run has no log files.</p>;
  return (
    <p class="rd-empty rd-no-logs">
      No log files yet: what the run writes to <code>*.log</code> or <code>*.txt</code> among its artifacts shows up
      here as it grows, for example after <code>mlflow.log_artifact("train.log", "logs")</code>.
    </p>
  );
}

function Files({ files }: { files: readonly LogFileFacts[] }) {
  const { logs } = useView();
  const path = logs.path.value;
  return (
    <>
      <select
        class="rd-log-select"
        aria-label="Log file"
        value={path}
        onChange={(event) => void logs.open(event.currentTarget.value)}
      >
        {files.map((file) => (
          <option key={file.path} value={file.path}>
            {file.path}
          </option>
        ))}
      </select>
      <ul class="rd-log-files" aria-label="Log files">
        {files.map((file) => (
          <li key={file.path}>
            <button
              type="button"
              aria-current={file.path === path ? "true" : undefined}
              title={file.path}
              onClick={() => void logs.open(file.path)}
            >
              <span class="rd-log-path">
                <bdi dir="ltr">{file.path}</bdi>
              </span>
              <span class="rd-secondary">{file.size === null ? "" : bytes_text(file.size)}</span>
              {purpose(file.path) && <em>{purpose(file.path)}</em>}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Lines that the query finds in what is loaded, by place. */
function useMatches(logs: LogDesk): readonly number[] {
  const query = logs.query.value;
  const changed = logs.changed.value;
  // `changed` stands for what is in the text.
  return useMemo(
    () => (query ? logs.text.lines.flatMap((line, index) => (matches(line.text, query).length ? [index] : [])) : []),
    [logs, logs.text, query, changed],
  );
}

function Find() {
  const { logs } = useView();
  const found = useMatches(logs);
  const { text } = logs;
  const query = logs.query.value;
  const here = text.lines.length && logs.target.value ? text.line_at(logs.target.value.offset) : -1;
  const place = found.indexOf(here);
  /** What is loaded first, then the rest of the file; at its end from the start again. */
  const go = (back: boolean) => {
    const next = back ? found.findLast((index) => here < 0 || index < here) : found.find((index) => index > here);
    const line = next === undefined ? undefined : text.lines[next];
    if (line) return logs.go_to(line.start);
    if (back ? text.start > 0 : !text.is_at_end) return logs.find_text(back ? text.start : text.end, back);
    const around = text.lines[found.at(back ? -1 : 0) ?? -1];
    if (back ? text.is_at_end : text.start === 0) return around && logs.go_to(around.start);
    return logs.find_text(back ? text.size : 0, back);
  };
  return (
    <span class="rd-log-find">
      <input
        class="rd-search"
        type="search"
        value={query}
        placeholder="Search the log"
        aria-label="Search the log"
        title="Enter: next, Shift+Enter: previous. What is not loaded is searched too."
        spellcheck={false}
        onInput={(event) => {
          logs.query.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && query) void go(event.shiftKey);
        }}
      />
      {query && (
        <>
          <span class="rd-log-count" aria-live="polite">
            {place >= 0 ? `${count(place + 1)} of ${count(found.length)}` : counted(found.length, "line")}
            {text.start > 0 || !text.is_at_end ? " loaded" : ""}
          </span>
          <button type="button" class="rd-quiet" aria-label="Previous" title="Previous" onClick={() => void go(true)}>
            ↑
          </button>
          <button type="button" class="rd-quiet" aria-label="Next" title="Next" onClick={() => void go(false)}>
            ↓
          </button>
        </>
      )}
    </span>
  );
}

function Download() {
  const { logs, store } = useView();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const fetched = logs.fetched.value;
  const size = logs.text.size;
  const path = logs.path.value;
  const save = async () => {
    if (fetched !== null) {
      logs.fetched.value = null;
      return;
    }
    if (size > DOWNLOAD_AT_MOST) {
      logs.note.value = `${path} has ${bytes_text(size)}, too much to carry through the kernel. Download it with: mlflow artifacts download --run-id ${store.run.value?.id ?? "…"} --artifact-path ${path}`;
      return;
    }
    const blob = await logs.download();
    if (!blob) return;
    const link = document.createElement("a");
    const address = URL.createObjectURL(blob);
    link.href = address;
    link.download = path.split("/").at(-1) ?? "log.txt";
    link.click();
    timer.current = setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <button
      type="button"
      class="rd-quiet"
      title={fetched === null ? `Save ${path}` : "Stop"}
      onClick={() => void save()}
    >
      {fetched === null ? "Download" : `Stop (${bytes_text(fetched)} of ${bytes_text(size)})`}
    </button>
  );
}

/** What stands for "Following" when the file may have grown and nobody can tell. */
const AT_THE_END = {
  live: "Following",
  loading: "Following",
  ended: "At the end",
  paused: "Paused",
  stale: "Stale",
  gone: "Stale",
  disconnected: "Kernel gone",
  offline: "Offline",
} satisfies Record<Condition["kind"], string>;

function Tools() {
  const { logs, store } = useView();
  const { kind } = store.condition.value;
  const is_growing = kind === "live";
  const is_following = logs.is_following.value;
  const unread = logs.unread.value;
  const words = is_following
    ? AT_THE_END[kind]
    : `${is_growing ? "Follow" : "To the end"} ↓${unread ? `, ${counted(unread, "new line")}` : ""}`;
  return (
    <div class="rd-tools">
      <Find />
      <button type="button" class="rd-quiet" onClick={() => void logs.first_error()}>
        First error
      </button>
      <span class="rd-tools-end">
        <button
          type="button"
          class="rd-quiet"
          aria-pressed={logs.is_wrapped.value}
          onClick={() => {
            logs.is_wrapped.value = !logs.is_wrapped.value;
          }}
        >
          Wrap
        </button>
        <Download />
        <button
          type="button"
          class="rd-quiet rd-follow"
          aria-pressed={is_following}
          title={is_following ? "Stays at the end; scroll up to leave it" : "Go to the end and stay there (f)"}
          onClick={() => (is_following ? logs.stop_following() : logs.follow())}
        >
          {words}
        </button>
      </span>
    </div>
  );
}

function Status() {
  const { logs } = useView();
  void logs.changed.value;
  const { text } = logs;
  const loaded = text.end - text.start;
  const parts = [
    purpose(logs.path.value),
    text.generation === 0 ? "" : counted(text.lines.length, "line"),
    text.generation === 0
      ? ""
      : loaded < text.size
        ? `${bytes_text(loaded)} of ${bytes_text(text.size)} loaded`
        : bytes_text(text.size),
    { "": "", opening: "opening…", loading: "loading…", searching: "searching…" }[logs.work.value],
  ];
  return (
    <p class="rd-log-status">
      <bdi class="rd-mono">{logs.path.value}</bdi>
      {parts.filter(Boolean).map((words) => (
        <span key={words}>{words}</span>
      ))}
    </p>
  );
}
