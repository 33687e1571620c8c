import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Subject } from "../charts/sketch";
import { duration_of } from "../children/fields";
import { quoted } from "../children/filter";
import { DOTS, type Score, score_range, steps, thinned } from "../children/progress";
import { groups, since_improvement } from "../children/ranking";
import { lasting, type Plan, plan_words } from "../children/words";
import { column_decimals, count, counted, duration_tick, number, span, with_decimals } from "../format";
import type { Tick } from "../picture";
import { ticks_of } from "../scale";
import { SketchStage } from "./charts/sketch";
import { Heads, Segments, Ticking, useView } from "./parts";
import { Strip } from "./strip";

/** The metric that all are ranked by, and its direction. */
export function MetricChooser() {
  const { store, children: desk } = useView();
  const names = store.children.columns.value.filter(({ kind }) => kind === "metric").map(({ name }) => name);
  const metric = desk.metric.value;
  if (!metric) return null;
  return (
    <>
      <select
        class="rd-select"
        aria-label="Metric to rank by"
        value={metric}
        onChange={(event) => {
          desk.own_metric.value = event.currentTarget.value;
          desk.sorting.value = null;
        }}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="rd-quiet"
        title="Change which direction is better"
        onClick={() => {
          desk.own_goals.value = new Map(desk.own_goals.value).set(metric, desk.goal.value === "max" ? "min" : "max");
          desk.sorting.value = null;
        }}
      >
        {desk.goal.value === "max" ? "higher is better ↑" : "lower is better ↓"}
      </button>
      <OpenBest />
    </>
  );
}

function OpenBest() {
  const view = useView();
  const best = view.children.best.value;
  if (!best || best.is_closed) return null;
  return (
    <button type="button" class="rd-quiet" title={`Open ${best.name || best.id} here`} onClick={() => view.open(best)}>
      Open the best
    </button>
  );
}

/** Each score where it came about, and the best so far. */
export function Iterations() {
  const { store, children: desk } = useView();
  const kids = store.children;
  const along = useSignal<"number" | "time">("number");
  const metric = desk.metric.value;
  const goal = desk.goal.value;
  const ordered = desk.ordered.value;
  const has_times = ordered.some(({ started }) => started !== null);
  const scores = desk.scores.value;
  const since = since_improvement(scores, goal);
  const by = groups(
    ordered.map((child, place) => ({
      label: kids.text(child, "label") || "unknown",
      value: scores[place],
      seconds: duration_of(kids, child, store.clock.now()),
    })),
    goal,
  );
  const has_labels = kids.column("fact", "label") !== undefined;
  const failed = ordered.filter(({ status }) => status === "Failed").length;
  if (!metric) return <NoScore noun="iteration" />;
  return (
    <>
      <div class="rd-tools">
        <MetricChooser />
        {has_times && (
          <Segments
            label="Horizontal axis"
            value={along.value}
            choices={[
              ["number", "Iteration"],
              ["time", "Time"],
            ]}
            choose={(value) => {
              along.value = value;
            }}
          />
        )}
        <span class="rd-tools-end rd-secondary">
          <span>
            {since === null
              ? "no score yet"
              : since === 0
                ? "last improvement: the latest iteration"
                : `last improvement ${counted(since, "iteration")} ago`}
            {failed ? ` · ${count(failed)} failed` : ""}
            <Budget />
          </span>
        </span>
      </div>
      <div class="rd-iterations">
        <div class="rd-iterations-chart">
          <ScoreChart along={has_times ? along.value : "number"} />
        </div>
        {has_labels && (
          <div class="rd-by-label">
            <p class="rd-secondary">Best by algorithm</p>
            <ByLabel groups={by} goal_is_min={goal === "min"} />
          </div>
        )}
      </div>
      <Strip />
    </>
  );
}

/** None of them has a metric that they could be ranked by. */
export function NoScore({ noun }: { noun: string }) {
  const { store, children: desk } = useView();
  const found = counted(desk.ordered.value.length, noun);
  const is_over = store.run.value?.has_ended || store.children.family.value?.is_over;
  return (
    <p class="rd-empty">
      {is_over
        ? `No score: of ${found} none logged a metric.`
        : `No score yet: ${found} so far, none has logged a metric.`}
    </p>
  );
}

/** How much of what is planned is used up, and when that will be all. */
function Budget() {
  const { store, children: desk } = useView();
  const family = store.children.family.value;
  const run = store.run.value;
  if (!run || !family || run.has_ended || family.is_over || run.started === null) return null;
  const plan: Plan = {
    started: run.started,
    seconds: family.seconds,
    planned: family.iterations,
    done: desk.ordered.value.filter((child) => child.ended !== null).length,
    last_end: store.children.last_end(),
  };
  return <Ticking text={() => plan_words(plan, store.clock.now())} />;
}

export function ScoreChart({ along }: { along: "number" | "time" }) {
  const { store, children: desk } = useView();
  const view = useView();
  const kids = store.children;
  const metric = desk.metric.value;
  const goal = desk.goal.value;
  const ordered = desk.ordered.value;
  const noun = kids.family.value?.kind === "automl" ? "iteration" : "trial";
  const { subject, note, dots, pruned } = useMemo(() => {
    const began =
      store.run.value?.started ?? Math.min(...ordered.map(({ started, created }) => started ?? created ?? 0));
    const sound: Score[] = [];
    const poor: Score[] = [];
    ordered.forEach((child, place) => {
      const y = kids.number(child, "metric", metric);
      if (y === undefined || !Number.isFinite(y)) return;
      const end = child.ended ?? child.started;
      const x = along === "time" ? (end ?? began) - began : (kids.number(child, "fact", "number") ?? place);
      const is_poor = child.status === "Failed" || kids.text(child, "state") === "Pruned";
      (is_poor ? poor : sound).push({ id: child.id, x, y });
    });
    if (along === "time") sound.sort((one, other) => one.x - other.x);
    const all = [...sound, ...poor];
    const { range, hidden } = score_range(sound.length ? sound : all, goal);
    const dots = thinned(sound);
    const near = poor.filter(({ y }) => y >= range[0] && y <= range[1]);
    const pruned = thinned(near, 300);
    const line = steps(sound, goal);
    const xs = all.map(({ x }) => x);
    const [low, high] = [Math.min(...thin_extent(xs, Math.min)), Math.max(...thin_extent(xs, Math.max))];
    const room = (high - low) * 0.02 || 0.5;
    const names = new Map(ordered.map((child) => [child.id, child]));
    const tell = (list: readonly Score[]) => (index: number) => {
      const score = list[index];
      const child = score && names.get(score.id);
      if (!child) return "";
      const label = [kids.text(child, "preprocessor"), kids.text(child, "label")].filter(Boolean).join(", ");
      const place = kids.number(child, "fact", "number");
      const who = place === undefined ? child.name : `${noun} ${place}`;
      return `${who}${label ? ` · ${label}` : ""} · ${metric} ${number(score.y)}`;
    };
    const column = (list: readonly Score[], key: "x" | "y") => Float64Array.from(list, (score) => score[key]);
    const made: Subject = {
      x_label: along === "time" ? "time since the start" : noun,
      y_label: metric,
      x: [low - room, high + room],
      y: range,
      marks: { x: along === "number" ? whole_ticks(low, high) : clock_ticks(low, high) },
      strokes: [
        { name: "best so far", color: 3, look: "solid", ...line, opacity: 1 },
        {
          name: noun,
          color: 1,
          look: "dots",
          x: column(dots, "x"),
          y: column(dots, "y"),
          opacity: 0.6,
          tell: tell(dots),
        },
        {
          name: "pruned or failed",
          color: 2,
          look: "dots",
          x: column(pruned, "x"),
          y: column(pruned, "y"),
          opacity: 0.55,
          tell: tell(pruned),
        },
      ],
    };
    const said = [
      sound.length > DOTS ? `${count(dots.length)} of ${count(sound.length)} dots drawn, best and worst kept` : "",
      hidden ? `${counted(hidden, "far-off score")} ${goal === "min" ? "above" : "below"} the chart` : "",
      near.length < poor.length ? `${count(poor.length - near.length)} pruned or failed outside the chart` : "",
    ];
    const all_told = `${counted(all.length, "score")}, best so far as a line`;
    return { subject: made, note: [all_told, ...said.filter(Boolean)].join(" · "), dots, pruned };
  }, [ordered, metric, goal, along]);
  return (
    <SketchStage
      name={metric}
      subject={subject}
      otherwise={`${note}.`}
      height={250}
      choose={(spot) => {
        const id = (spot.stroke === 2 ? pruned : dots)[spot.index]?.id;
        const child = id && kids.rows.get(id);
        if (child) view.open(child);
      }}
    />
  );
}

/** Places of numbered things: there is none between two of them. */
function whole_ticks(low: number, high: number): Tick[] {
  if (high === low) return [{ value: low, label: count(low) }];
  const { values } = ticks_of({ low, high, is_log: false }, 6, "whole");
  return values.map((value) => ({ value, label: count(value) }));
}

function clock_ticks(low: number, high: number): Tick[] {
  if (high === low) return [{ value: low, label: span(low) }];
  const { values, gap } = ticks_of({ low, high, is_log: false }, 6, "clock");
  return values.map((value) => ({ value, label: duration_tick(value, gap) }));
}

/** `Math.min(...values)` overflows the stack with very many. */
function thin_extent(values: readonly number[], of: (...all: number[]) => number): number[] {
  const found: number[] = [];
  for (let from = 0; from < values.length; from += 10_000) found.push(of(...values.slice(from, from + 10_000)));
  return found;
}

/** Algorithms that are summed up, the best of them. */
const LABELS = 12;

function ByLabel({ groups: by, goal_is_min }: { groups: ReturnType<typeof groups>; goal_is_min: boolean }) {
  const { children: desk } = useView();
  const bests = by.map(({ best }) => best).filter((best) => best !== null);
  // Medians too: bests alone are often so close that bars of them would exaggerate.
  const told = [...bests, ...by.map(({ median }) => median).filter((median) => median !== null)];
  const [low, high] = [Math.min(...told), Math.max(...told)];
  const decimals = column_decimals(told, goal_is_min ? low : high);
  const score = (value: number | null) => (value === null ? "–" : with_decimals(value, decimals));
  const wide = (best: number | null) => {
    if (best === null) return 0;
    const share = high > low ? (best - low) / (high - low) : 1;
    return 8 + 92 * (goal_is_min ? 1 - share : share);
  };
  return (
    <>
      <table class="rd-table rd-labels" aria-label="By algorithm">
        <Heads words={["Algorithm"]} numbers={["Best", "Median", "Runs", "Time"]} />
        <tbody>
          {by.slice(0, LABELS).map((group) => (
            <tr key={group.label}>
              <th scope="row" style={{ "--rd-share": `${wide(group.best)}%` }}>
                <button
                  type="button"
                  class="rd-quiet"
                  title={`Show only ${group.label}`}
                  onClick={() => {
                    desk.query.value = `algorithm = ${quoted(group.label)}`;
                  }}
                >
                  <bdi>{group.label}</bdi>
                </button>
              </th>
              <td class="rd-number rd-strong">{score(group.best)}</td>
              <td class="rd-number">{score(group.median)}</td>
              <td class="rd-number">{count(group.count)}</td>
              <td class="rd-number">{lasting(group.seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {by.length > LABELS && <p class="rd-secondary">{counted(by.length - LABELS, "more", "more")}: see the table.</p>}
    </>
  );
}
