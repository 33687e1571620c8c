import type { ComponentChildren } from "preact";
import { count } from "../format";
import type { Group } from "../search";
import { Card } from "./card";
import { More, usePages, useView } from "./parts";

/** Cards that are put on the page at once; more come as the reader scrolls. */
const PAGE = 60;

interface SectionProps {
  title: string;
  size: number;
  is_open: boolean;
  toggle: () => void;
  children: ComponentChildren;
}

/** A part of the panel that opens and closes. */
export function Section({ title, size, is_open, toggle, children }: SectionProps) {
  return (
    <section class="rd-group">
      <button type="button" class="rd-group-head" aria-expanded={is_open} title={title} onClick={toggle}>
        <i aria-hidden="true">{is_open ? "▾" : "▸"}</i>
        <bdi>{title}</bdi>
        <em>{count(size)}</em>
      </button>
      {is_open && children}
    </section>
  );
}

/** Charts in groups. Only the first so many exist, whatever the number of metrics; only those in sight are drawn. */
export function Grid({ groups }: { groups: readonly Group[] }) {
  const view = useView();
  const { shown, more } = usePages(PAGE, view.query.value);
  const opened = view.groups.value;
  let left = shown;
  let hidden = 0;
  const sections: ComponentChildren[] = [];
  for (const { prefix, names } of groups) {
    const is_open = opened.get(prefix) ?? (prefix !== "system" || groups.length === 1);
    if (left <= 0) {
      hidden += is_open ? names.length : 1;
      continue;
    }
    const here = is_open ? names.slice(0, left) : [];
    if (is_open) hidden += names.length - here.length;
    left -= Math.max(1, here.length);
    const cards = (
      <div class="rd-grid">
        {here.map((name) => (
          <Card key={name} name={name} />
        ))}
      </div>
    );
    const is_plain = prefix === "" && !sections.length;
    sections.push(
      is_plain ? (
        <section class="rd-group" key={prefix}>
          {cards}
        </section>
      ) : (
        <Section
          key={prefix}
          title={prefix === PINNED ? "Pinned" : prefix || "Others"}
          size={names.length}
          is_open={is_open}
          toggle={() => view.toggle_group(prefix, !is_open)}
        >
          {cards}
        </Section>
      ),
    );
  }
  return (
    <>
      {sections}
      <More left={hidden} page={PAGE} more={more} what="metrics" />
    </>
  );
}

/** Stands for the group of pinned charts; no name can have it as its prefix. */
export const PINNED = "/";
