import { signal } from "@preact/signals";
import type { AxisUnit } from "./axis";

/** A place along x: step, seconds, or order, as `unit` says. */
export interface Place {
  x: number;
  unit: AxisUnit;
}

/** Colours that the crosshair is drawn with. */
export interface Ink {
  line: string;
  paper: string;
  series: readonly string[];
}

/** Where the reader points, for all charts of a view: told once a frame at most. */
export class Cursor {
  readonly at = signal<Place | null>(null);
  /** Looked up once, when the reader begins to point: to ask for colours may have all styles computed anew. */
  ink: Ink | null = null;
  private next: Place | null = null;
  private frame = 0;

  point(place: Place | null): void {
    this.next = place;
    this.frame ||= requestAnimationFrame(this.tell);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
  }

  private readonly tell = () => {
    this.frame = 0;
    const now = this.at.peek();
    if (!this.next) this.ink = null;
    if (now?.x !== this.next?.x || now?.unit !== this.next?.unit) this.at.value = this.next;
  };
}
