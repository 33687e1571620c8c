import type { ComponentChildren, ComponentType } from "preact";
import { nothing_in } from "../../charts/reading";
import charts_css from "../../charts.css";
import { Guard } from "../error";
import { Segments, useView } from "../parts";
import { AccuracyChart } from "./accuracy";
import { PredictionsChart, ResidualsChart } from "./binned";
import { ConfusionChart } from "./confusion";

const CHARTS: Record<string, ComponentType<{ name: string; json: unknown }>> = {
  confusion_matrix: ConfusionChart,
  accuracy_table: AccuracyChart,
  residuals: ResidualsChart,
  predictions: PredictionsChart,
};

/** What a model logged about itself as a chart; as a table where the reader wants it, and of other kinds. */
export function ModelChart({
  kind,
  name,
  json,
  children,
}: {
  kind: string;
  name: string;
  json: unknown;
  children: ComponentChildren;
}) {
  const { as_table } = useView();
  const Chart = CHARTS[kind];
  if (!Chart || json === null) return <>{children}</>;
  const lacking = nothing_in(json);
  if (lacking) return <p class="rd-empty">{lacking}</p>;
  return (
    <>
      <style>{charts_css}</style>
      <div class="rd-model-kind">
        <Segments
          label="Show as"
          value={as_table.value ? "table" : "chart"}
          choices={[
            ["chart", "Chart"],
            ["table", "Table"],
          ]}
          choose={(value) => {
            as_table.value = value === "table";
          }}
        />
      </div>
      {as_table.value ? (
        children
      ) : (
        <Guard what="This chart">
          <Chart name={name} json={json} />
        </Guard>
      )}
    </>
  );
}
