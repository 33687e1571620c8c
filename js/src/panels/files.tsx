import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { FileEntry } from "../contract";
import { bytes_text, count } from "../format";
import { picture_type } from "../pictures";
import { parse, type Table } from "../tables";
import { useView } from "./parts";
import { Sheet } from "./sheet";
import { Empty, Said } from "./tables";

/** Bytes of a text that are shown. */
const PREVIEW = 256 * 1024;

interface Row {
  entry: FileEntry;
  depth: number;
}

/** The run's files: a tree, and a look into one of them. */
export function Files() {
  const view = useView();
  const { desk, open, path } = view.files;
  const folders = desk.folders.value;
  useEffect(
    () =>
      desk.watch(async () => {
        for (const folder of ["", ...open.peek()]) await desk.list(folder);
      }),
    [desk, open],
  );
  const root = folders.get("");
  if (!root?.entries.length) return <Empty is_known={root !== undefined} what="files" />;
  const rows: Row[] = [];
  const visit = (folder: string, depth: number) => {
    const entries = folders.get(folder)?.entries ?? [];
    for (const entry of [...entries].sort((one, other) => Number(other.is_folder) - Number(one.is_folder))) {
      rows.push({ entry, depth });
      if (entry.is_folder && open.value.has(entry.path)) visit(entry.path, depth + 1);
    }
  };
  visit("", 0);
  const chosen = rows.find((row) => row.entry.path === path.value && !row.entry.is_folder)?.entry;
  return (
    <>
      <Tools />
      <div class="rd-log-body rd-files">
        <Tree rows={rows} />
        <div class="rd-log-main">
          <Said />
          {chosen ? (
            <Preview key={chosen.path} entry={chosen} />
          ) : (
            <p class="rd-empty">Choose a file to look into it.</p>
          )}
        </div>
      </div>
    </>
  );
}

function Tools() {
  const { files, store } = useView();
  const { desk, path } = files;
  const archive = desk.archive.value;
  const folder = path.value && files.open.value.has(path.value) ? path.value : "";
  const name = folder.split("/").at(-1) || store.run.value?.name || "run";
  return (
    <div class="rd-tools">
      <span class="rd-secondary" role="status">
        {archive &&
          (archive.of_files
            ? `${count(archive.files)} of ${count(archive.of_files)} files, ${bytes_text(archive.read)} of ${bytes_text(archive.of_bytes)}`
            : "Listing the files…")}
      </span>
      <span class="rd-tools-end">
        <button type="button" class="rd-quiet" onClick={() => void desk.save_zip(folder, name)}>
          {archive ? "Stop" : folder ? `Download ${folder} as zip` : "Download all as zip"}
        </button>
      </span>
    </div>
  );
}

function Tree({ rows }: { rows: readonly Row[] }) {
  const { files } = useView();
  const { desk, open, path } = files;
  const tree = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.entry.path === path.value),
  );
  const set_open = (folder: string, is_open: boolean) => {
    const now = new Set(open.value);
    if (is_open) now.add(folder);
    else now.delete(folder);
    open.value = now;
    if (is_open) void desk.list(folder);
  };
  const choose = (entry: FileEntry) => {
    path.value = entry.path;
    if (entry.is_folder) set_open(entry.path, !open.value.has(entry.path));
  };
  const focus = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    path.value = row.entry.path;
    const items = tree.current?.querySelectorAll<HTMLElement>("[role=treeitem]");
    items?.[rows.indexOf(row)]?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    const row = rows[at];
    if (!row) return;
    const { entry } = row;
    const is_open = open.value.has(entry.path);
    const acts: Record<string, () => void> = {
      ArrowDown: () => focus(at + 1),
      ArrowUp: () => focus(at - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      Enter: () => choose(entry),
      " ": () => choose(entry),
      ArrowRight: () => (entry.is_folder && !is_open ? set_open(entry.path, true) : focus(at + 1)),
      ArrowLeft: () => {
        if (entry.is_folder && is_open) return set_open(entry.path, false);
        const above = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf("/")));
        if (above) focus(rows.findIndex((one) => one.entry.path === above));
      },
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <div
      class="rd-log-files rd-tree"
      role="tree"
      aria-label="Files of the run"
      ref={tree}
      onKeyDown={keys}
      tabIndex={-1}
    >
      {rows.map(({ entry, depth }, index) => {
        const is_open = open.value.has(entry.path);
        const folder = desk.folders.value.get(entry.path);
        const more =
          is_open && folder && folder.count > folder.entries.length
            ? `, the first ${count(folder.entries.length)} of ${count(folder.count)}`
            : "";
        return (
          <button
            type="button"
            role="treeitem"
            key={entry.path}
            tabIndex={index === at ? 0 : -1}
            aria-level={depth + 1}
            aria-expanded={entry.is_folder ? is_open : undefined}
            aria-selected={entry.path === path.value}
            aria-current={entry.path === path.value ? "true" : undefined}
            title={entry.path}
            style={{ paddingInlineStart: `${8 + depth * 14}px` }}
            onClick={() => choose(entry)}
          >
            <span class="rd-tree-name">
              <i aria-hidden="true">{entry.is_folder ? (is_open ? "▾ " : "▸ ") : ""}</i>
              <bdi>{entry.path.split("/").at(-1)}</bdi>
              {more}
            </span>
            <span class="rd-secondary">{entry.size === null ? "" : bytes_text(entry.size)}</span>
          </button>
        );
      })}
    </div>
  );
}

type Looked =
  | { kind: "loading" }
  | { kind: "text"; text: string }
  | { kind: "table"; table: Table }
  | { kind: "picture" }
  | { kind: "binary" }
  | { kind: "none" };

function Preview({ entry }: { entry: FileEntry }) {
  const { files } = useView();
  const { desk } = files;
  const [looked, set_looked] = useState<Looked>({ kind: "loading" });
  const [size, set_size] = useState(entry.size);
  useEffect(() => {
    let is_here = true;
    void desk.head(entry.path, PREVIEW).then((found) => {
      if (!is_here) return;
      if (found) set_size(found.size);
      set_looked(found ? look_into(entry.path, found.bytes, found.size) : { kind: "none" });
    });
    return () => {
      is_here = false;
    };
  }, [desk, entry.path, entry.size]);
  const is_part = looked.kind !== "picture" && (size ?? 0) > PREVIEW;
  return (
    <>
      <p class="rd-log-status">
        <bdi class="rd-mono">{entry.path}</bdi>
        <span>{size === null ? "" : bytes_text(size)}</span>
        {is_part && looked.kind !== "binary" && <span>the first {bytes_text(PREVIEW)} are shown</span>}
        <button type="button" class="rd-quiet" title={`Save ${entry.path}`} onClick={() => void desk.save(entry.path)}>
          Download
        </button>
      </p>
      {looked.kind === "loading" && <p class="rd-empty">Loading…</p>}
      {looked.kind === "binary" && <p class="rd-empty">This file is no text and no picture.</p>}
      {looked.kind === "text" &&
        (looked.text ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
          <pre class="rd-preview" tabIndex={0}>
            {looked.text}
          </pre>
        ) : (
          <p class="rd-empty">This file is empty.</p>
        ))}
      {looked.kind === "table" && <Sheet table={looked.table} name={entry.path.split("/").at(-1) ?? ""} />}
      {looked.kind === "picture" && <PictureOf path={entry.path} size={entry.size} />}
    </>
  );
}

function PictureOf({ path, size }: { path: string; size: number | null }) {
  const { files } = useView();
  const shown = useMemo(() => files.pictures.picture(path, size), [files, path, size]);
  const picture = shown.value;
  if (picture.kind === "failed") return <p class="rd-empty">{picture.why}</p>;
  return picture.kind === "shown" ? (
    <img class="rd-image" src={picture.address} alt={path} />
  ) : (
    <p class="rd-empty">Loading…</p>
  );
}

function look_into(path: string, bytes: Uint8Array, size: number): Looked {
  if (picture_type(bytes)) return { kind: "picture" };
  if (bytes.includes(0)) return { kind: "binary" };
  const text = new TextDecoder().decode(bytes);
  const ending = path.split(".").at(-1)?.toLowerCase();
  if ((ending === "csv" || ending === "tsv") && size <= PREVIEW)
    return { kind: "table", table: csv_table(text, ending === "csv" ? "," : "\t") };
  if (ending === "json" && size <= PREVIEW) {
    try {
      return { kind: "text", text: JSON.stringify(parse(text), null, 2) };
    } catch {
      return { kind: "text", text };
    }
  }
  return { kind: "text", text };
}

/** CSV as RFC 4180 has it; what looks like a number is one. */
export function csv_table(text: string, by: string): Table {
  const rows: string[][] = [[]];
  const field =
    by === ","
      ? /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\r|$)/gy
      : /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r?\n|\r|$)/gy;
  const whole = text.replace(/^\ufeff/, "").replace(/\r?\n$/, "");
  for (let found = field.exec(whole); found; found = field.exec(whole)) {
    rows[rows.length - 1]?.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
    if (found[3] !== by && field.lastIndex < whole.length) rows.push([]);
    if (field.lastIndex >= whole.length && found[3] !== by) break;
  }
  const [columns = [], ...data] = rows;
  const width = Math.max(columns.length, ...data.map((row) => row.length));
  const names = Array.from({ length: width }, (_, place) => columns[place] ?? "");
  const value = (cell: string | undefined) =>
    cell === undefined || cell === ""
      ? null
      : /^-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(cell) && !/^-?0\d/.test(cell)
        ? Number(cell)
        : cell;
  return { columns: names, rows: data.map((row) => names.map((_, place) => value(row[place]))) };
}
