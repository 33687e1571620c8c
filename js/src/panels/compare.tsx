import { useSignal } from "@preact/signals";
import { count } from "../format";
import { partner_of, SERIES_AT_MOST } from "../overlays";
import { search } from "../search";
import { useView } from "./parts";

/** Names that are listed at once; the search finds the others. */
const LISTED = 60;

/** Chooses which other metrics a chart shows as well. */
export function Compare({ name }: { name: string }) {
  const view = useView();
  const query = useSignal("");
  const overlaid = view.overlays.of(name);
  const chosen = overlaid.map((one) => one.name);
  const all = view.store.names.value.filter((one) => one !== name);
  const partner = partner_of(name, all);
  const first = [...chosen, ...(partner && !chosen.includes(partner) ? [partner] : [])];
  const found = search([...first, ...all.filter((one) => !first.includes(one))], query.value, (one) => one);
  const is_full = chosen.length >= SERIES_AT_MOST - 1;
  return (
    <>
      <input
        class="rd-search"
        type="search"
        value={query.value}
        placeholder={`Search ${count(all.length)} metrics`}
        aria-label="Search metrics to compare with"
        spellcheck={false}
        onInput={(event) => {
          query.value = event.currentTarget.value;
        }}
      />
      <div class="rd-choices">
        {found.slice(0, LISTED).map((one) => {
          const color = overlaid.find((other) => other.name === one)?.color;
          return (
            <button
              type="button"
              key={one}
              aria-pressed={color !== undefined}
              disabled={is_full && color === undefined}
              title={one}
              onClick={() => view.overlays.toggle(name, one)}
            >
              <i aria-hidden="true" class={color ? `rd-swatch rd-color-${color}` : ""} />
              <bdi>{one}</bdi>
            </button>
          );
        })}
      </div>
      <p class="rd-secondary">
        {is_full
          ? `${SERIES_AT_MOST} series at most: take one out to add another.`
          : !found.length
            ? "No metric contains that."
            : found.length > LISTED
              ? `${count(found.length - LISTED)} more: search for them.`
              : `Drawn on one axis, ${SERIES_AT_MOST} series at most.`}
      </p>
    </>
  );
}
