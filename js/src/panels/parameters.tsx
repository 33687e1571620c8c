import { useState } from "preact/hooks";
import { count, counted } from "../format";
import { search } from "../search";
import { Fitted } from "./fitted";
import { Section } from "./grid";
import { Copy, More, Search, usePages, useView } from "./parts";

/** Longer values are folded. */
const FOLD = 240;
const PAGE = 200;
/** Names the group of internal tags among those that open and close. */
const INTERNAL = "//mlflow";
const PROPERTY = "rundetails.property.";

/** Whether a tag is the user's: neither MLflow nor this package keeps it for itself. */
export const is_own = (name: string): boolean => !/^(?:mlflow|rundetails)\./.test(name) || name.startsWith(PROPERTY);

function Value({ text }: { text: string }) {
  const [is_open, set_open] = useState(false);
  if (text.length <= FOLD) return <bdi>{text}</bdi>;
  return (
    <>
      <bdi>{is_open ? text : `${text.slice(0, FOLD)}…`}</bdi>{" "}
      <button type="button" class="rd-quiet" onClick={() => set_open(!is_open)}>
        {is_open ? "Fold" : `Show all ${count(text.length)} characters`}
      </button>
    </>
  );
}

type Pair = readonly [string, string];

function Pairs({ pairs, label, query }: { pairs: readonly Pair[]; label: string; query: string }) {
  const { shown, more } = usePages(PAGE, query);
  return (
    <div class="rd-pairs">
      <table class="rd-table" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {pairs.slice(0, shown).map(([name, value]) => (
            <tr key={name}>
              <th scope="row" title={name}>
                <bdi>{name.startsWith(PROPERTY) ? name.slice(PROPERTY.length) : name}</bdi>
              </th>
              <td class="rd-mono rd-value">
                <Value text={value} />
              </td>
              <td class="rd-number">
                <Copy text={value} what={name.slice(0, 100)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <More left={pairs.length - shown} page={PAGE} more={more} what={label.toLowerCase()} />
    </div>
  );
}

function Searchable({ all, what }: { all: readonly Pair[]; what: string }) {
  const view = useView();
  const [query, set_query] = useState("");
  const found = search(all, query, ([name, value]) => `${name} ${value}`);
  const own = what === "tag" ? found.filter(([name]) => is_own(name)) : found;
  const internal = what === "tag" ? found.filter(([name]) => !is_own(name)) : [];
  const is_internal_open = view.groups.value.get(INTERNAL) ?? false;
  const label = what === "tag" ? "Tags" : "Parameters";
  return (
    <>
      <div class="rd-tools">
        <Search query={query} set={set_query} what={counted(all.length, what)} />
      </div>
      {own.length ? (
        <Pairs pairs={own} label={label} query={query} />
      ) : (
        <p class="rd-empty">{query ? `None of the ${what}s contains “${query}”.` : `This run has no ${what}s.`}</p>
      )}
      {internal.length > 0 && (
        <Section
          title="Internal"
          size={internal.length}
          is_open={is_internal_open}
          toggle={() => view.toggle_group(INTERNAL, !is_internal_open)}
        >
          <Pairs pairs={internal} label="Internal tags" query={query} />
        </Section>
      )}
    </>
  );
}

export function Parameters() {
  const { store } = useView();
  return (
    <>
      <Fitted />
      <Searchable all={Object.entries(store.run.value?.parameters ?? {})} what="parameter" />
    </>
  );
}

export function Tags() {
  const { store } = useView();
  return <Searchable all={Object.entries(store.run.value?.tags ?? {})} what="tag" />;
}
