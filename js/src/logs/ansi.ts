/** A run of text in one style. */
export interface Span {
  readonly text: string;
  /** Class names; empty for plain text. */
  readonly style: string;
}

/** What SGR sequences have set so far: colours from 0 to 15, or -1. */
export interface Pen {
  ink: number;
  ground: number;
  is_bold: boolean;
  is_faint: boolean;
  is_italic: boolean;
  is_underlined: boolean;
  /** The class names that all of this makes. */
  style: string;
}

export const plain_pen = (): Pen => ({
  ink: -1,
  ground: -1,
  is_bold: false,
  is_faint: false,
  is_italic: false,
  is_underlined: false,
  style: "",
});

const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\[[0-?]*[ -/]*$|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x1b/g;
/** Controls but the tab, and characters that turn the order of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const UNSEEN = /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const HAS_UNSEEN = /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]/;

/** The text without any escape sequence. */
export const without_escapes = (text: string): string => (text.includes("\x1b") ? text.replace(ESCAPE, "") : text);

/** Text as it is shown: no control characters but tabs. */
const visible = (text: string): string => (HAS_UNSEEN.test(text) ? text.replace(UNSEEN, "") : text);

/** Splits a line at its SGR sequences, drops all others, and leaves the pen as the line leaves it. */
export function styled(line: string, pen: Pen): { text: string; spans: readonly Span[] | null } {
  if (!line.includes("\x1b")) {
    const text = visible(line);
    return { text, spans: pen.style && text ? [{ text, style: pen.style }] : null };
  }
  const spans: Span[] = [];
  const add = (raw: string) => {
    const text = visible(raw);
    const { style } = pen;
    const last = spans[spans.length - 1];
    whole += text;
    if (last?.style === style) spans[spans.length - 1] = { text: last.text + text, style };
    else spans.push({ text, style });
  };
  let whole = "";
  let from = 0;
  ESCAPE.lastIndex = 0;
  for (let match = ESCAPE.exec(line); match; match = ESCAPE.exec(line)) {
    if (match.index > from) add(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") set(pen, match[1] ?? "");
  }
  if (from < line.length) add(line.slice(from));
  return { text: whole, spans: spans.some((span) => span.style) ? spans : null };
}

function style_of(pen: Pen): string {
  const names: string[] = [];
  if (pen.ink >= 0) names.push(`rd-ink-${pen.ink}`);
  if (pen.ground >= 0) names.push(`rd-ground-${pen.ground}`);
  if (pen.is_bold) names.push("rd-bold");
  if (pen.is_faint) names.push("rd-faint");
  if (pen.is_italic) names.push("rd-italic");
  if (pen.is_underlined) names.push("rd-underlined");
  return names.join(" ");
}

function set(pen: Pen, parameters: string): void {
  const codes = parameters.split(/[;:]/, 32).map((code) => Number(code) || 0);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) Object.assign(pen, plain_pen());
    else if (code === 1) pen.is_bold = true;
    else if (code === 2) pen.is_faint = true;
    else if (code === 3) pen.is_italic = true;
    else if (code === 4) pen.is_underlined = true;
    else if (code === 22) pen.is_bold = pen.is_faint = false;
    else if (code === 23) pen.is_italic = false;
    else if (code === 24) pen.is_underlined = false;
    else if (code >= 30 && code <= 37) pen.ink = code - 30;
    else if (code === 39) pen.ink = -1;
    else if (code >= 40 && code <= 47) pen.ground = code - 40;
    else if (code === 49) pen.ground = -1;
    else if (code >= 90 && code <= 97) pen.ink = code - 82;
    else if (code >= 100 && code <= 107) pen.ground = code - 92;
    else if (code === 38 || code === 48) {
      const is_palette = codes[at + 1] === 5;
      const [red = 0, green = 0, blue = 0] = is_palette
        ? from_palette(codes[at + 2] ?? 0)
        : codes.slice(at + 2, at + 5);
      const index = codes[at + 2] ?? 0;
      const colour = is_palette && index < 16 ? index : nearest(red, green, blue);
      if (code === 38) pen.ink = colour;
      else pen.ground = colour;
      at += is_palette ? 2 : 4;
    }
  }
  pen.style = style_of(pen);
}

/** Red, green and blue of one of 256 colours. */
function from_palette(index: number): number[] {
  if (index >= 232) return Array(3).fill(8 + 10 * (index - 232));
  const cube = index - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => (level ? 55 + 40 * level : 0));
}

/** The one of 16 colours that comes near. */
export function nearest(red: number, green: number, blue: number): number {
  const high = Math.max(red, green, blue);
  const low = Math.min(red, green, blue);
  if (high - low < 40) return high < 48 ? 0 : high < 144 ? 8 : high < 216 ? 7 : 15;
  const middle = (high + low) / 2;
  const hue = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
  return hue + (low > 80 || high > 230 ? 8 : 0);
}
