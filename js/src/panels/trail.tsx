import { short_id } from "../format";
import type { View } from "../view";

/** The way from the run of this cell to the one that is shown, and back. */
export function Trail({ trail }: { trail: readonly View[] }) {
  if (trail.length < 2) return null;
  return (
    <nav class="rd-trail" aria-label="Opened runs">
      {trail.map((view, depth) => {
        const run = view.store.run.value;
        const name = run?.name || short_id(run?.id ?? "…");
        const is_last = depth === trail.length - 1;
        return is_last ? (
          <b key={view.id} aria-current="page">
            <bdi>{name}</bdi>
          </b>
        ) : (
          <>
            <button type="button" class="rd-quiet" key={view.id} onClick={() => view.close_opened()}>
              {depth === trail.length - 2 ? "← " : ""}
              <bdi>{name}</bdi>
            </button>
            <i aria-hidden="true">/</i>
          </>
        );
      })}
    </nav>
  );
}
