import { useEffect, useRef, useState } from "preact/hooks";
import type { LoggedFile } from "../contract";
import { bytes_text } from "../format";
import { CHARTED, joined, KINDS, parse, type Table, table_of } from "../tables";
import { ModelChart } from "./charts/model_chart";
import { useView } from "./parts";
import { Picker } from "./picker";
import { Sheet } from "./sheet";

/** Bytes of JSON that are read: it can only be understood as a whole. */
const LARGEST = 16 * 1024 * 1024;

/** All files of one name and kind. */
interface Entry {
  key: string;
  kind: string;
  name: string;
  files: readonly LoggedFile[];
}

function entries_of(logged: readonly LoggedFile[]): readonly Entry[] {
  const found = new Map<string, LoggedFile[]>();
  for (const file of logged) {
    if (!(file.kind in KINDS)) continue;
    // Rows of one table go on in another file; a chart that is logged again is another one.
    const own = file.kind === "table" || file.kind === "list" ? "" : file.part;
    const key = `${file.kind} ${own} ${file.name}`;
    found.set(key, [...(found.get(key) ?? []), file]);
  }
  return [...found].map(([key, files]) => ({ key, kind: files[0]?.kind ?? "", name: files[0]?.name ?? "", files }));
}

/** Everything that was logged as rows and columns. */
export function Tables() {
  const { files } = useView();
  const chosen = files.table;
  useEffect(() => files.desk.watch(() => files.desk.list_logged()), [files]);
  const logged = files.desk.logged.value;
  const entries = logged ? entries_of(logged) : [];
  const entry =
    entries.find((one) => one.key === chosen.value) ?? entries.find(({ kind }) => CHARTED.includes(kind)) ?? entries[0];
  if (!entry) return <Empty is_known={logged !== null} what="tables" />;
  return (
    <div class="rd-log-body rd-files">
      <Picker
        label="Tables"
        value={entry.key}
        choices={entries.map((one) => ({ key: one.key, name: one.name, more: KINDS[one.kind] ?? "" }))}
        choose={(key) => {
          chosen.value = key;
        }}
      />
      <div class="rd-log-main">
        <Said />
        <Loaded key={entry.key} entry={entry} />
      </div>
    </div>
  );
}

/** What went wrong with what the reader asked for. */
export function Said() {
  const { desk } = useView().files;
  const words = desk.said.value || desk.note.value;
  return words ? (
    <p class="rd-log-note" role="status">
      {words}
    </p>
  ) : null;
}

export function Empty({ is_known, what }: { is_known: boolean; what: string }) {
  const { files, wishes } = useView();
  if (files.desk.note.value) return <p class="rd-empty">{files.desk.note.value}</p>;
  if (is_known) return <p class="rd-empty">This run has no {what}.</p>;
  const is_waiting = wishes.waiting.value.some((one) => one === "files" || one === "logged");
  return (
    <p class="rd-empty">
      {is_waiting ? `Waiting for the kernel: it lists the ${what} when its cell is done.` : `Looking for ${what}…`}
    </p>
  );
}

type State =
  | { kind: "loading" }
  /** `json`: what the last file holds; null before it is written. */
  | { kind: "table"; table: Table; json: unknown }
  | { kind: "text"; text: string; why: string }
  | { kind: "failed"; why: string };

/** The table of some files; read anew when their sizes change, without losing what is on screen. */
function Loaded({ entry }: { entry: Entry }) {
  const { files } = useView();
  const [state, set_state] = useState<State>({ kind: "loading" });
  const stamp = entry.files.map((file) => `${file.path} ${file.size}`).join("\n");
  const latest = useRef(stamp);
  latest.current = stamp;
  useEffect(() => {
    const is_current = () => latest.current === stamp;
    void load(entry, files.desk, is_current).then((found) => {
      if (found && is_current()) set_state(found);
    });
  }, [stamp, files]);
  const [first] = entry.files;
  const several = entry.files.length > 1 ? `, ${entry.files.length} files` : "";
  return (
    <>
      <p class="rd-log-status">
        <b>
          <bdi>{entry.name}</bdi>
        </b>
        <span>
          {KINDS[entry.kind]}
          {several}
        </span>
        {first && (
          <button type="button" class="rd-quiet" title={first.path} onClick={() => void files.desk.save(first.path)}>
            Download JSON
          </button>
        )}
      </p>
      {state.kind === "loading" && <p class="rd-empty">Loading…</p>}
      {state.kind === "failed" && <p class="rd-log-note">{state.why}</p>}
      {state.kind === "text" && (
        <>
          <p class="rd-log-note">{state.why}</p>
          <pre class="rd-preview">{state.text}</pre>
        </>
      )}
      {state.kind === "table" && (
        <ModelChart kind={entry.kind} name={entry.name} json={state.json}>
          <Sheet table={state.table} name={entry.name} />
        </ModelChart>
      )}
    </>
  );
}

async function load(
  entry: Entry,
  desk: ReturnType<typeof useView>["files"]["desk"],
  is_current: () => boolean,
): Promise<State | null> {
  const tables: Table[] = [];
  let text = "";
  let json: unknown = null;
  for (const file of entry.files) {
    if ((file.size ?? 0) > LARGEST)
      return {
        kind: "failed",
        why: `${file.path} has ${bytes_text(file.size ?? 0)}, too much to show. Download it, or read it with run.get_metrics("${entry.name}").`,
      };
    const bytes = await desk.whole(file.path, is_current);
    if (!bytes)
      return is_current() ? { kind: "failed", why: desk.note.value || `${file.path} could not be read.` } : null;
    text = new TextDecoder().decode(bytes);
    try {
      json = parse(text);
      tables.push(table_of(entry.kind, json));
    } catch (error) {
      // One that is claimed and not yet written is no error.
      if (!bytes.length) continue;
      const why = `This is not the ${KINDS[entry.kind]} that its name says: ${error instanceof Error ? error.message : ""}`;
      return { kind: "text", text: text.slice(0, 100_000), why };
    }
  }
  return { kind: "table", table: tables.length ? joined(tables) : { columns: [], rows: [] }, json };
}
