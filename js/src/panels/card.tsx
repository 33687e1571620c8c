import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { csv, download } from "../csv";
import { count } from "../format";
import { partner_of } from "../overlays";
import { type Look, type Picture, picture } from "../picture";
import { ink_of, picture_svg, plot_size, rastered, type Sheet } from "../picture_svg";
import { rows } from "../points_csv";
import { file_name, save } from "../saving";
import type { Metric } from "../store";
import type { View } from "../view";
import { Compare } from "./compare";
import { Legend, Value } from "./legend";
import { Item, Popover } from "./menu";
import { useView } from "./parts";
import { type Charted, type Compose, Plot } from "./plot";
import { PointsTable } from "./points";

const LOW = 150;
const TALL = 340;
/** Pixels of a chart that is saved. */
const SAVED = { width: 760, height: 430 };

/** One metric: its name, its last value, its chart, and what the reader laid over it. */
export function Card({ name }: { name: string }) {
  const view = useView();
  const { store } = view;
  const metric = store.metric(name);
  const own_log = useSignal<boolean | null>(null);
  const is_table = useSignal(false);
  const notices = useSignal<readonly string[]>([]);
  const drawn = useSignal<Picture | null>(null);
  const opened = useSignal<"menu" | "compare" | null>(null);
  const fault = useSignal("");
  const compose = useRef<Compose | null>(null);
  const article = useRef<HTMLElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  // Compared with every card that there is: only those that change are drawn again.
  const is_expanded = useComputed(() => view.expanded.value === name);
  const is_pinned = useComputed(() => view.pinned.value.includes(name));
  const overlaid = useComputed(() => view.overlays.of(name));
  const partner = useComputed(() => partner_of(name, store.names.value));
  if (!metric) return null;

  const band = view.band.value?.metric === name ? view.band.value : null;
  const series: Charted[] = [{ name, color: 1, metric }];
  for (const other of overlaid.value) {
    const found = store.metric(other.name);
    if (found) series.push({ ...other, metric: found });
  }
  const is_log = own_log.value ?? view.is_log.value;
  const height = is_expanded.value ? TALL : LOW;
  const suggested = partner.value && !series.some((one) => one.name === partner.value) ? partner.value : null;
  const acts = {
    expand: () => {
      view.expanded.value = is_expanded.value ? null : name;
    },
    log: () => {
      own_log.value = !is_log;
    },
    table: () => {
      is_table.value = !is_table.value;
    },
    pin: () => view.toggle_pin(name),
    compare: () => {
      opened.value = "compare";
    },
    add: () => suggested && view.overlays.toggle(name, suggested),
    csv: () =>
      download(
        file_name(name, "csv"),
        csv(
          rows(
            store,
            series.map((one) => one.name),
          ),
        ),
      ),
    svg: () => save_chart("svg"),
    png: () => save_chart("png"),
  };
  const save_chart = (ending: "svg" | "png") => {
    if (!article.current) return;
    const sheet = sheet_of(view, article.current, series);
    const { width, height: high } = plot_size(sheet, series);
    const svg = picture_svg((compose.current ?? as_it_is(view, series, is_log))(width, high), sheet);
    fault.value = "";
    if (ending === "svg") return save(file_name(name, ending), new Blob([svg], { type: "image/svg+xml" }));
    void rastered(svg, sheet).then(
      (blob) => save(file_name(name, ending), blob),
      () => {
        fault.value = "No PNG could be made in this page: save the chart as SVG instead.";
      },
    );
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLButtonElement && event.key === "Enter") return;
    const keys: Record<string, () => void> = { Enter: acts.expand, l: acts.log, t: acts.table, c: acts.compare };
    const act = keys[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };
  const close = (by_key = false) => {
    opened.value = null;
    if (by_key) button.current?.focus();
  };
  /** What an entry of the menu does: the menu closes, and the reader goes on from its button. */
  const then = (act: () => void) => () => {
    close(true);
    act();
  };
  return (
    <article
      class={`rd-chart${is_expanded.value ? " rd-expanded" : ""}`}
      data-metric={name}
      aria-label={name.slice(0, 200)}
      onKeyDown={key}
      ref={article}
    >
      <div class="rd-card-head">
        <h4 class="rd-title" title={name}>
          <bdi>{name}</bdi>
        </h4>
        {series.length === 1 && <Value metric={metric} drawn={drawn} index={0} />}
        <span class="rd-card-tools">
          {suggested && (
            <button
              type="button"
              class="rd-quiet rd-suggested"
              tabIndex={-1}
              title={`Compare with ${suggested}`}
              onClick={acts.add}
            >
              + <bdi>{suggested}</bdi>
            </button>
          )}
          <Tool words="Log" title="Log axis (l)" is_on={is_log} act={acts.log} />
          <Tool words="Table" title="Chart as table (t)" is_on={is_table.value} act={acts.table} />
          <Tool
            words={is_expanded.value ? "Shrink" : "Expand"}
            title="Full width (Enter)"
            is_on={is_expanded.value}
            act={acts.expand}
          />
        </span>
        <button
          type="button"
          class="rd-quiet rd-dots"
          ref={button}
          aria-haspopup="menu"
          aria-expanded={opened.value !== null}
          aria-label={`More for ${name.slice(0, 200)}`}
          title="Compare, save, …"
          onClick={() => {
            opened.value = opened.value ? null : "menu";
          }}
        >
          ⋯
        </button>
      </div>
      {opened.value === "menu" && (
        <Popover anchor={button.current} label={`${name.slice(0, 200)}: more`} role="menu" close={close}>
          <Item words="Compare with…" hint="c" act={acts.compare} />
          {suggested && <Item words={`Add ${suggested}`} act={then(acts.add)} />}
          <hr />
          <Item words="Log axis" hint="l" is_on={is_log} act={then(acts.log)} />
          <Item words="As a table" hint="t" is_on={is_table.value} act={then(acts.table)} />
          <Item words="Full width" hint="Enter" is_on={is_expanded.value} act={then(acts.expand)} />
          <Item words="Keep on top" is_on={is_pinned.value} act={then(acts.pin)} />
          <hr />
          <Item words="Save as PNG" act={then(acts.png)} />
          <Item words="Save as SVG" act={then(acts.svg)} />
          <Item words="Save points as CSV" act={then(acts.csv)} />
        </Popover>
      )}
      {opened.value === "compare" && (
        <Popover anchor={button.current} label={`Compare ${name.slice(0, 200)} with`} role="dialog" close={close}>
          <Compare name={name} />
        </Popover>
      )}
      {series.length > 1 && (
        <Legend series={series} drawn={drawn} remove={(other) => view.overlays.toggle(name, other)} />
      )}
      {is_table.value ? (
        <PointsTable series={series} height={height} />
      ) : (
        <Plot
          series={series}
          is_log={is_log}
          height={height}
          band={band}
          notices={notices}
          drawn={drawn}
          compose={compose}
        />
      )}
      <Notes
        metric={metric}
        notices={[fault.value, band?.words ?? "", ...notices.value, band ? SHADED : ""].filter(Boolean)}
        use_log={drawn.value?.is_uneven && !is_table.value ? acts.log : null}
      />
    </article>
  );
}

function Tool({ words, title, is_on, act }: { words: string; title: string; is_on: boolean; act: () => void }) {
  return (
    // For the pointer: the menu has them for the keyboard, and so each chart is two stops instead of six.
    <button type="button" class="rd-quiet" tabIndex={-1} title={title} aria-pressed={is_on} onClick={act}>
      {words}
    </button>
  );
}

/** The paper on which a chart is saved. */
function sheet_of({ store, smoothing }: View, article: Element, series: readonly Charted[]): Sheet {
  const run = store.run.peek();
  const weight = smoothing.peek();
  const subtitle = [run?.name || run?.id, run?.experiment, weight ? `smoothed ${weight.toFixed(2)}` : ""];
  return {
    ...SAVED,
    title: series.map(({ name }) => name).join(", "),
    subtitle: subtitle.filter(Boolean).join(" · "),
    ink: ink_of(article),
  };
}

/** The chart of a card that shows a table. */
function as_it_is({ axis, smoothing, store }: View, series: readonly Charted[], is_log: boolean): Compose {
  const look: Look = {
    axis: axis.peek(),
    is_log,
    smoothing: smoothing.peek(),
    started: store.run.peek()?.started ?? null,
    zoom: null,
  };
  const all = series.map(({ name, color, metric }) => ({ name, color, kept: metric.series.kept }));
  return (width, height) => picture(all, look, width, height);
}

interface NotesProps {
  metric: Metric;
  notices: readonly string[];
  /** Set where a log axis would show more. */
  use_log: (() => void) | null;
}

/** One line of fixed height, so that nothing moves when there is something to say. */
function Notes({ metric, notices, use_log }: NotesProps) {
  metric.changed.value;
  const { series } = metric;
  const badge = `${count(series.kept.ordinal.length)} of ${count(series.count)} points, extremes kept`;
  const is_zoomed = notices.some((notice) => notice.includes("in view"));
  const lines = [...notices, ...(series.is_thinned && !is_zoomed ? [badge] : [])];
  return (
    <p class="rd-notes" title={[...(use_log ? [UNEVEN] : []), ...lines].join("\n")}>
      {use_log && (
        <>
          {UNEVEN}{" "}
          <button type="button" class="rd-link" onClick={use_log}>
            Use a log axis
          </button>
          {lines.length > 0 && " · "}
        </>
      )}
      {lines.join(" · ")}
    </p>
  );
}

const SHADED = "shaded: where 80 % and half of its siblings lie, dashed: their median";
const UNEVEN = "Sizes differ more than 100-fold.";
