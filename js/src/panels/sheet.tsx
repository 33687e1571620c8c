import { useMemo, useState } from "preact/hooks";
import { csv, download } from "../csv";
import { count, counted, number } from "../format";
import { search } from "../search";
import { type Cell, is_numeric, type Sorting, sorted, type Table } from "../tables";
import { More, Search, usePages } from "./parts";

const PAGE = 200;
/** Columns that are drawn at most; the download has all of them. */
const COLUMNS = 100;
/** Characters of a cell that are shown. */
const LONGEST = 300;

const words = (value: Cell) => (value === null ? "" : typeof value === "number" ? number(value) : String(value));

/** A table that can be sorted, searched and saved. */
export function Sheet({ table, name }: { table: Table; name: string }) {
  const [sorting, set_sorting] = useState<Sorting | null>(null);
  const [query, set_query] = useState("");
  const numeric = useMemo(() => table.columns.map((_, column) => is_numeric(table, column)), [table]);
  const rows = useMemo(
    () => search(sorted(table, sorting), query, (row) => row.map((value) => String(value ?? "")).join(" ")),
    [table, sorting, query],
  );
  const { shown, more } = usePages(PAGE, query);
  const next = (column: number) => {
    const is_first_down = numeric[column] ?? false;
    if (sorting?.column !== column) set_sorting({ column, is_down: is_first_down });
    else set_sorting(sorting.is_down === is_first_down ? { column, is_down: !is_first_down } : null);
  };
  return (
    <>
      <div class="rd-tools">
        {table.rows.length > 8 && <Search query={query} set={set_query} what={counted(table.rows.length, "row")} />}
        <span class="rd-secondary">
          {query ? `${count(rows.length)} of ` : ""}
          {counted(table.rows.length, "row")} × {counted(table.columns.length, "column")}
          {table.columns.length > COLUMNS ? `, the first ${COLUMNS} are shown` : ""}
        </span>
        <span class="rd-tools-end">
          <button
            type="button"
            class="rd-quiet"
            onClick={() => download(`${name}.csv`, csv([table.columns, ...rows.map((row) => row.map(saved))]))}
          >
            Download CSV
          </button>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section class="rd-sheet" tabIndex={0} aria-label={`Rows of ${name.slice(0, 200)}`}>
        <table class="rd-table" aria-label={name.slice(0, 200)}>
          <thead>
            <tr>
              {table.columns.slice(0, COLUMNS).map((column, place) => (
                <th
                  scope="col"
                  key={place}
                  class={numeric[place] ? "rd-number" : ""}
                  aria-sort={sorting?.column !== place ? "none" : sorting.is_down ? "descending" : "ascending"}
                >
                  <button type="button" class="rd-quiet" title={`Sort by ${column}`} onClick={() => next(place)}>
                    <bdi>{column}</bdi>
                    {sorting?.column === place && <i aria-hidden="true">{sorting.is_down ? " ↓" : " ↑"}</i>}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row, index) => (
              <tr key={index}>
                {row.slice(0, COLUMNS).map((value, place) => {
                  const text = words(value);
                  return (
                    <td
                      key={place}
                      class={numeric[place] ? "rd-number" : ""}
                      title={text.length > 40 ? text : undefined}
                    >
                      <bdi>{text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}</bdi>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
        <More left={rows.length - shown} page={PAGE} more={more} what="rows" />
        {query && !rows.length && <p class="rd-empty">No row contains “{query}”.</p>}
      </section>
    </>
  );
}

const saved = (value: Cell) => (typeof value === "boolean" ? String(value) : value);
