import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Stroke, Subject } from "../charts/sketch";
import { axis_of, shares } from "../children/axes";
import { differing } from "../children/differences";
import { is_sound } from "../children/fields";
import { DOTS } from "../children/progress";
import { pareto_front, since_improvement } from "../children/ranking";
import type { Child } from "../children/store";
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
  const curve = desk.curve_metric.value;
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
  const kept = desk.kept.value;
  const made = useMemo(() => {
    const scales = kids.family.value?.scales ?? {};
    const [across, up] = [x.value, y.value].map((key) => {
      const field = choices.find((one) => one.key === key);
      return field ? axis_of(field, ordered, field.kind === "parameter" ? scales[field.name] : undefined) : null;
    });
    if (!across || !up) return null;
    const shown = new Set(kept);
    const points = ordered
      .filter((child) => shown.has(child))
      .flatMap((child, place): Point[] => {
        const [at_x, at_y] = [across.place(across.field.of(child)), up.place(up.field.of(child))];
        // Rows of one category stand beside each other, always in the same places.
        const aside = across.scale === "categorical" ? (((place * 7) % 11) - 5) * 0.03 : 0;
        return at_x === undefined || at_y === undefined ? [] : [{ id: child.id, x: at_x + aside, y: at_y, child }];
      });
    const best = desk.best.value?.id;
    const is_stopped = ({ child }: Point) => !is_sound(child) || kids.text(child, "state") === "Pruned";
    const every = Math.ceil(points.length / DOTS);
    const dots = points.filter(({ id }, place) => place % every === 0 && id !== best);
    const went = dots.filter((point) => !is_stopped(point));
    // Where no axis is the score, a dot is the stronger the better it is.
    const is_shaded = metric !== "" && ![across, up].some(({ field }) => field.key === `metric:${metric}`);
    const found = shares(
      went.map(({ child }) => kids.number(child, "metric", metric)),
      desk.goal.value === "min",
    );
    const classes = is_shaded
      ? SHADES.map((opacity, nth) => ({
          opacity,
          list: went.filter((_, place) => Math.floor((found[place] ?? 0) * (SHADES.length - 0.01)) === nth),
        }))
      : [{ opacity: 0.6, list: went }];
    const tell = (list: readonly Point[]) => (index: number) => {
      const child = list[index]?.child;
      if (!child) return "";
      const score = is_shaded ? [{ title: metric, of: () => kids.cell(child, "metric", metric) }] : [];
      const words = [across.field, up.field, ...score].map(({ title, of }) => {
        const cell = of(child);
        return `${title} ${typeof cell === "number" ? number(cell) : (cell ?? "–")}`;
      });
      return `${child.name || child.id} · ${words.join(" · ")}`;
    };
    const dotted = (name: string, color: number, opacity: number, list: readonly Point[]): Dots => ({
      list,
      stroke: {
        name,
        color,
        look: "dots",
        x: Float64Array.from(list, ({ x: one }) => one),
        y: Float64Array.from(list, ({ y: one }) => one),
        opacity,
        tell: tell(list),
      },
    });
    const [goal_x, goal_y] = [across, up].map(({ field }) =>
      field.kind === "metric" ? desk.goal_of(field.name) : null,
    );
    const front = goal_x && goal_y && across.scale !== "categorical" ? pareto_front(points, goal_x, goal_y) : [];
    const title = (axis: typeof across) => `${axis.field.title}${axis.scale === "log" ? " (log)" : ""}`;
    const drawn: Dots[] = [
      ...(front.length > 1 ? [{ list: [], stroke: joined(front) }] : []),
      ...classes.map(({ opacity, list }) => dotted("run", 1, opacity, list)),
      dotted("pruned or failed", 2, 0.55, dots.filter(is_stopped)),
      dotted(
        "best",
        3,
        1,
        points.filter(({ id }) => id === best),
      ),
    ];
    const subject: Subject = {
      x_label: title(across),
      y_label: title(up),
      x: [across.low, across.high],
      y: [up.low, up.high],
      marks: { x: across.ticks, y: up.ticks },
      strokes: drawn.map(({ stroke }) => stroke),
    };
    const said = [
      front.length > 1 ? `${counted(front.length, "run")} on the Pareto front: none is beaten in both.` : "",
      `${drawn_of(sum(drawn), points.length)}${left_out(ordered.length - points.length)}.`,
      is_shaded ? `The stronger, the better in ${metric}; the best in green.` : "",
    ];
    return { subject, drawn, words: said.filter(Boolean).join(" ") };
  }, [ordered, x.value, y.value, kept, metric, desk.goal.value]);
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
          otherwise={made.words}
          choose={({ stroke, index }) => {
            const child = made.drawn[stroke]?.list[index]?.child;
            if (child) view.open(child);
          }}
        />
      ) : (
        <p class="rd-empty">None of the runs has both values.</p>
      )}
    </>
  );
}

interface Point {
  id: string;
  x: number;
  y: number;
  child: Child;
}

/** A stroke and the rows that its points are. */
interface Dots {
  list: readonly Point[];
  stroke: Stroke;
}

/** How strong dots are, from the worst quarter to the best. */
const SHADES = [0.15, 0.35, 0.6, 0.95] as const;

const joined = (front: readonly Pick<Point, "x" | "y">[]): Stroke => ({
  name: "Pareto front",
  color: 3,
  look: "solid",
  x: Float64Array.from(front, ({ x }) => x),
  y: Float64Array.from(front, ({ y }) => y),
  opacity: 0.9,
});

const sum = (drawn: readonly Dots[]) => drawn.reduce((all, { list }) => all + list.length, 0);

const drawn_of = (shown: number, all: number) =>
  shown < all ? `${count(shown)} of ${counted(all, "run")} drawn, the best among them` : `${counted(all, "run")} drawn`;

const left_out = (many: number) => (many ? `, ${count(many)} without a value or filtered out` : "");

/** The metrics that a study has as its objectives, where there are two or more. */
function objectives(goals: Readonly<Record<string, string>>, fields: readonly { key: string }[]): string[] {
  const found = Object.keys(goals).filter(
    (name) => /^values?_\d+$/.test(name) && fields.some(({ key }) => key === `metric:${name}`),
  );
  return found.length > 1 ? found : [];
}
