/** Names that contain every word of the query, whatever the case; all of them when there is none. */
export function search<Item>(items: readonly Item[], query: string, text: (item: Item) => string): readonly Item[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return items;
  return items.filter((item) => {
    const haystack = text(item).toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

export interface Group {
  /** What stands before the first slash; empty for names without one. */
  prefix: string;
  names: string[];
}

/**
 * Names by prefix, in the order in which prefixes first appear; `system` last, and before it names without a prefix,
 * unless they come first: between two groups they would seem to belong to the upper one.
 */
export function by_prefix(names: readonly string[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const slash = name.indexOf("/");
    const prefix = slash > 0 ? name.slice(0, slash) : "";
    const group = groups.get(prefix);
    if (group) group.push(name);
    else groups.set(prefix, [name]);
  }
  const listed = [...groups].map(([prefix, inside]) => ({ prefix, names: inside }));
  const is_first = listed[0]?.prefix === "";
  const place = ({ prefix }: Group) => (prefix === "system" ? 2 : prefix === "" && !is_first ? 1 : 0);
  return listed.sort((one, other) => place(one) - place(other));
}
