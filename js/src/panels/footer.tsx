import { count, counted } from "../format";
import { Ticking, useView } from "./parts";

/** "reads every 10–15 s, next within 8 s": counted from the last news. */
function Pace() {
  const { store } = useView();
  const every = store.health.value?.read_every;
  const at = store.at.value;
  if (store.condition.value.kind !== "live" || !every?.length) return null;
  const [shortest = 0, longest = shortest] = every;
  const pace = shortest === longest ? `${shortest} s` : `${shortest}–${longest} s`;
  const text = () => {
    if (at === null) return `reads every ${pace}`;
    const left = Math.ceil(at + longest - store.clock.now());
    // A read that finds nothing new says nothing; one that fails says so at once.
    return `reads every ${pace}, ${left > 0 ? `next within ${left} s` : "nothing new since"}`;
  };
  return <Ticking text={text} />;
}

/** What the server gets from here: whoever runs it wants to know. */
function Requests() {
  const { store } = useView();
  const requests = store.requests.value;
  if (requests === null) return null;
  const words = requests < 1 ? "less than 1 request" : counted(Math.round(requests), "request");
  return <span title="Asked of the server over the last five minutes, by this kernel">{words} a minute</span>;
}

function Points() {
  const { store } = useView();
  store.seq.value;
  store.names.value;
  const { count: behind, kept } = store.totals();
  if (!behind) return null;
  return (
    <span>
      {kept < behind
        ? `${count(kept)} of ${count(behind)} points shown, extremes kept`
        : `${count(behind)} points shown`}
    </span>
  );
}

export function Footer() {
  const { store } = useView();
  return (
    <footer class="rd-foot">
      {store.source.value && <span title="Where the run is read from">{store.source.value.name}</span>}
      <Pace />
      <Requests />
      <Points />
      <span class="rd-space" />
      {store.version.value && <span>rundetails {store.version.value}</span>}
    </footer>
  );
}
