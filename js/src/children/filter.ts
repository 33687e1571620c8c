import type { Field } from "./fields";
import type { Cell, Child } from "./store";

export type Test = (child: Child) => boolean;

/** What a filter means, or what is wrong with it. */
export type Filter = { kind: "all" } | { kind: "test"; test: Test } | { kind: "wrong"; words: string };

interface Token {
  kind: "word" | "text" | "sign" | "open" | "close";
  text: string;
}

const TOKEN = /\s*(?:(\()|(\))|(<=|>=|!=|==|<|>|=|~|&&|\|\||,)|"((?:[^"\\]|\\.)*)"|`([^`]*)`|([^\s()<>=!~"`,]+))/y;

function tokens(text: string): Token[] | string {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    if (!text.slice(from).trim()) break;
    const match = TOKEN.exec(text);
    if (!match) {
      const rest = text.slice(from).trim();
      return /^["`]/.test(rest) ? `${rest[0]} is not closed.` : `“${rest.slice(0, 20)}” makes no sense here.`;
    }
    const [, open, close, sign, quoted, ticked, word] = match;
    if (open) found.push({ kind: "open", text: open });
    else if (close) found.push({ kind: "close", text: close });
    else if (sign) found.push({ kind: "sign", text: sign === "==" ? "=" : sign });
    else if (word) found.push({ kind: "word", text: word });
    else found.push({ kind: "text", text: (quoted ?? ticked ?? "").replace(/\\(.)/g, "$1") });
  }
  return found;
}

const SIGNS = ["<", "<=", ">", ">=", "=", "!=", "~"];
const EXAMPLE = "lr < 0.01 and status = failed";

/** A name or a value as it stands in a filter. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

class Wrong extends Error {}

/**
 * `lr < 0.01 and status = failed`, `optimizer = adam or optimizer = sgd`, `not (loss > 2)`, or words that a row contains.
 * Names are columns, whatever the case; one with spaces or signs stands in quotes. `~` means "contains".
 */
export function filter(text: string, fields: readonly Field[], haystack: (child: Child) => string): Filter {
  if (!text.trim()) return { kind: "all" };
  const listed = tokens(text);
  if (typeof listed === "string") return { kind: "wrong", words: listed };
  try {
    return { kind: "test", test: new Parser(listed, fields, haystack).whole() };
  } catch (error) {
    if (error instanceof Wrong) return { kind: "wrong", words: error.message };
    throw error;
  }
}

class Parser {
  private place = 0;

  constructor(
    private readonly listed: readonly Token[],
    private readonly fields: readonly Field[],
    private readonly haystack: (child: Child) => string,
  ) {}

  whole(): Test {
    const test = this.either();
    if (this.place < this.listed.length) throw new Wrong(`“${this.listed[this.place]?.text}” is one too many.`);
    return test;
  }

  private either(): Test {
    const parts = [this.both()];
    while (this.is_word("or") || this.is_sign("||", ",")) {
      this.place++;
      parts.push(this.both());
    }
    return parts.length === 1 && parts[0] ? parts[0] : (child) => parts.some((part) => part(child));
  }

  private both(): Test {
    const parts = [this.one()];
    for (;;) {
      if (this.is_word("and") || this.is_sign("&&")) this.place++;
      else if (!this.listed[this.place] || this.is_word("or") || this.is_sign("||", ",") || this.is_kind("close"))
        break;
      parts.push(this.one());
    }
    return parts.length === 1 && parts[0] ? parts[0] : (child) => parts.every((part) => part(child));
  }

  private one(): Test {
    const token = this.listed[this.place++];
    if (!token) throw new Wrong(`Something is missing at the end. A filter looks like this: ${EXAMPLE}`);
    if (token.kind === "open") {
      const inner = this.either();
      if (!this.is_kind("close")) throw new Wrong("A bracket is not closed.");
      this.place++;
      return inner;
    }
    if (token.kind === "word" && token.text.toLowerCase() === "not") {
      const inner = this.one();
      return (child) => !inner(child);
    }
    if (token.kind === "sign" || token.kind === "close")
      throw new Wrong(`A name is missing before “${token.text}”. A filter looks like this: ${EXAMPLE}`);
    const sign = this.listed[this.place];
    if (sign?.kind === "sign" && SIGNS.includes(sign.text)) {
      this.place++;
      const value = this.listed[this.place++];
      if (!value || (value.kind !== "word" && value.kind !== "text"))
        throw new Wrong(`A value is missing after “${token.text} ${sign.text}”.`);
      return comparison(this.field(token.text), sign.text, value.text);
    }
    const wanted = token.text.toLowerCase();
    return (child) => this.haystack(child).includes(wanted);
  }

  private field(name: string): Field {
    const wanted = name.toLowerCase();
    const alike = this.fields.filter((one) => names_of(one).some((each) => each.toLowerCase() === wanted));
    if (alike[0]) return alike[0];
    const near = this.fields.filter((one) => names_of(one).some((each) => is_like(each.toLowerCase(), wanted)));
    const hint = near.length
      ? `Is ${near
          .slice(0, 3)
          .map(({ title }) => title)
          .join(", ")} meant?`
      : "See Columns for the names.";
    throw new Wrong(`There is no column “${name}”. ${hint}`);
  }

  private is_word(word: string): boolean {
    const token = this.listed[this.place];
    return token?.kind === "word" && token.text.toLowerCase() === word;
  }

  private is_sign(...signs: string[]): boolean {
    const token = this.listed[this.place];
    return token?.kind === "sign" && signs.includes(token.text);
  }

  private is_kind(kind: Token["kind"]): boolean {
    return this.listed[this.place]?.kind === kind;
  }
}

const pairs = (text: string) => Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2));

/** Whether a name may be meant: it holds the text, or most of its pairs of letters. */
function is_like(name: string, text: string): boolean {
  if (name.includes(text)) return true;
  const [here, there] = [pairs(name), pairs(text)];
  return 2 * there.filter((pair) => here.includes(pair)).length > Math.max(here.length, there.length);
}

const ALIASES: Record<string, readonly string[]> = {
  number: ["iteration", "trial", "number"],
  label: ["algorithm", "learner"],
  status: ["state"],
};

const names_of = ({ key, title, name }: Field) => [key, title, name, name.replace(/^-+/, ""), ...(ALIASES[key] ?? [])];

const SPECIAL: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

function comparison(field: Field, sign: string, text: string): Test {
  const wanted = text.toLowerCase();
  const number = wanted in SPECIAL ? SPECIAL[wanted] : text.trim() === "" ? Number.NaN : Number(text);
  const is_number = wanted in SPECIAL || Number.isFinite(number);
  if (wanted === "none" && (sign === "=" || sign === "!=")) {
    const is_missing = sign === "=";
    return (child) => {
      const cell = field.of(child);
      return (cell === undefined || cell === "None") === is_missing;
    };
  }
  switch (sign) {
    case "~":
      return (child) =>
        String(field.of(child) ?? "")
          .toLowerCase()
          .includes(wanted);
    case "=":
      return (child) => is_equal(field.of(child), wanted, is_number ? number : undefined);
    case "!=":
      return (child) => !is_equal(field.of(child), wanted, is_number ? number : undefined);
  }
  if (!is_number || number === undefined) throw new Wrong(`“${text}” is no number: ${field.title} ${sign} needs one.`);
  const compare = ORDER[sign as keyof typeof ORDER];
  return (child) => {
    const cell = field.of(child);
    return typeof cell === "number" && compare(cell, number);
  };
}

const ORDER = {
  "<": (one: number, other: number) => one < other,
  "<=": (one: number, other: number) => one <= other,
  ">": (one: number, other: number) => one > other,
  ">=": (one: number, other: number) => one >= other,
};

function is_equal(cell: Cell, text: string, number: number | undefined): boolean {
  if (typeof cell === "number" && number !== undefined)
    return cell === number || (Number.isNaN(cell) && Number.isNaN(number));
  return String(cell ?? "").toLowerCase() === text;
}
