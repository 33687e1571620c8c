import { count, number } from "../format";
import { sparkline } from "../plain";
import { scale_of } from "../scale";
import { thin_to } from "../series";
import { smooth_kept } from "../smoothing";
import type { Metric } from "../store";
import { useView } from "./parts";

/** A small line without axes, of the points held here. */
export function Sparkline({ metric, width = 74, height = 28 }: { metric: Metric; width?: number; height?: number }) {
  metric.changed.value;
  const { kept, stats } = metric.series;
  const few = thin_to(kept, 160);
  const { value } = few.points;
  // The average of a constant differs from it in the sixteenth digit, which would fill the height.
  const is_noisy = value.length > 40 && stats.min !== stats.max;
  const drawn = is_noisy ? smooth_kept(few, value, 0.6) : value;
  const scale = scale_of(drawn, false);
  if (!scale || value.length < 2) return <svg class="rd-sparkline" width={width} height={height} aria-hidden="true" />;
  return (
    <svg class="rd-sparkline" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={sparkline(drawn, scale, width, height)} />
    </svg>
  );
}

function Tile({ name }: { name: string }) {
  const view = useView();
  const metric = view.store.metric(name);
  if (!metric) return null;
  metric.changed.value;
  const { stats } = metric.series;
  const chosen = view.goal(name).value;
  const goal = chosen === undefined ? metric.series.goal : chosen;
  const best = goal === "min" ? stats.min : stats.max;
  const best_step = goal === "min" ? stats.min_step : stats.max_step;
  return (
    <div class="rd-tile" data-metric={name}>
      <span class="rd-secondary rd-tile-name" title={name}>
        <bdi>{name}</bdi>
      </span>
      <span class="rd-tile-value">{number(stats.last, [best])}</span>
      <span class="rd-secondary rd-tile-best">
        {goal && best !== null && metric.series.count > 1 ? (
          <>
            <span>
              best <b class="rd-good">{number(best, [stats.last])}</b>
            </span>{" "}
            <span>at {count(best_step ?? 0)}</span>
          </>
        ) : stats.last_step === null ? (
          ""
        ) : (
          `at step ${count(stats.last_step)}`
        )}
      </span>
      <Sparkline metric={metric} />
    </div>
  );
}

const TILES = 4;

export function Tiles() {
  const { store } = useView();
  store.names.value;
  const names = store.headline.value.filter((name) => store.metric(name)).slice(0, TILES);
  if (!names.length) return null;
  return (
    <div class="rd-tiles" style={{ "--rd-tiles": names.length }}>
      {names.map((name) => (
        <Tile key={name} name={name} />
      ))}
    </div>
  );
}
