import { signal } from "@preact/signals";
import type { AnswerMessage, Wish, WishName } from "./contract";
import type { Buffer } from "./wire";

export interface Answer {
  message: AnswerMessage;
  buffers: readonly Buffer[];
}

export type Extra = Partial<Omit<Wish, "kind" | "id" | "wish" | "view">>;

/** Seconds between two signs of life of a view. */
const HEARTBEAT = 180_000;
/** After this long an unanswered wish is shown as waiting. */
const PATIENCE = 1_000;
/** Wishes that a person made and waits for. */
const SHOWN: readonly WishName[] = [
  "refresh",
  "pause",
  "resume",
  "range",
  "cancel",
  "logs",
  "log_range",
  "log_find",
  "files",
  "logged",
  "file",
  "zip",
  "open",
  "importance",
];

/** What the page asks of the kernel. Nothing depends on an answer: a busy kernel gives it late, a dead one never. */
export class Wishes {
  /** Wishes of people that the kernel has not answered within a second. */
  readonly waiting = signal<readonly WishName[]>([]);

  private next_id = 1;
  private readonly open = new Map<number, { name: WishName; answered: (answer: Answer | null) => void }>();
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** `send` throws when the kernel is gone; then `lost` is told, and the wish is dropped. */
  constructor(
    private readonly send: (wish: Wish) => void,
    private readonly lost: () => void,
    /** Said with every wish. */
    private readonly always: Extra = {},
  ) {}

  /** Resolves with the answer, or with null when the kernel is gone. */
  wish(view: string, name: WishName, extra: Extra = {}): Promise<Answer | null> {
    const id = this.next_id++;
    return new Promise((resolve) => {
      try {
        this.send({ kind: "wish", id, wish: name, view, ...this.always, ...extra });
      } catch {
        this.lost();
        resolve(null);
        return;
      }
      this.open.set(id, { name, answered: resolve });
      if (SHOWN.includes(name))
        this.timers.set(
          id,
          setTimeout(() => this.show(), PATIENCE),
        );
    });
  }

  answer(message: AnswerMessage, buffers: readonly Buffer[]): void {
    const wish = this.open.get(message.id);
    if (!wish) return;
    this.close(message.id);
    wish.answered({ message, buffers });
  }

  /** Nobody will answer any more. */
  drop_all(): void {
    for (const [id, wish] of [...this.open]) {
      this.close(id);
      wish.answered(null);
    }
  }

  private close(id: number): void {
    clearTimeout(this.timers.get(id));
    const was_shown = this.timers.delete(id);
    this.open.delete(id);
    if (was_shown) this.show();
  }

  private show(): void {
    this.waiting.value = [...this.open.values()].map(({ name }) => name).filter((name) => SHOWN.includes(name));
  }
}

/** Tells the kernel that a view is there and whether somebody can see it, until `signal` aborts. */
export function keep_in_touch(
  wishes: Wishes,
  view: string,
  element: HTMLElement,
  signal: AbortSignal,
  first: "hello" | "open" = "hello",
): void {
  let is_in_sight = true;
  let told: boolean | null = null;
  let is_unanswered = false;

  const look = async (is_heartbeat: boolean) => {
    const visible = is_in_sight && document.visibilityState !== "hidden";
    if (is_heartbeat ? is_unanswered : visible === told) return;
    told = visible;
    is_unanswered = true;
    const answer = await wishes.wish(view, "look", { visible });
    if (answer) is_unanswered = false;
  };
  const leave = () => void wishes.wish(view, "leave");

  void wishes.wish(view, first, { visible: true });
  told = true;
  const observer = new IntersectionObserver((entries) => {
    is_in_sight = entries[entries.length - 1]?.isIntersecting ?? true;
    void look(false);
  });
  observer.observe(element);
  const heartbeat = setInterval(() => void look(true), HEARTBEAT);
  document.addEventListener("visibilitychange", () => void look(false), { signal });
  window.addEventListener("pagehide", leave, { signal });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearInterval(heartbeat);
    leave();
  });
}
