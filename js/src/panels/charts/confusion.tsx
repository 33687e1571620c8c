import { useMemo, useState } from "preact/hooks";
import {
  around,
  balanced_accuracy,
  type Cell,
  type Confusion,
  cell_words,
  confusion_of,
  count_at,
  largest,
  report,
  share,
  type Window,
} from "../../charts/confusion";
import { percent } from "../../charts/reading";
import { csv, download } from "../../csv";
import { count, number } from "../../format";
import { search } from "../../search";
import { Search, Segments } from "../parts";
import { Matrix } from "./matrix";
import { short, VALUES } from "./matrix_marks";

type Shows = "counts" | "normalised";

export function ConfusionChart({ name, json }: { name: string; json: unknown }) {
  const confusion = useMemo(() => confusion_of(json), [json]);
  const size = confusion.labels.length;
  const [shows, set_shows] = useState<Shows>("counts");
  const [query, set_query] = useState("");
  const [cell, set_cell] = useState<Cell | null>(null);
  const [window, set_window] = useState<Window>({ row: 0, column: 0, span: size });
  const is_normalised = shows === "normalised";
  // What was logged again may have other classes.
  const shown = window.span > size || window.row + window.span > size ? { row: 0, column: 0, span: size } : window;
  const found = query ? search([...confusion.labels.keys()], query, (index) => confusion.labels[index] ?? "") : [];
  const go = (to: Cell) => {
    set_cell(to);
    if (size > VALUES) set_window(around(to, VALUES - 4, size));
  };
  const zoom = (by: number) => {
    const middle = cell ?? {
      row: shown.row + Math.floor(shown.span / 2),
      column: shown.column + Math.floor(shown.span / 2),
    };
    set_window(around(middle, Math.max(Math.min(8, size), Math.round(shown.span * by)), size));
  };
  const accuracy = confusion.correct / confusion.total;
  const missing = confusion.missing.size;
  // Of 1,000 classes these look at a million cells: not at every move of the pointer.
  const biggest = useMemo(() => largest(confusion, is_normalised), [confusion, is_normalised]);
  const balanced = useMemo(() => balanced_accuracy(confusion), [confusion]);
  return (
    <>
      <div class="rd-tools">
        <Segments
          label="Values"
          value={shows}
          choices={[
            ["counts", "Counts"],
            ["normalised", "Normalised"],
          ]}
          choose={set_shows}
        />
        {size > 8 && <Search query={query} set={set_query} what={`${count(size)} classes`} />}
        {size > VALUES && (
          <>
            <button type="button" aria-label="Show fewer classes" onClick={() => zoom(0.5)}>
              +
            </button>
            <button type="button" aria-label="Show more classes" onClick={() => zoom(2)} disabled={shown.span === size}>
              −
            </button>
            <button
              type="button"
              onClick={() => set_window({ row: 0, column: 0, span: size })}
              disabled={shown.span === size}
            >
              All {count(size)} classes
            </button>
          </>
        )}
        <span class="rd-secondary">
          {confusion.total ? `accuracy ${percent(accuracy)}, balanced ${percent(balanced)}` : "no rows"}
          {missing > 0 && `, ${count(missing)} ${missing > 1 ? "cells hold" : "cell holds"} no count`}
        </span>
        <span class="rd-tools-end">
          <button
            type="button"
            class="rd-quiet"
            onClick={() => download(`${name}-confusions.csv`, csv(rows(confusion)))}
          >
            Download CSV
          </button>
        </span>
      </div>
      <div class="rd-model">
        <Matrix
          name={name}
          confusion={confusion}
          is_normalised={is_normalised}
          window={shown}
          cell={cell}
          set_cell={set_cell}
          zoom={size > VALUES ? zoom : null}
          set_window={set_window}
        />
        <div class="rd-side">
          {query && <Found confusion={confusion} found={found} query={query} go={go} />}
          <h4>Largest confusions</h4>
          <ol aria-label="Largest confusions">
            {biggest.map((one) => (
              <li key={`${one.row} ${one.column}`}>
                <button type="button" title={cell_words(confusion, one)} onClick={() => go(one)}>
                  <bdi>{short(confusion.labels[one.row], 11)}</bdi> →{" "}
                  <bdi>{short(confusion.labels[one.column], 11)}</bdi>
                  <span>{is_normalised ? percent(share(confusion, one)) : number(count_at(confusion, one))}</span>
                </button>
              </li>
            ))}
          </ol>
          {confusion.correct === confusion.total && (
            <p class="rd-secondary">
              {confusion.total ? "None: every prediction is right." : "None: there are no rows."}
            </p>
          )}
        </div>
      </div>
    </>
  );
}

function* rows(confusion: Confusion) {
  yield ["true", "predicted", "count", "share of the true class"];
  for (const [row, label] of confusion.labels.entries())
    for (const [column, other] of confusion.labels.entries()) {
      const value = count_at(confusion, { row, column });
      if (value) yield [label, other, value, share(confusion, { row, column })];
    }
}

interface FoundProps {
  confusion: Confusion;
  found: readonly number[];
  query: string;
  go: (cell: Cell) => void;
}

/** Classes that were searched for, and how well they are told. */
function Found({ confusion, found, query, go }: FoundProps) {
  const most = 8;
  return (
    <>
      <h4>Classes found</h4>
      <ul aria-label="Classes found">
        {found.slice(0, most).map((index) => {
          const { precision, recall, f1, support } = report(confusion, index);
          return (
            <li key={index}>
              <button type="button" onClick={() => go({ row: index, column: index })}>
                <bdi>{confusion.labels[index]}</bdi>
                <em>
                  recall {percent(recall)}, precision {percent(precision)}, F1 {f1.toFixed(3)}, {number(support)} true
                </em>
              </button>
            </li>
          );
        })}
      </ul>
      {found.length > most && (
        <p class="rd-secondary">
          {most} of {count(found.length)}.
        </p>
      )}
      {!found.length && <p class="rd-secondary">No class contains “{query}”.</p>}
    </>
  );
}
