import { useRef, useState } from "preact/hooks";
import { shade, shares } from "../children/axes";
import { state_of } from "../children/fields";
import { number } from "../format";
import { useCanvas } from "./canvas";
import { useInk } from "./charts/stage";
import { useView } from "./parts";

const HIGH = 16;

/** All of them in order, one cell each, coloured by score: red has failed, the accent runs. */
export function Strip() {
  const view = useView();
  const { store, children: desk } = view;
  const kids = store.children;
  const [words, set_words] = useState("");
  const ordered = desk.ordered.value;
  const metric = desk.metric.value;
  const is_min = desk.goal.value === "min";
  kids.changed.value;
  const drawn = useRef<Element | null>(null);
  // Another theme has other colours for what failed and what runs.
  const theme = useInk(drawn);
  const { canvas, ref } = useCanvas(HIGH, [ordered, metric, is_min, theme], (pen, width, element) => {
    const style = getComputedStyle(element);
    const ink = (name: string) => style.getPropertyValue(name).trim();
    const found = shares(
      ordered.map((child) => kids.number(child, "metric", metric)),
      is_min,
    );
    const wide = width / Math.max(1, ordered.length);
    const gap = wide > 4 ? 1 : 0;
    const order = ordered.map((_, place) => place);
    // Where cells share a pixel, what went wrong is drawn last.
    if (wide < 1)
      order.sort(
        (one, other) => Number(ordered[one]?.status === "Failed") - Number(ordered[other]?.status === "Failed"),
      );
    for (const place of order) {
      const child = ordered[place];
      const share = found[place];
      pen.fillStyle =
        child?.status === "Failed"
          ? ink("--rd-bad")
          : child?.status === "Running"
            ? ink("--rd-accent")
            : share === undefined
              ? ink("--rd-line-strong") || "#999"
              : shade(share);
      if (pen.fillStyle.startsWith("color-mix")) pen.fillStyle = "#999";
      pen.fillRect(place * wide, 0, Math.max(1, wide - gap), HIGH);
    }
  });
  drawn.current = canvas;
  const at = (event: MouseEvent) => {
    const box = canvas?.getBoundingClientRect();
    if (!box) return undefined;
    return ordered[Math.min(ordered.length - 1, Math.floor(((event.clientX - box.left) / box.width) * ordered.length))];
  };
  if (ordered.length < 2) return null;
  return (
    <div class="rd-strip" title={words}>
      <canvas
        ref={ref}
        aria-label="All of them in order, coloured by score"
        role="img"
        onMouseMove={(event) => {
          const child = at(event);
          if (!child) return;
          const score = kids.number(child, "metric", metric);
          const label = kids.text(child, "label");
          set_words(
            `${child.name || child.id}${label ? ` · ${label}` : ""} · ${state_of(kids, child)} · ${number(score ?? null)}`,
          );
        }}
        onClick={(event) => {
          const child = at(event);
          if (child) view.open(child);
        }}
      />
    </div>
  );
}
