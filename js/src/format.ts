const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A number of points, runs, steps: 84,213. */
export const count = (value: number): string => grouped.format(value);

/** `count` things, in the right number: "1 update", "3 updates". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

function with_digits(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) {
    const [mantissa = "", exponent = ""] = value.toExponential(Math.max(0, digits - 1)).split("e");
    return `${strip(mantissa)}e${exponent.replace("+", "")}`;
  }
  const before = size < 1 ? 0 : Math.floor(Math.log10(size)) + 1;
  // Of small ones three digits at least: a learning rate of 0.000235 is not 0.0002.
  const leading = size !== 0 && size < 1 ? -Math.floor(Math.log10(size)) - 1 : 0;
  const decimals = size < 1 ? Math.max(digits, digits - 1 + leading) : Math.max(0, digits - before);
  const [whole = "", rest] = strip(value.toFixed(decimals)).split(".");
  const sign = whole.startsWith("-") ? "-" : "";
  return sign + grouped.format(Number(whole.replace("-", ""))) + (rest ? `.${rest}` : "");
}

const strip = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** A value with four digits, or as many as set it apart from `others`; whole numbers in full. */
export function number(value: number | null, others: readonly (number | null)[] = []): string {
  if (value === null) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return Object.is(value, -0) ? "0" : grouped.format(value);
  let digits = 4;
  const is_ambiguous = () =>
    others.some(
      (other) => other !== null && other !== value && with_digits(other, digits) === with_digits(value, digits),
    );
  while (digits < 12 && is_ambiguous()) digits++;
  return with_digits(value, digits);
}

/**
 * Decimals for a column of scores: as many as five digits of the best one have, fewer where no value needs them. null:
 * each value has its own.
 */
export function column_decimals(values: readonly (number | undefined)[], best: number | undefined): number | null {
  const size = Math.abs(best ?? 0);
  if (!(size >= 1e-3 && size < 1e5)) return null;
  const most = Math.max(0, 4 - Math.floor(Math.log10(size)));
  let needed = 0;
  for (const value of values) {
    if (value === undefined || !Number.isFinite(value)) continue;
    needed = Math.max(needed, String(Number(value.toFixed(most))).split(".")[1]?.length ?? 0);
    if (needed === most) break;
  }
  return needed;
}

/** A value with just so many decimals, where these show it. */
export function with_decimals(value: number, decimals: number | null): string {
  const text = decimals ? value.toFixed(decimals) : "";
  const is_shown = Math.abs(value) < 1e5 && (value === 0 || Number(text) !== 0);
  return text && Number.isFinite(value) && is_shown ? text : number(value);
}

/** Ticks of an axis, all with the decimals that their distance needs. */
export function ticks(values: readonly number[]): string[] {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  const largest = Math.max(...sizes, 0);
  let gap = Number.POSITIVE_INFINITY;
  for (let index = 1; index < values.length; index++)
    gap = Math.min(gap, Math.abs((values[index] ?? 0) - (values[index - 1] ?? 0)));
  if (!Number.isFinite(gap) || gap === 0) return values.map((value) => number(value));
  const magnitude = Math.floor(Math.log10(gap) + 1e-9);
  if (largest >= 1e6 || largest < 1e-3) {
    return values.map((value) => {
      if (value === 0) return "0";
      const digits = Math.max(0, Math.min(15, Math.floor(Math.log10(Math.abs(value))) - magnitude));
      const [mantissa = "", exponent = ""] = value.toExponential(digits).split("e");
      return `${strip(mantissa)}e${exponent.replace("+", "")}`;
    });
  }
  const decimals = Math.max(0, Math.min(12, -magnitude));
  return values.map((value) => {
    const text = value.toFixed(decimals);
    return largest >= 1_000 ? Number(text).toLocaleString("en-US", { minimumFractionDigits: decimals }) : text;
  });
}

/** Powers of ten and their parts on a log axis. */
export function log_tick(value: number): string {
  const exponent = Math.log10(value);
  if (Math.abs(exponent) < 3.5) return number(value);
  return with_digits(Number(value.toPrecision(12)), 3).includes("e")
    ? with_digits(value, 3)
    : value
        .toExponential(2)
        .replace(/\.?0+e/, "e")
        .replace("e+", "e");
}

const two = (value: number) => String(value).padStart(2, "0");

/** 0:06:48; from a day on with the days before it. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86_400);
  const clock = `${Math.floor(whole / 3_600) % 24}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return days ? `${days} d ${clock}` : clock;
}

/** "8 s", "3 min", "2 h", "5 d". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min`;
  if (whole < 172_800) return `${Math.floor(whole / 3_600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

export const age = (seconds: number): string => `${span(seconds)} ago`;

/** A tick of an axis of durations, given the distance of its ticks. */
export function duration_tick(seconds: number, gap: number): string {
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  if (gap < 1) return `${sign}${Number(size.toFixed(3))} s`;
  if (gap >= 86_400) return `${sign}${Math.round(size / 86_400)} d`;
  const whole = Math.round(size);
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor(whole / 60) % 60;
  return `${sign}${hours}:${two(minutes)}${gap < 60 ? `:${two(whole % 60)}` : ""}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 14:02, or 14:02:11. */
export function clock_time(seconds: number, with_seconds = false): string {
  const date = new Date(seconds * 1_000);
  const short = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return with_seconds ? `${short}:${two(date.getSeconds())}` : short;
}

/** 14:02 today, else "12 Oct, 16:40", with the year when it is another one. */
export function moment(seconds: number, now: number, with_seconds = false): string {
  const date = new Date(seconds * 1_000);
  const today = new Date(now * 1_000);
  const time = clock_time(seconds, with_seconds);
  if (date.toDateString() === today.toDateString()) return time;
  const year = date.getFullYear() === today.getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()]}${year}, ${time}`;
}

/** A tick of an axis of times of day. */
export function wall_tick(seconds: number, gap: number): string {
  const date = new Date(seconds * 1_000);
  if (gap >= 86_400) return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  return clock_time(seconds, gap < 60);
}

/** The beginning and the end of a long ID. */
/** Bytes in words: "12.4 MB". */
export function bytes_text(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${["B", "kB", "MB", "GB", "TB"][power]}`;
}

export const short_id = (id: string): string => (id.length > 14 ? `${id.slice(0, 8)}…${id.slice(-2)}` : id);
