import { at } from "../arrays";
import { count, number } from "../format";
import { type Bins, bins_of, drawn_edges, open_ends } from "./bins";
import { data_of, percent } from "./reading";
import { bars, type Subject, straight } from "./sketch";

export interface Residuals extends Bins {
  mean: number;
  deviation: number;
  /** Whether mean and deviation are those of the rows, as Azure ML logs them; else of the bins' middles. */
  is_exact: boolean;
}

export function residuals_of(json: unknown): Residuals {
  const data = data_of(json);
  const bins = bins_of(data);
  const { counts, middles, total } = bins;
  if (Number.isFinite(data.mean) && Number.isFinite(data.stddev))
    return { ...bins, mean: Number(data.mean), deviation: Number(data.stddev), is_exact: true };
  const mean = counts.reduce((sum, one, bin) => sum + one * at(middles, bin), 0) / total;
  const squares = counts.reduce((sum, one, bin) => sum + one * (at(middles, bin) - mean) ** 2, 0);
  return { ...bins, mean, deviation: Math.sqrt(squares / total), is_exact: false };
}

/** Of the bars at the ends that stand for all rows beyond. */
export function ends_words(residuals: Residuals): string {
  const { edges, counts } = residuals;
  const last = counts.length - 1;
  const [first_is_open, last_is_open] = open_ends(residuals);
  const said = [
    ...(first_is_open ? [`all ${count(at(counts, 0))} below ${number(at(edges, 1))} in the first bar`] : []),
    ...(last_is_open ? [`all ${count(at(counts, last))} above ${number(at(edges, last))} in the last`] : []),
  ];
  return said.join(", ");
}

export function residuals_subject(residuals: Residuals): Subject {
  const { edges, counts, total, mean } = residuals;
  const drawn = drawn_edges(residuals);
  const inside = Number.isFinite(mean) ? mean : 0;
  const [low, high] = [Math.min(at(drawn, 0), 0, inside), Math.max(at(drawn, counts.length), 0, inside)];
  const top = Math.max(1, ...counts) * 1.06;
  return {
    x_label: "residual: predicted − true",
    y_label: "count",
    x: [low, high],
    y: [0, top],
    strokes: [
      { name: "count", color: 1, look: "filled", ...bars(drawn, counts), opacity: 0.75 },
      straight("no error", [0, 0], [0, top]),
      { ...straight("mean", [mean, mean], [0, top]), color: 2, look: "solid" },
      {
        // Nothing to see: the middles of the bars, for the readout.
        name: "bins",
        color: 1,
        look: "dots",
        x: counts.map((_, bin) => (at(drawn, bin) + at(drawn, bin + 1)) / 2),
        y: counts,
        opacity: 0,
        tell: (bin) =>
          `from ${number(at(edges, bin))} to ${number(at(edges, bin + 1))}: ${count(at(counts, bin))} of ${count(total)} (${percent(at(counts, bin) / total)})`,
      },
    ],
  };
}
