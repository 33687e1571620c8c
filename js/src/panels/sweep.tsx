import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Subject } from "../charts/sketch";
import { axis_of } from "../children/axes";
import { differing } from "../children/differences";
import { DOTS } from "../children/progress";
import { pareto_front, since_improvement } from "../children/ranking";
import { count, counted, number } from "../format";
import { SketchStage } from "./charts/sketch";
import { Intermediate } from "./intermediate";
import { MetricChooser, NoScore, ScoreChart } from "./iterations";
import { Groups, Importance } from "./mattered";
import { Parallel } from "./parallel";
import { Segments, useView } from "./parts";

type Shown = "parallel" | "scatter" | "history" | "curves" | "groups" | "importance";

/** What the parameters did to the score. */
export function Sweep() {
  const { store, children: desk } = useView();
  const kids = store.children;
  const ordered = desk.ordered.value;
  const metric = desk.metric.value;
  const own = useSignal<Shown | null>(null);
  const varied = useMemo(() => differing(kids, ordered), [ordered]);
  // The metric whose curves tell how trials went: the score's own, or Optuna's intermediate values.
  const curve = [metric, "intermediate_value"].find((name) => desk.curved.value.includes(name));
  const shown: Shown = own.value ?? (varied.size > 1 ? "parallel" : varied.size ? "scatter" : "history");
  const since = since_improvement(desk.scores.value, desk.goal.value);
  if (!metric) return <NoScore noun="trial" />;
  const choices: (readonly [Shown, string])[] = [
    ["parallel", "Parallel"],
    ["scatter", "Scatter"],
    ["history", "Best so far"],
    ...(curve ? [["curves", "Curves"] as const] : []),
    ["groups", "Groups"],
    ["importance", "Importance"],
  ];
  return (
    <>
      <div class="rd-tools">
        <MetricChooser />
        <Segments
          label="Chart"
          value={shown}
          choices={choices}
          choose={(value) => {
            own.value = value;
          }}
        />
        <span class="rd-tools-end rd-secondary">
          {since === null
            ? ""
            : since === 0
              ? "last improvement: the latest trial"
              : `last improvement ${counted(since, "trial")} ago`}
        </span>
      </div>
      <div class="rd-sweep">
        {shown === "parallel" && <Parallel />}
        {shown === "scatter" && <Scatter />}
        {shown === "history" && <ScoreChart along="number" />}
        {shown === "groups" && <Groups />}
        {shown === "importance" && <Importance />}
        {shown === "curves" && curve && <Intermediate metric={curve} />}
      </div>
    </>
  );
}

/** The score, or anything, against anything. */
function Scatter() {
  const view = useView();
  const { store, children: desk } = view;
  const kids = store.children;
  const ordered = desk.ordered.value;
  const metric = desk.metric.value;
  const varied = useMemo(() => differing(kids, ordered), [ordered]);
  const choices = desk.fields.value.filter(
    ({ kind, name, key }) => kind === "metric" || (kind === "parameter" && varied.has(name)) || key === "duration",
  );
  const first = choices.find(({ kind }) => kind === "parameter")?.key ?? choices[0]?.key ?? "";
  const aims = objectives(kids.family.value?.goals ?? {}, choices);
  // Of two objectives it is their trade-off that is looked for.
  const x = useSignal(aims[1] ? `metric:${aims[1]}` : first);
  const y = useSignal(`metric:${aims[0] ?? metric}`);
  const shown = new Set(desk.rows.value.map(({ id }) => id));
  const made = useMemo(() => {
    const scales = kids.family.value?.scales ?? {};
    const [across, up] = [x.value, y.value].map((key) => {
      const field = choices.find((one) => one.key === key);
      return field ? axis_of(field, ordered, field.kind === "parameter" ? scales[field.name] : undefined) : null;
    });
    if (!across || !up) return null;
    const points = ordered
      .filter(({ id }) => shown.has(id))
      .flatMap((child, place) => {
        const [at_x, at_y] = [across.place(across.field.of(child)), up.place(up.field.of(child))];
        // Rows of one category stand beside each other, always in the same places.
        const aside = across.scale === "categorical" ? (((place * 7) % 11) - 5) * 0.03 : 0;
        return at_x === undefined || at_y === undefined ? [] : [{ id: child.id, x: at_x + aside, y: at_y, child }];
      });
    const best = desk.best.value?.id;
    const every = Math.ceil(points.length / DOTS);
    const dots = points.filter(({ id }, place) => place % every === 0 && id !== best);
    const top = points.filter(({ id }) => id === best);
    const tell = (list: readonly { id: string }[]) => (index: number) => {
      const child = kids.rows.get(list[index]?.id ?? "");
      if (!child) return "";
      const words = [across, up].map(({ field }) => {
        const cell = field.of(child);
        return `${field.title} ${typeof cell === "number" ? number(cell) : (cell ?? "–")}`;
      });
      return `${child.name || child.id} · ${words.join(" · ")}`;
    };
    const [goal_x, goal_y] = [across, up].map(({ field }) =>
      field.kind === "metric" ? desk.goal_of(field.name) : null,
    );
    const front = goal_x && goal_y && across.scale !== "categorical" ? pareto_front(points, goal_x, goal_y) : [];
    const title = (axis: typeof across) => `${axis.field.title}${axis.scale === "log" ? " (log)" : ""}`;
    const subject: Subject = {
      x_label: title(across),
      y_label: title(up),
      x: [across.low, across.high],
      y: [up.low, up.high],
      marks: { x: across.ticks, y: up.ticks },
      strokes: [
        ...(front.length > 1
          ? [
              {
                name: "Pareto front",
                color: 3,
                look: "solid" as const,
                x: Float64Array.from(front, ({ x: one }) => one),
                y: Float64Array.from(front, ({ y: one }) => one),
                opacity: 0.9,
              },
            ]
          : []),
        {
          name: "run",
          color: 1,
          look: "dots",
          x: Float64Array.from(dots, ({ x: one }) => one),
          y: Float64Array.from(dots, ({ y: one }) => one),
          opacity: 0.6,
          tell: tell(dots),
        },
        {
          name: "best",
          color: 3,
          look: "dots",
          x: Float64Array.from(top, ({ x: one }) => one),
          y: Float64Array.from(top, ({ y: one }) => one),
          opacity: 1,
          tell: tell(top),
        },
      ],
    };
    return { subject, dots, top, front, all: points.length, left_out: ordered.length - points.length };
  }, [ordered, x.value, y.value, desk.rows.value, metric]);
  const chooser = (label: string, chosen: typeof x) => (
    <label class="rd-secondary">
      {label}{" "}
      <select
        class="rd-select"
        value={chosen.value}
        onChange={(event) => {
          chosen.value = event.currentTarget.value;
        }}
      >
        {choices.map(({ key, title }) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <div class="rd-tools">
        {chooser("Across", x)}
        {chooser("Up", y)}
      </div>
      {made ? (
        <SketchStage
          name={`${made.subject.y_label} over ${made.subject.x_label}`}
          subject={made.subject}
          height={260}
          otherwise={`${made.front.length > 1 ? `${counted(made.front.length, "run")} on the Pareto front: none is beaten in both. ` : ""}${drawn(made.dots.length + made.top.length, made.all)}${made.left_out ? `, ${count(made.left_out)} without a value or filtered out` : ""}.`}
          choose={(spot) => {
            const is_top = spot.stroke === made.subject.strokes.length - 1;
            const child = kids.rows.get((is_top ? made.top : made.dots)[spot.index]?.id ?? "");
            if (child) view.open(child);
          }}
        />
      ) : (
        <p class="rd-empty">None of the runs has both values.</p>
      )}
    </>
  );
}

const drawn = (shown: number, all: number) =>
  shown < all ? `${count(shown)} of ${counted(all, "run")} drawn, the best among them` : `${counted(all, "run")} drawn`;

/** The metrics that a study has as its objectives, where there are two or more. */
function objectives(goals: Readonly<Record<string, string>>, fields: readonly { key: string }[]): string[] {
  const found = Object.keys(goals).filter(
    (name) => /^values?_\d+$/.test(name) && fields.some(({ key }) => key === `metric:${name}`),
  );
  return found.length > 1 ? found : [];
}
