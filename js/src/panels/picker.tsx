import { useState } from "preact/hooks";
import { search } from "../search";
import { Search } from "./parts";

export interface Choice {
  key: string;
  name: string;
  /** What it is, in a few words. */
  more: string;
}

/** One of several things, in a list at the side; in a narrow view in a box above. */
export function Picker({
  label,
  value,
  choices,
  choose,
}: {
  label: string;
  value: string;
  choices: readonly Choice[];
  choose: (key: string) => void;
}) {
  const [query, set_query] = useState("");
  if (choices.length < 2) return null;
  const found = search(choices, query, (one) => `${one.name} ${one.more}`);
  return (
    <>
      <select
        class="rd-log-select"
        aria-label={label}
        value={value}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {choices.map((one) => (
          <option key={one.key} value={one.key}>
            {one.name} ({one.more})
          </option>
        ))}
      </select>
      <div class="rd-log-files">
        {choices.length > 12 && <Search query={query} set={set_query} what={label.toLowerCase()} />}
        <ul aria-label={label}>
          {found.map((one) => (
            <li key={one.key}>
              <button
                type="button"
                aria-current={one.key === value ? "true" : undefined}
                title={one.name}
                onClick={() => choose(one.key)}
              >
                <span class="rd-log-path">
                  <bdi dir="ltr">{one.name}</bdi>
                </span>
                <em>{one.more}</em>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
