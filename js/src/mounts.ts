/** Charts that stay mounted out of sight, so that scrolling a little to and fro costs nothing. */
const OUT_OF_SIGHT_AT_MOST = 12;

interface Mount {
  is_seen: boolean;
  set(is_mounted: boolean): void;
}

/** Which charts of a view exist: those in sight, and the few that were last. */
export class Mounts {
  private readonly mounts = new Map<Element, Mount>();
  private readonly observer: IntersectionObserver;

  /** `changed` is called when elements came into sight or went out of it. */
  constructor(private readonly changed: () => void = () => {}) {
    this.observer = new IntersectionObserver((entries) => this.look(entries), { rootMargin: "240px 0px" });
  }

  /** Calls `set` when the element should have its chart, and when no more. */
  watch(element: Element, set: (is_mounted: boolean) => void): () => void {
    this.mounts.set(element, { is_seen: false, set });
    this.observer.observe(element);
    return () => {
      this.observer.unobserve(element);
      this.mounts.delete(element);
      this.changed();
    };
  }

  /** Elements in sight, or nearly. */
  seen_elements(): Element[] {
    return [...this.mounts].filter(([, mount]) => mount.is_seen).map(([element]) => element);
  }

  dispose(): void {
    this.observer.disconnect();
    this.mounts.clear();
  }

  private look(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const mount = this.mounts.get(target);
      if (!mount) continue;
      mount.is_seen = isIntersecting;
      // The order of the map is the order in which charts went out of sight.
      this.mounts.delete(target);
      this.mounts.set(target, mount);
      if (isIntersecting) mount.set(true);
    }
    this.changed();
    const hidden = [...this.mounts.values()].filter((mount) => !mount.is_seen);
    for (const mount of hidden.slice(0, Math.max(0, hidden.length - OUT_OF_SIGHT_AT_MOST))) mount.set(false);
  }
}
