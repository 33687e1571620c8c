import { useMemo } from "preact/hooks";
import { predictions_of, predictions_subject } from "../../charts/predictions";
import { ends_words, residuals_of, residuals_subject } from "../../charts/residuals";
import { count, number } from "../../format";
import { SketchStage, Swatch } from "./sketch";
import { page_paint } from "./stage";

const LEGEND = {
  residuals: [
    ["filled", 1, "rows in each bin"],
    ["dashed", 0, "no error"],
    ["solid", 2, "mean"],
  ],
  predictions: [
    ["dots", 1, "mean prediction ± error"],
    ["dashed", 0, "ideal: predicted = true"],
    ["filled", 0, "rows in each bin"],
  ],
} as const;

function Legend({ kind }: { kind: keyof typeof LEGEND }) {
  return (
    <ul class="rd-legend rd-model-legend" aria-label="Legend">
      {LEGEND[kind].map(([look, color, words]) => (
        <li key={words}>
          <svg width="24" height="12" aria-hidden="true">
            <Swatch stroke={{ look, color }} paint={page_paint} />
          </svg>
          {words}
        </li>
      ))}
    </ul>
  );
}

/** How far predictions are off, as a histogram. */
export function ResidualsChart({ name, json }: { name: string; json: unknown }) {
  const residuals = useMemo(() => residuals_of(json), [json]);
  const subject = useMemo(() => residuals_subject(residuals), [residuals]);
  const { total, mean, deviation, is_exact } = residuals;
  const ends = ends_words(residuals);
  return (
    <>
      <Legend kind="residuals" />
      <SketchStage
        name={name}
        subject={subject}
        is_across
        otherwise={
          !total
            ? "no rows"
            : `${count(total)} rows, mean ${number(mean)}, standard deviation ${number(deviation)}${is_exact ? "" : " (of the bins' middles)"}${ends && `; ${ends}`}`
        }
      />
    </>
  );
}

/** What is predicted against what is true. */
export function PredictionsChart({ name, json }: { name: string; json: unknown }) {
  const predictions = useMemo(() => predictions_of(json), [json]);
  const subject = useMemo(() => predictions_subject(predictions), [predictions]);
  return (
    <>
      <Legend kind="predictions" />
      <SketchStage
        name={name}
        subject={subject}
        is_across
        otherwise={`${count(predictions.total)} rows in ${count(predictions.counts.length)} bins of the true value`}
      />
    </>
  );
}
