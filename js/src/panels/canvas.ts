import { useEffect, useState } from "preact/hooks";

/**
 * A canvas as wide as its place is, drawn anew whenever its width or one of the inputs changes. It may come later than
 * the panel that has it.
 */
export function useCanvas(
  high: number,
  inputs: readonly unknown[],
  draw: (pen: CanvasRenderingContext2D, width: number, element: HTMLCanvasElement) => void,
) {
  const [canvas, ref] = useState<HTMLCanvasElement | null>(null);
  const [width, set_width] = useState(0);
  useEffect(() => {
    if (!canvas || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => set_width(canvas.clientWidth));
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [canvas]);
  useEffect(() => {
    const pen = canvas?.getContext("2d");
    if (!canvas || !pen || !width) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = high * ratio;
    pen.scale(ratio, ratio);
    draw(pen, width, canvas);
  }, [canvas, width, ...inputs]);
  return { canvas, ref, width };
}
