/** The kernel's clock as this page can know it: facts carry its times, and the two computers may disagree. */
export class Clock {
  private offset: number | null = null;

  constructor(private readonly here: () => number = () => Date.now() / 1_000) {}

  /** A message said that it was `now` in the kernel when it left. The one that travelled least says it best. */
  hear(now: number): void {
    const offset = now - this.here();
    // A step of more than a minute is a clock that was put right, or a message that waited in a queue.
    if (this.offset === null || offset > this.offset || this.offset - offset > 60) this.offset = offset;
  }

  /** Seconds since 1970 in the kernel's clock. */
  now(): number {
    return this.here() + (this.offset ?? 0);
  }
}

type Tick = () => void;
const ticks = new Set<Tick>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls once a second until the returned function is called; one timer serves the whole page. */
export function every_second(tick: Tick): () => void {
  ticks.add(tick);
  timer ??= setInterval(() => {
    for (const one of ticks) one();
  }, 1_000);
  return () => {
    ticks.delete(tick);
    if (ticks.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Late work yields: each job runs in a frame of its own, 40 ms after the one before; the newest of a key wins. */
export class Staggered {
  private readonly jobs = new Map<object, () => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly apart = 40) {}

  add(key: object, job: () => void): void {
    this.jobs.set(key, job);
    this.timer ??= setTimeout(this.next, 0);
  }

  forget(key: object): void {
    this.jobs.delete(key);
  }

  private readonly next = () => {
    this.timer = undefined;
    const first = this.jobs.entries().next();
    if (first.done) return;
    const [key, job] = first.value;
    this.jobs.delete(key);
    if (this.jobs.size) this.timer = setTimeout(this.next, this.apart);
    job();
  };
}

/** Work that may be dear: one in flight, the newest waiting, the rest forgotten. */
export class Newest {
  private waiting: (() => Promise<void>) | null = null;
  private is_busy = false;

  /** `share` of the time that work may take, at most: below 1 it rests after each, so that what comes often is done seldom. */
  constructor(private readonly share: () => number) {}

  add(work: () => Promise<void>): void {
    this.waiting = work;
    if (!this.is_busy) void this.work();
  }

  forget(): void {
    this.waiting = null;
  }

  private async work(): Promise<void> {
    this.is_busy = true;
    try {
      while (this.waiting) {
        const now = this.waiting;
        this.waiting = null;
        const from = performance.now();
        await now();
        const rest = (performance.now() - from) * (1 / this.share() - 1);
        if (rest > 0) await new Promise((done) => setTimeout(done, rest));
      }
    } finally {
      this.is_busy = false;
    }
  }
}
