import { signal } from "@preact/signals";
import type { AxisUnit } from "./axis";

/** A place along x: step, seconds, or order, as `unit` says. */
export interface Place {
  x: number;
  unit: AxisUnit;
}

/** Where the reader points, for all charts of a view: told once a frame at most. */
export class Cursor {
  readonly at = signal<Place | null>(null);
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
    if (now?.x !== this.next?.x || now?.unit !== this.next?.unit) this.at.value = this.next;
  };
}
