import { signal } from "@preact/signals";

/** Series that one chart draws at most: more than six colours cannot be told apart. */
export const SERIES_AT_MOST = 6;

/** A metric drawn into the chart of another one. */
export interface Overlaid {
  readonly name: string;
  /** 2 to 6; it stays, whatever is taken out before it. */
  readonly color: number;
}

const NONE: readonly Overlaid[] = [];

/** What a reader laid over one another: by metric whose chart it is. */
export class Overlays {
  readonly all = signal<ReadonlyMap<string, readonly Overlaid[]>>(new Map());

  /** `changed`: told when other metrics are in sight with this. */
  constructor(private readonly changed: () => void = () => {}) {}

  of(base: string): readonly Overlaid[] {
    return this.all.value.get(base) ?? NONE;
  }

  /** Puts a metric into the chart of another one, or takes it out. False when there is no more room. */
  toggle(base: string, name: string): boolean {
    const now = this.of(base);
    const rest = now.filter((one) => one.name !== name);
    if (rest.length < now.length) {
      this.set(base, rest);
      return true;
    }
    const color = [2, 3, 4, 5, 6].find((free) => !now.some((one) => one.color === free));
    if (name === base || !color) return false;
    this.set(base, [...now, { name, color }]);
    return true;
  }

  private set(base: string, others: readonly Overlaid[]): void {
    const all = new Map(this.all.peek());
    if (others.length) all.set(base, others);
    else all.delete(base);
    this.all.value = all;
    this.changed();
  }
}

const TRAINED = ["train", "training"];
const VALIDATED = ["val", "valid", "validation", "eval", "test", "dev"];
const SPLIT = /(^|[/_.\- ])(train|training|val|valid|validation|eval|test|dev)($|[/_.\- ])/i;

/** Every card asks about the same names. */
const folded = new WeakMap<readonly string[], ReadonlyMap<string, string>>();

function by_lower_case(names: readonly string[]): ReadonlyMap<string, string> {
  let found = folded.get(names);
  if (!found) {
    found = new Map(names.map((one) => [one.toLowerCase(), one]));
    folded.set(names, found);
  }
  return found;
}

/** The metric that one wants to see beside this one: `val/loss` for `train/loss`, `loss` for `val_loss`, and back. */
export function partner_of(name: string, names: readonly string[]): string | null {
  const known = by_lower_case(names);
  const found = SPLIT.exec(name);
  let wanted: string[];
  if (found) {
    const [whole, before = "", word = "", after = ""] = found;
    const rest = (middle: string) =>
      name.slice(0, found.index) + before + middle + after + name.slice(found.index + whole.length);
    const is_trained = TRAINED.includes(word.toLowerCase());
    const bare = name.slice(0, found.index) + (before && after ? before : "") + name.slice(found.index + whole.length);
    wanted = [...(is_trained ? VALIDATED : TRAINED).map(rest), ...(is_trained ? [] : [bare])];
  } else {
    wanted = VALIDATED.flatMap((word) => ["/", "_", ".", "-"].map((joint) => word + joint + name));
  }
  const partner = wanted.map((one) => known.get(one.toLowerCase())).find((one) => one !== undefined && one !== name);
  return partner ?? null;
}
