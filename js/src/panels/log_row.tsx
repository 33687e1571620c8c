import { useState } from "preact/hooks";
import { count, counted } from "../format";
import { is_error } from "../logs/errors";
import type { Line } from "../logs/lines";
import { marked } from "../logs/marks";
import type { Fold } from "../logs/text";

/** Longer lines are cut, and say so. */
export const CUT = 4_000;

interface RowProps {
  line: Line;
  number: string;
  query: string;
  fold: Fold | undefined;
  is_current: boolean;
  toggle: () => void;
}

export function LogRow({ line, number, query, fold, is_current, toggle }: RowProps) {
  const [is_whole, set_whole] = useState(false);
  const left = is_whole ? 0 : line.text.length - CUT;
  const tone = is_error(line.text) ? " rd-log-error" : "";
  return (
    <div class={`rd-log-row${tone}${is_current ? " rd-log-current" : ""}`} data-start={line.start}>
      <span class="rd-log-number" data-number={number} aria-hidden="true" />
      {fold && (
        <button
          type="button"
          class="rd-log-fold"
          aria-expanded={fold.is_open}
          aria-label={fold.is_open ? "Fold the traceback" : "Show the traceback"}
          onClick={toggle}
        >
          {fold.is_open ? "▾" : "▸"}
        </button>
      )}
      <bdi class="rd-log-text" dir="ltr">
        {marked(line, query, left > 0 ? CUT : Number.POSITIVE_INFINITY).map(({ text, style, is_match }, index) =>
          is_match ? (
            <mark key={index} class={style}>
              {text}
            </mark>
          ) : style ? (
            <span key={index} class={style}>
              {text}
            </span>
          ) : (
            text
          ),
        )}
        {left > 0 && (
          <button type="button" class="rd-log-more" onClick={() => set_whole(true)}>
            … {count(left)} more characters
          </button>
        )}
        {fold && !fold.is_open && (
          <span class="rd-log-hint">
            {" · "}
            {fold.frames ? counted(fold.frames, "frame") : counted(fold.hidden, "line")}
          </span>
        )}
      </bdi>
    </div>
  );
}
