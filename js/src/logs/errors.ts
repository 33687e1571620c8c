/**
 * What counts as an error: the same as `src/rundetails/loglines.py`, which says why. Recorded cases in
 * tests/js/recorded/errors.json hold the two together.
 */
const RULES: readonly RegExp[] = [
  /^(?:\[[^\]]{1,40}\]:? ?)?(?!\w*(?:Mean|Squared|Absolute))(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Interrupt|Fault)(?::|$)/,
  /Traceback \(most recent call last\):/,
  /(?:^|[^\w.-])(?:ERROR|CRITICAL|FATAL)(?![\w-])(?!\s*(?:rate\b|=|:?\s*[-+]?[\d.]+(?:e[-+]?\d+)?%?\s*(?:$|[,;|])))/,
  /^(?:[^\s:]+: )*(?:(?:[Ff]atal|[Ii]nternal|[Rr]untime) )?(?:[Ee]rror|fatal|Fatal): (?!\s*[-+]?[\d.]+)/,
  /CUDA (?:out of memory|error|driver error)|CUBLAS_STATUS_|NCCL (?:error|failure)|(?:^|: )[Oo]ut of memory/,
  /Segmentation fault|Bus error|Illegal instruction|core dumped|Fatal Python error|terminate called after|Assertion .{1,200} failed|panicked at|Unhandled exception|No space left on device|: command not found/,
  /^(?:\S+: line \d+: +)?(?:\d+ )?(?:Killed|Aborted)(?:\s*$|\s+\(|\s{3,})/,
  /\b[Ee]xit(?:ed)?(?: with)?(?: exit)?[ -]?(?:code|status)[:=]? ?(?:[1-9]\d*|-\d+)\b/,
];
const LONGEST = 2_000;
const HEADER = /^(.*?)Traceback \(most recent call last\):\s*$/;
const CHAINED =
  /^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of the following exception:)$/;
const FRAMES_AT_MOST = 2_000;

/** Whether a line tells of an error. */
export function is_error(text: string): boolean {
  const looked_at = text.length > LONGEST ? text.slice(0, LONGEST) : text;
  return RULES.some((rule) => rule.test(looked_at));
}

/** Whether a traceback begins here. */
export const is_header = (text: string): boolean => text.includes("Traceback (most") && HEADER.test(text);

/** A traceback, or several of one chain. Numbers are places in the list of lines. */
export interface Traceback {
  first: number;
  /** The line that names the last exception. */
  last: number;
  frames: number;
}

/** The traceback that begins at a header; null while its last line is missing. */
export function traceback(text_of: (index: number) => string | undefined, first: number): Traceback | null {
  let found: Traceback | null = null;
  let frames = 0;
  for (let header = first; ; ) {
    const end = end_of(text_of, header);
    if (!end) return found;
    frames += end.frames;
    found = { first, last: end.last, frames };
    const next = chained(text_of, end.last, end.before);
    if (next === null) return found;
    header = next;
  }
}

function end_of(text_of: (index: number) => string | undefined, header: number) {
  const before = HEADER.exec(text_of(header) ?? "")?.[1];
  if (before === undefined) return null;
  let frames = 0;
  for (let index = header + 1; index < header + FRAMES_AT_MOST; index++) {
    const line = text_of(index);
    if (line === undefined) return null;
    const text = line.startsWith(before) ? line.slice(before.length) : line;
    if (/^\s+File "/.test(text)) frames++;
    if (text.trim() && !/^\s/.test(text)) return { last: index, frames, before };
  }
  return null;
}

/** Where the traceback begins that follows from the one that ended here. */
function chained(text_of: (index: number) => string | undefined, last: number, before: string): number | null {
  const rest = (index: number) => {
    const text = text_of(index) ?? "";
    return (text.startsWith(before) ? text.slice(before.length) : text).trim();
  };
  for (let index = last + 1; index < last + 12; index++) {
    if (!CHAINED.test(rest(index))) continue;
    for (let next = index + 1; next < index + 4; next++) if (HEADER.test(text_of(next) ?? "")) return next;
    return null;
  }
  return null;
}
