import { useEffect, useState } from "preact/hooks";
import { Newest } from "../clock";
import { useView } from "./parts";

/** Milliseconds of a frame that drawing may take. */
const SLICE = 8;

/** Of the time that passes while more rows are on their way, drawing has this share. */
const SHARE = 0.1;

/** Draws on a sheet; a generator lets others have their turn wherever it yields. */
type Draw = (pen: CanvasRenderingContext2D, width: number, element: HTMLCanvasElement) => Generator<void> | void;

/**
 * A canvas as wide as its place is, drawn anew whenever its width or one of the inputs changes. It may come later than
 * the panel that has it.
 */
export function useCanvas(high: number, inputs: readonly unknown[], draw: Draw) {
  const [canvas, ref] = useState<HTMLCanvasElement | null>(null);
  const [width, set_width] = useState(0);
  const { left } = useView().store.children;
  const [drawing] = useState(() => new Newest(() => (left.peek() ? SHARE : 1)));
  useEffect(() => {
    if (!canvas || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => set_width(canvas.clientWidth));
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [canvas]);
  useEffect(() => {
    if (!canvas || !width) return;
    drawing.add(async () => {
      const ratio = window.devicePixelRatio || 1;
      // Out of sight until it is whole: what is shown meanwhile is what was drawn before.
      const sheet = document.createElement("canvas");
      sheet.width = width * ratio;
      sheet.height = high * ratio;
      const pen = sheet.getContext("2d", { willReadFrequently: true });
      if (!pen) return;
      pen.scale(ratio, ratio);
      const work = draw(pen, width, canvas);
      if (work) await in_slices(pen, work);
      canvas.width = sheet.width;
      canvas.height = sheet.height;
      canvas.getContext("2d")?.drawImage(sheet, 0, 0);
    });
  }, [canvas, width, ...inputs]);
  useEffect(() => () => drawing.forget(), []);
  return { canvas, ref, width };
}

async function in_slices(pen: CanvasRenderingContext2D, work: Generator<void>): Promise<void> {
  let from = performance.now();
  while (!work.next().done) {
    // Chromium collects what is drawn, and draws when somebody looks: all of it in one frame, if nobody did before.
    pen.getImageData(0, 0, 1, 1);
    if (performance.now() - from < SLICE) continue;
    await new Promise(requestAnimationFrame);
    from = performance.now();
  }
}
