import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LoggedFile } from "../contract";
import { clock_time, count, counted } from "../format";
import { useView } from "./parts";
import { Picker } from "./picker";
import { Empty, Said } from "./tables";

/** Thumbnails in the strip at most. */
const STRIP = 120;

/** Everything that was logged as a picture: one name at a time, step by step. */
export function Images() {
  const { files } = useView();
  useEffect(() => files.desk.watch(() => files.desk.list_logged()), [files]);
  const logged = files.desk.logged.value;
  const found = new Map<string, LoggedFile[]>();
  for (const file of logged ?? [])
    if (file.kind === "image") found.set(file.name, [...(found.get(file.name) ?? []), file]);
  const names = [...found.keys()];
  const name = found.has(files.image.value) ? files.image.value : names[0];
  const images = name === undefined ? undefined : found.get(name);
  if (name === undefined || !images) return <Empty is_known={logged !== null} what="images" />;
  return (
    <div class="rd-log-body rd-files">
      <Picker
        label="Images"
        value={name}
        choices={names.map((one) => ({ key: one, name: one, more: counted(found.get(one)?.length ?? 0, "image") }))}
        choose={(one) => {
          files.image.value = one;
        }}
      />
      <div class="rd-log-main">
        <Said />
        <Strip key={name} name={name} images={images} />
      </div>
    </div>
  );
}

function Strip({ name, images }: { name: string; images: readonly LoggedFile[] }) {
  const { files } = useView();
  /** Path of what the reader chose; null: the latest. */
  const [chosen, choose] = useState<string | null>(null);
  const found = images.findIndex((one) => one.path === chosen);
  const index = found < 0 ? images.length - 1 : found;
  const image = images[index];
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const current = strip.current?.querySelector<HTMLElement>("[aria-current]");
    if (current && strip.current) strip.current.scrollLeft = current.offsetLeft - strip.current.clientWidth / 2;
  }, [index, images.length]);
  if (!image) return null;
  const go = (to: number) => choose(to >= images.length - 1 ? null : (images[Math.max(0, to)]?.path ?? null));
  /** Of many, those around the one that is shown. */
  const first = Math.max(0, Math.min(index - STRIP / 2, images.length - STRIP));
  const step = image.step === null ? "" : `step ${count(image.step)}`;
  return (
    <>
      <p class="rd-log-status">
        <b>
          <bdi>{name}</bdi>
        </b>
        <span>
          {step}
          {images.length > 1 ? ` (${count(index + 1)} of ${count(images.length)})` : ""}
        </span>
        {image.time !== null && <span>{clock_time(image.time, true)}</span>}
        <button
          type="button"
          class="rd-quiet"
          title={`Save ${image.path}`}
          onClick={() => void files.desk.save(image.path)}
        >
          Download
        </button>
      </p>
      <Shown path={image.path} size={image.size} class="rd-image" label={`${name}, ${step}`} />
      {images.length > 1 && (
        <>
          <input
            class="rd-image-slider"
            type="range"
            min={0}
            max={images.length - 1}
            value={index}
            aria-label="Step"
            aria-valuetext={step}
            onInput={(event) => go(event.currentTarget.valueAsNumber)}
          />
          <div class="rd-image-strip" ref={strip}>
            {images.slice(first, first + STRIP).map((one, offset) => (
              <button
                type="button"
                key={one.path}
                tabIndex={-1}
                aria-current={first + offset === index ? "true" : undefined}
                aria-label={`Step ${one.step}`}
                title={`Step ${one.step}`}
                onClick={() => go(first + offset)}
              >
                <Thumbnail path={one.path} size={one.size} />
                <em>{one.step === null ? "" : count(one.step)}</em>
              </button>
            ))}
          </div>
        </>
      )}
    </>
  );
}

/** Fetched when it comes into sight. */
function Thumbnail({ path, size }: { path: string; size: number | null }) {
  const place = useRef<HTMLSpanElement>(null);
  const [is_near, set_near] = useState(false);
  useEffect(() => {
    if (!place.current || is_near) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((one) => one.isIntersecting) && set_near(true),
      {
        rootMargin: "0px 200px",
      },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [is_near]);
  return (
    <span ref={place} class="rd-thumbnail">
      {is_near && <Shown path={path} size={size} class="" label="" />}
    </span>
  );
}

function Shown({
  path,
  size,
  class: name,
  label,
}: {
  path: string;
  size: number | null;
  class: string;
  label: string;
}) {
  const { files } = useView();
  const shown = useMemo(() => files.pictures.picture(path, size), [files, path, size]);
  const picture = shown.value;
  // The picture before stays until the next one is there.
  const last = useRef("");
  if (picture.kind === "shown") last.current = picture.address;
  if (picture.kind === "failed") return <span class="rd-secondary rd-image-failed">{picture.why}</span>;
  const address = picture.kind === "shown" ? picture.address : last.current;
  if (!address) return <span class={`${name} rd-image-waiting`} />;
  return <img class={name} src={address} alt={label} decoding="async" />;
}
