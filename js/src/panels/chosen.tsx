import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { differing } from "../children/differences";
import type { Child } from "../children/store";
import { cell_text } from "../children/words";
import { count, counted, number } from "../format";
import type { Picture } from "../picture";
import { Copy, useView } from "./parts";
import { type Charted, type Compose, Plot } from "./plot";

/** Curves, or columns of differences, that are shown at most. */
const MOST = 6;

/** The rows that the reader chose, beside each other. */
export function Chosen() {
  const view = useView();
  const { store, children: desk } = view;
  const kids = store.children;
  kids.changed.value;
  const own = useSignal("");
  const rows = desk.chosen.value.map((id) => kids.rows.get(id)).filter((child) => child !== undefined);
  if (!rows.length) return null;
  const curved = desk.curved.value;
  const metric = curved.includes(own.value)
    ? own.value
    : curved.includes(desk.metric.value)
      ? desk.metric.value
      : curved[0];
  const shown = rows.slice(0, MOST);
  return (
    <section class="rd-chosen" aria-label="Chosen runs">
      <div class="rd-tools">
        <b>{counted(rows.length, "run")} chosen</b>
        {rows.length > MOST && <span>the first {MOST} are shown</span>}
        {curved.length > 1 && (
          <select
            class="rd-select"
            aria-label="Metric of the curves"
            value={metric}
            onChange={(event) => {
              own.value = event.currentTarget.value;
            }}
          >
            {curved.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
        <span class="rd-tools-end">
          <Copy text={rows.map(({ id }) => id).join("\n")} what="IDs" />
          <button type="button" class="rd-quiet" onClick={() => desk.choose_all([])}>
            Clear
          </button>
        </span>
      </div>
      {metric && <Curves rows={shown} metric={metric} />}
      <Differences rows={shown} of={rows.length} />
    </section>
  );
}

/** One metric of several runs, laid over each other. */
export function Curves({ rows, metric }: { rows: readonly Child[]; metric: string }) {
  const view = useView();
  const { children: desk } = view;
  const notices = useSignal<readonly string[]>([]);
  const drawn = useSignal<Picture | null>(null);
  const compose = useRef<Compose | null>(null);
  const asked = rows.map((child) => ({ child, curve: desk.curve(child, metric) }));
  const series: Charted[] = asked.flatMap(({ child, curve }, place) =>
    curve ? [{ name: child.name || child.id, color: (place % MOST) + 1, metric: curve }] : [],
  );
  const missing = asked.filter(({ curve }) => curve === null).length;
  if (!series.length)
    return (
      <p class="rd-empty">
        {asked.some(({ curve }) => curve === undefined)
          ? "Reading the curves…"
          : `None of them has a curve of ${metric}.`}
      </p>
    );
  return (
    <div class="rd-curves" data-curves={series.length}>
      <p class="rd-legend rd-secondary">
        <b>{metric}</b>
        {series.map(({ name, color }) => (
          <span key={name}>
            <i aria-hidden="true" class={`rd-swatch rd-color-${color}`} /> <bdi>{name}</bdi>
          </span>
        ))}
        {missing > 0 && <span>{count(missing)} without a curve</span>}
      </p>
      <Plot
        key={series.map(({ name, color }) => `${name} ${color}`).join("\n")}
        series={series}
        is_log={view.is_log.value}
        height={220}
        notices={notices}
        drawn={drawn}
        compose={compose}
      />
    </div>
  );
}

/** Parameters and metrics in which they differ. */
function Differences({ rows, of }: { rows: readonly Child[]; of: number }) {
  const { store, children: desk } = useView();
  if (rows.length < 2) return null;
  const varied = differing(store.children, rows);
  const now = store.clock.now();
  const fields = desk.fields.value.filter(
    ({ kind, name }) => (kind === "parameter" && varied.has(name)) || kind === "metric",
  );
  const parameters = fields.filter(({ kind }) => kind === "parameter");
  const metrics = fields.filter(({ kind }) => kind === "metric").slice(0, 12);
  const same = store.children.columns.value.filter(({ kind }) => kind === "parameter").length - parameters.length;
  return (
    <div class="rd-sheet rd-differences">
      <table class="rd-table" aria-label="What differs">
        <thead>
          <tr>
            <th scope="col">
              {parameters.length ? "What differs" : "No parameter differs"}
              {same > 0 ? ` (${count(same)} alike)` : ""}
            </th>
            {rows.map((child, place) => (
              <th scope="col" key={child.id} class="rd-number">
                <i aria-hidden="true" class={`rd-swatch rd-color-${(place % MOST) + 1}`} />
                <bdi title={child.name.length > 24 ? child.name : undefined}>{child.name || child.id}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...parameters, ...metrics].map((field) => (
            <tr key={field.key}>
              <th scope="row">
                <bdi>{field.title}</bdi>
              </th>
              {rows.map((child) => {
                const cell = field.of(child);
                const text =
                  cell === undefined ? "–" : typeof cell === "number" ? number(cell) : cell_text(field, cell, now);
                return (
                  <td key={child.id} class="rd-number" title={text.length > 24 ? text : undefined}>
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {of > rows.length && (
        <p class="rd-secondary">
          Of {count(of)} chosen runs the first {count(rows.length)}.
        </p>
      )}
    </div>
  );
}
