import { useMemo, useState } from "preact/hooks";
import {
  type Accuracy,
  AVERAGES,
  accuracy_of,
  accuracy_subject,
  accuracy_words,
  area_words,
  curve,
  type Form,
  style_of,
  TITLES,
  type Who,
  who_name,
} from "../../charts/accuracy";
import { csv, download } from "../../csv";
import { count } from "../../format";
import { search } from "../../search";
import { Search, Segments } from "../parts";
import { SketchStage, Swatch } from "./sketch";
import { page_paint } from "./stage";

/** With more classes only the averages are drawn until the reader asks for a class. */
const FEW = 3;
/** Names in the legend at most, besides those that are drawn. */
const LISTED = 60;

/** ROC, precision-recall and the others, of the classes and their averages. */
export function AccuracyChart({ name, json }: { name: string; json: unknown }) {
  const accuracy = useMemo(() => accuracy_of(json), [json]);
  const [form, set_form] = useState<Form>("roc");
  const [shown, set_shown] = useState<readonly Who[]>(() => [
    ...AVERAGES,
    ...(accuracy.labels.length <= FEW ? accuracy.labels.keys() : []),
  ]);
  const subject = useMemo(() => accuracy_subject(accuracy, form, shown), [accuracy, form, shown]);
  const title = TITLES.find(([one]) => one === form)?.[1] ?? "";
  const toggle = (who: Who) => {
    const others = shown.filter((one) => one !== who);
    set_shown(others.length < shown.length ? others : [...shown, who].sort(by_place));
  };
  const rows = function* () {
    yield ["curve", subject.x_label, subject.y_label, "threshold"];
    for (const who of shown) {
      const found = curve(accuracy, form, who);
      for (const [place, x] of found?.x.entries() ?? [])
        yield [who_name(accuracy, who), x, found?.y[place] ?? null, plain(found?.thresholds[place])];
    }
  };
  return (
    <>
      <div class="rd-tools">
        <Segments label="Curve" value={form} choices={TITLES} choose={set_form} />
        <span class="rd-secondary">{accuracy_words(accuracy)}</span>
        <span class="rd-tools-end">
          <button type="button" class="rd-quiet" onClick={() => download(`${name}-${form}.csv`, csv(rows()))}>
            Download CSV
          </button>
        </span>
      </div>
      <div class="rd-model">
        <SketchStage
          name={`${name}: ${title}`}
          subject={subject}
          otherwise={`${title}. Point at a curve, or press arrows.`}
        />
        <CurveList accuracy={accuracy} form={form} shown={shown} toggle={toggle} set={set_shown} />
      </div>
    </>
  );
}

const place_of = (who: Who) => (typeof who === "number" ? AVERAGES.length + who : AVERAGES.indexOf(who));
const by_place = (one: Who, other: Who) => place_of(one) - place_of(other);
const plain = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);

interface ListProps {
  accuracy: Accuracy;
  form: Form;
  shown: readonly Who[];
  toggle: (who: Who) => void;
  set: (shown: readonly Who[]) => void;
}

/** The legend, in which curves are switched on and off. */
function CurveList({ accuracy, form, shown, toggle, set }: ListProps) {
  const [query, set_query] = useState("");
  const { labels } = accuracy;
  const classes = search([...labels.keys()], query, (index) => labels[index] ?? "");
  const listed: Who[] = [...AVERAGES, ...classes.slice(0, LISTED)];
  const missing = shown.filter((who) => !listed.includes(who));
  const all = [...listed, ...missing];
  const said = useMemo(
    () => new Map(all.map((who) => [who, area_words(form, curve(accuracy, form, who))])),
    [accuracy, form, all.join()],
  );
  return (
    <div class="rd-side">
      {labels.length > 12 && <Search query={query} set={set_query} what={`${count(labels.length)} classes`} />}
      <ul aria-label="Curves">
        {all.map((who) => {
          const is_shown = shown.includes(who);
          return (
            <li key={who}>
              <button type="button" aria-pressed={is_shown} title={who_name(accuracy, who)} onClick={() => toggle(who)}>
                <svg width="24" height="12" aria-hidden="true">
                  {is_shown && <Swatch stroke={style_of(who)} paint={page_paint} />}
                </svg>
                <bdi>{who_name(accuracy, who)}</bdi>
                <span>{said.get(who)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {classes.length > LISTED && (
        <p class="rd-secondary">
          {LISTED} of {count(classes.length)} classes are listed: search for the others.
        </p>
      )}
      <p class="rd-under">
        {labels.length <= 24 && (
          <button type="button" class="rd-quiet" onClick={() => set([...AVERAGES, ...labels.keys()])}>
            All
          </button>
        )}
        <button type="button" class="rd-quiet" onClick={() => set(AVERAGES)}>
          Averages
        </button>
        {labels.length <= 24 && (
          <button type="button" class="rd-quiet" onClick={() => set([...labels.keys()])}>
            Classes
          </button>
        )}
      </p>
    </div>
  );
}
