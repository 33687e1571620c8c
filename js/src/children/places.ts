import { depths } from "./ranking";

/** Pixels of a box, and between two of them; an edge that passes a column needs a lane there. */
export const BOX = { width: 168, height: 34 };
const GAP = { x: 46, y: 14 };
const LANE = 4;
const EDGE = 10;
/** What is in sight before the reader scrolls: a box there, not in the middle of a column ten times as tall. */
const SIGHT = 300;
/** How often all columns are put in order by their neighbours; it hardly changes after the third time. */
const ROUNDS = 4;
/** Lanes of all edges together, at most: where there are more, no reader could follow them. */
const LANES = 500;

interface Placed {
  id: string;
  /** IDs of those that it comes after. */
  after: readonly string[];
}

interface Point {
  x: number;
  y: number;
}

export interface Road {
  from: string;
  to: string;
  /** Where it begins, passes columns and ends: two points for each stretch, from left to right. */
  stretches: readonly (readonly [Point, Point])[];
}

export interface Places {
  width: number;
  height: number;
  /** The upper left corner of each box. */
  boxes: ReadonlyMap<string, Point>;
  roads: readonly Road[];
}

/** A box, or the lane of an edge that passes its column. */
interface Slot {
  id: string | null;
  column: number;
  before: Slot[];
  behind: Slot[];
  y: number;
}

/**
 * Boxes in columns, each right of those that it comes after; no edge runs behind a box, but in a thicket. Columns are
 * ordered by the middle of their neighbours (Sugiyama, Tagawa and Toda, 1981), so that few edges cross.
 */
export function places_of(all: readonly Placed[]): Places {
  const deep = depths(all.map(({ id, after }) => ({ id, label: id, after })));
  const columns: Slot[][] = [];
  const put = (column: number, id: string | null): Slot => {
    const slot: Slot = { id, column, before: [], behind: [], y: 0 };
    columns[column] ??= [];
    columns[column]?.push(slot);
    return slot;
  };
  const slots = new Map(all.map(({ id }) => [id, put(deep.get(id) ?? 0, id)]));
  const edges = all.flatMap(({ id: to, after }) =>
    [...new Set(after)].flatMap((from) => {
      const [begin, end] = [slots.get(from), slots.get(to)];
      return begin && end && begin !== end ? [{ from, to, begin, end }] : [];
    }),
  );
  const lanes = edges.reduce((sum, { begin, end }) => sum + Math.max(0, end.column - begin.column - 1), 0);
  const trails = edges.map(({ from, to, begin, end }) => {
    const trail = [begin];
    if (lanes <= LANES)
      for (let column = begin.column + 1; column < end.column; column++) trail.push(put(column, null));
    trail.push(end);
    trail.slice(1).forEach((slot, place) => {
      slot.before.push(trail[place] as Slot);
      trail[place]?.behind.push(slot);
    });
    return { from, to, trail };
  });
  const tallest = Math.max(0, ...columns.map(height_of));
  for (const column of columns) stack(column, tallest);
  for (let round = 0; round < ROUNDS; round++) {
    for (const column of columns) settle(column, "before", tallest);
    for (const column of [...columns].reverse()) settle(column, "behind", tallest);
  }
  const left = (column: number) => EDGE + column * (BOX.width + GAP.x);
  const middle = (slot: Slot) => slot.y + size_of(slot) / 2;
  return {
    width: 2 * EDGE + columns.length * (BOX.width + GAP.x) - GAP.x,
    height: 2 * EDGE + tallest,
    boxes: new Map([...slots].map(([id, slot]) => [id, { x: left(slot.column), y: slot.y }])),
    roads: trails.map(({ from, to, trail }) => ({
      from,
      to,
      stretches: trail.slice(1).map((slot, place) => {
        const start = trail[place] as Slot;
        return [
          { x: left(start.column) + BOX.width, y: middle(start) },
          { x: left(slot.column), y: middle(slot) },
        ] as const;
      }),
    })),
  };
}

const size_of = ({ id }: Slot): number => (id === null ? LANE : BOX.height);

const height_of = (column: readonly Slot[]): number =>
  column.reduce((sum, slot) => sum + size_of(slot), (column.length - 1) * GAP.y);

/** One below the other, in the middle of what the tallest column takes, as far as that is in sight. */
function stack(column: readonly Slot[], tallest: number): void {
  let y = EDGE + Math.max(0, Math.min(tallest, SIGHT) - height_of(column)) / 2;
  for (const slot of column) {
    slot.y = y;
    y += size_of(slot) + GAP.y;
  }
}

/** Puts a column in the order of the middles of its neighbours on one side. */
function settle(column: Slot[], side: "before" | "behind", tallest: number): void {
  const wish = (slot: Slot) => {
    const near = slot[side].length ? slot[side] : [slot];
    return near.reduce((sum, one) => sum + one.y + size_of(one) / 2, 0) / near.length;
  };
  const wishes = new Map(column.map((slot) => [slot, wish(slot)]));
  column.sort((one, other) => (wishes.get(one) ?? 0) - (wishes.get(other) ?? 0));
  stack(column, tallest);
}
