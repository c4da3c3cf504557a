// JSON as it is written (RFC 8259): all members in their order, also those with the same name, and numbers with all their digits.

export type Json = JsonObject | JsonArray | JsonString | JsonOther;

export interface JsonObject {
  readonly kind: "object";
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly value: Json;
}

interface JsonArray {
  readonly kind: "array";
  readonly items: readonly Json[];
}

interface JsonString {
  readonly kind: "string";
  readonly text: string;
}

/** A number, `true`, `false` or `null`, as it is written. */
interface JsonOther {
  readonly kind: "other";
  readonly text: string;
}

/** What is nested deeper is shown as it came. */
const MAX_DEPTH = 32;

const SPACE = /[ \t\n\r]*/y;
// Without a quantifier inside the repeated group: with one, a text without its closing quote would be tried in every way.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const OTHER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null/y;

/** Reads a text that is one JSON object; undefined for any other text. */
export function parseJsonObject(text: string): JsonObject | undefined {
  // Most lines are not JSON.
  if (!/^\s*\{/.test(text) || !/\}\s*$/.test(text)) return undefined;
  try {
    return new Reader(text).document();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The value as JSON on one line. */
export function formatJson(value: Json): string {
  switch (value.kind) {
    case "object":
      return `{${value.members.map((one) => `${JSON.stringify(one.name)}:${formatJson(one.value)}`).join(",")}}`;
    case "array":
      return `[${value.items.map(formatJson).join(",")}]`;
    case "string":
      return JSON.stringify(value.text);
    case "other":
      return value.text;
  }
}

class Reader {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** @throws SyntaxError */
  document(): JsonObject {
    const value = this.value(0);
    this.take(SPACE);
    if (this.position < this.text.length || value.kind !== "object") throw new SyntaxError("Not one object");
    return value;
  }

  private value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new SyntaxError("Too deep");
    this.take(SPACE);
    const first = this.text[this.position];
    if (first === "{") return { kind: "object", members: this.list("}", () => this.member(depth)) };
    if (first === "[") return { kind: "array", items: this.list("]", () => this.value(depth + 1)) };
    if (first === '"') return { kind: "string", text: this.string() };
    return { kind: "other", text: this.expect(OTHER) };
  }

  private member(depth: number): Member {
    this.take(SPACE);
    const name = this.string();
    this.character(":");
    return { name, value: this.value(depth + 1) };
  }

  private list<T>(close: string, item: () => T): T[] {
    this.position++;
    const items: T[] = [];
    if (this.isNext(close)) return items;
    do items.push(item());
    while (this.isNext(","));
    this.character(close);
    return items;
  }

  private string(): string {
    const written = this.expect(STRING);
    if (!written.includes("\\")) return written.slice(1, -1);
    const text: unknown = JSON.parse(written);
    return String(text);
  }

  /** Takes white space and, if it follows, this character. */
  private isNext(wanted: string): boolean {
    this.take(SPACE);
    if (this.text[this.position] !== wanted) return false;
    this.position++;
    return true;
  }

  private character(wanted: string): void {
    if (!this.isNext(wanted)) throw new SyntaxError(`No ${wanted}`);
  }

  private expect(pattern: RegExp): string {
    const found = this.take(pattern);
    if (found === undefined) throw new SyntaxError("Not JSON");
    return found;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }
}
