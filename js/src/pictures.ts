import { type Signal, signal } from "@preact/signals";

/** Pictures that are kept at most; those looked at longest ago go first. */
const KEPT = 200;

/** What a browser can be given as a picture; an SVG may hold a script and is none. */
export function picture_type(bytes: Uint8Array): string | null {
  const starts = (...signs: number[]) => signs.every((sign, place) => bytes[place] === sign);
  if (starts(0x89, 0x50, 0x4e, 0x47)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0x47, 0x49, 0x46, 0x38)) return "image/gif";
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return "image/webp";
  return null;
}

export type Picture = { kind: "loading" } | { kind: "shown"; address: string } | { kind: "failed"; why: string };

/** Pictures as addresses that only this page knows, fetched one after the other, the one asked for last first. */
export class Pictures {
  private readonly known = new Map<string, Signal<Picture>>();
  private readonly waiting: string[] = [];
  private is_fetching = false;

  constructor(private readonly fetch: (path: string) => Promise<Uint8Array<ArrayBuffer> | string>) {}

  /** `size`: bytes that the file had when it was listed; with another size it is fetched anew. */
  picture(path: string, size: number | null = null): Signal<Picture> {
    const key = `${size ?? ""} ${path}`;
    let found = this.known.get(key);
    if (found) this.known.delete(key);
    else {
      found = signal<Picture>({ kind: "loading" });
      this.waiting.push(key);
      void this.go_on();
    }
    this.known.set(key, found);
    return found;
  }

  dispose(): void {
    this.waiting.length = 0;
    for (const path of [...this.known.keys()]) this.forget(path);
  }

  private async go_on(): Promise<void> {
    if (this.is_fetching) return;
    this.is_fetching = true;
    for (let key = this.waiting.pop(); key !== undefined; key = this.waiting.pop()) {
      const bytes = await this.fetch(key.slice(key.indexOf(" ") + 1));
      const place = this.known.get(key);
      if (!place) continue;
      const type = typeof bytes === "string" ? null : picture_type(bytes);
      place.value =
        typeof bytes === "string"
          ? { kind: "failed", why: bytes }
          : type
            ? { kind: "shown", address: URL.createObjectURL(new Blob([bytes], { type })) }
            : { kind: "failed", why: "This file is no PNG, JPEG, GIF or WebP picture." };
      // What could not be had is asked for again when it is looked at again.
      if (typeof bytes === "string") this.known.delete(key);
      if (this.known.size > KEPT) this.forget([...this.known.keys()][0] ?? "");
    }
    this.is_fetching = false;
  }

  private forget(path: string): void {
    const found = this.known.get(path)?.value;
    if (found?.kind === "shown") URL.revokeObjectURL(found.address);
    this.known.delete(path);
  }
}
