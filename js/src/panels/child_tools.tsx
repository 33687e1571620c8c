import { useRef, useState } from "preact/hooks";
import { csv, download } from "../csv";
import { counted } from "../format";
import { search } from "../search";
import { Popover } from "./menu";
import { Search, useView } from "./parts";

/** What is above the rows: the filter, which columns are shown, and all of it as a file. */
export function ChildTools() {
  const { store, children: desk } = useView();
  const [is_open, set_open] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const save = () => {
    const columns = desk.fields.value;
    const rows = desk.rows.value.map((child) =>
      columns.map((field) => {
        const cell = field.of(child);
        if (field.key === "started" && typeof cell === "number") return new Date(cell * 1_000).toISOString();
        return cell ?? null;
      }),
    );
    download(`${store.run.value?.name || "children"}.csv`, csv([columns.map(({ title }) => title), ...rows]));
  };
  const wrong = desk.filtered.value.kind === "wrong";
  return (
    <div class="rd-tools">
      <input
        class="rd-search rd-filter"
        type="search"
        value={desk.query.value}
        placeholder="Filter: lr < 0.01 and status = failed"
        aria-label="Filter the rows"
        aria-invalid={wrong}
        spellcheck={false}
        onInput={(event) => {
          desk.query.value = event.currentTarget.value;
        }}
      />
      {(desk.states.value.size > 0 || desk.brushes.value.size > 0 || desk.query.value) && (
        <button
          type="button"
          class="rd-quiet"
          onClick={() => {
            desk.query.value = "";
            desk.states.value = new Set();
            desk.brushes.value = new Map();
          }}
        >
          Show all
        </button>
      )}
      <span class="rd-tools-end">
        <button
          type="button"
          class="rd-quiet"
          ref={button}
          aria-haspopup="dialog"
          aria-expanded={is_open}
          onClick={() => set_open(!is_open)}
        >
          Columns
        </button>
        <button type="button" class="rd-quiet" onClick={save}>
          Download CSV
        </button>
      </span>
      {is_open && <Columns anchor={button.current} close={() => set_open(false)} />}
    </div>
  );
}

/** Which columns are shown. */
function Columns({ anchor, close }: { anchor: HTMLElement | null; close: () => void }) {
  const { children: desk } = useView();
  const [query, set_query] = useState("");
  return (
    <Popover anchor={anchor} label="Columns" role="dialog" close={close}>
      <Search query={query} set={set_query} what={counted(desk.fields.value.length, "column")} />
      <div class="rd-choices">
        {search(desk.fields.value, query, ({ title }) => title)
          .slice(0, 200)
          .map((field) => {
            const is_on = desk.columns.value.some(({ key }) => key === field.key);
            return (
              <button
                type="button"
                key={field.key}
                aria-pressed={is_on}
                onClick={() => {
                  desk.shown.value = new Map(desk.shown.value).set(field.key, !is_on);
                }}
              >
                <i aria-hidden="true">{is_on ? "✓" : ""}</i> <bdi>{field.title}</bdi>
                <span class="rd-secondary"> {field.kind === "plain" ? "" : field.kind}</span>
              </button>
            );
          })}
      </div>
    </Popover>
  );
}
