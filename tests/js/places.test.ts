import { describe, expect, it } from "vitest";
import { BOX, type Places, places_of } from "../../js/src/children/places";

const part = (id: string, ...before: string[]) => ({ id, after: before });

/** Whether a straight stretch between columns touches a box that it neither leaves nor reaches. */
function runs_behind({ boxes, roads }: Places): string[] {
  const found: string[] = [];
  for (const { from, to, stretches } of roads)
    stretches.slice(1).forEach(([start], place) => {
      const [, end] = stretches[place] ?? [start, start];
      for (const [id, { x, y }] of boxes) {
        const is_beside = end.x < x + BOX.width && start.x > x;
        if (is_beside && start.y > y - 1 && start.y < y + BOX.height + 1) found.push(`${from}-${to} behind ${id}`);
      }
    });
  return found;
}

function crossings({ roads }: Places): number {
  const all = roads.flatMap(({ stretches }) => stretches);
  let found = 0;
  all.forEach(([a, b], place) => {
    for (const [c, d] of all.slice(place + 1))
      if (a.x === c.x && b.x === d.x && (a.y - c.y) * (b.y - d.y) < 0) found += 1;
  });
  return found;
}

describe("Places of a graph", () => {
  it("are right of those that they come after", () => {
    const { boxes, width, height } = places_of([part("c", "a", "b"), part("a"), part("b", "a")]);
    const x = (id: string) => boxes.get(id)?.x ?? Number.NaN;
    expect([x("a"), x("b"), x("c")].map((one) => one > 0)).toEqual([true, true, true]);
    expect(x("a") + BOX.width).toBeLessThan(x("b"));
    expect(x("b") + BOX.width).toBeLessThan(x("c"));
    expect(width).toBeGreaterThan(x("c") + BOX.width);
    for (const { y } of boxes.values()) expect(y + BOX.height).toBeLessThan(height);
  });

  it("leave a lane for edges that pass a column", () => {
    const graph = places_of([
      part("load"),
      part("clean", "load"),
      part("train", "clean"),
      part("report", "train", "clean", "load"),
    ]);
    expect(graph.roads.map(({ from, to, stretches }) => `${from}-${to} ${stretches.length}`)).toEqual([
      "load-clean 1",
      "clean-train 1",
      "train-report 1",
      "clean-report 2",
      "load-report 3",
    ]);
    expect(runs_behind(graph)).toEqual([]);
  });

  it("never lie on an edge, whatever the graph", () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    for (let round = 0; round < 50; round++) {
      const names = Array.from({ length: 2 + Math.floor(random() * 25) }, (_, nth) => `n${nth}`);
      const graph = places_of(names.map((id, nth) => part(id, ...names.slice(0, nth).filter(() => random() < 0.2))));
      expect(runs_behind(graph)).toEqual([]);
      const corners = [...graph.boxes.values()].map(({ x, y }) => `${x} ${y}`);
      expect(new Set(corners).size).toBe(names.length);
    }
  });

  it("are in sight at first, also before very many that wait for one", () => {
    const many = Array.from({ length: 60 }, (_, nth) => part(`n${nth}`, "first"));
    const { boxes, height } = places_of([part("first"), ...many, part("last", ...many.map(({ id }) => id))]);
    expect(height).toBeGreaterThan(2_000);
    for (const id of ["first", "n0", "last"]) expect(boxes.get(id)?.y).toBeLessThan(200);
  });

  it("are ordered so that edges need not cross", () => {
    const graph = places_of([part("a"), part("b"), part("c"), part("of c", "c"), part("of b", "b"), part("of a", "a")]);
    expect(crossings(graph)).toBe(0);
  });

  it("go straight in a thicket, which nobody could follow and no page could draw", () => {
    const names = Array.from({ length: 200 }, (_, nth) => `n${nth}`);
    const { boxes, roads } = places_of(names.map((id, nth) => part(id, ...names.slice(0, nth))));
    expect(boxes.size).toBe(200);
    expect(roads).toHaveLength((200 * 199) / 2);
    expect(Math.max(...roads.map(({ stretches }) => stretches.length))).toBe(1);
  });

  it("hold those that wait for each other, for themselves or for nobody who is there", () => {
    const { boxes, roads } = places_of([part("a", "b"), part("b", "a"), part("c", "c"), part("d", "gone", "a", "a")]);
    expect(boxes.size).toBe(4);
    expect(roads.filter(({ to }) => to === "d")).toHaveLength(1);
    expect(places_of([]).roads).toEqual([]);
  });
});
