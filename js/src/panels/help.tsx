import { useView } from "./parts";

const KEYS = [
  ["/", "search"],
  ["← →", "next tab; point after point in a chart"],
  ["Enter", "chart at full width; open a row"],
  ["Esc", "back"],
  ["x", "choose a row; with Shift all since the last"],
  ["↓", "on a column’s name: pin, colour, hide"],
  ["c", "compare a chart with other metrics"],
  ["l", "log axis"],
  ["s", "smoothing on or off"],
  ["t", "charts as tables"],
  ["f", "follow the log’s end"],
  ["drag", "zoom along a chart; double click or Esc resets"],
] as const;

export function Help() {
  const view = useView();
  if (!view.is_help_open.value) return null;
  return (
    <dl class="rd-help" aria-label="Keys">
      {KEYS.map(([key, words]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
