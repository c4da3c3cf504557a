// Values that requests and frames are made of: valid ones, those at a limit, and those just beyond.
import { sealedStream } from "../access-tokens.ts";
import { percentEncode } from "./encode.ts";
import type { Random } from "./random.ts";

const CHARACTERS = [
  "\0",
  "\t",
  "\n",
  "\r",
  "\r\n",
  "\u001a",
  "\u001b[2J",
  " ",
  '"',
  "\\",
  "%",
  "&",
  "+",
  ",",
  "/",
  ":",
  ";",
  "=",
  "?",
  "#",
  "_",
  "~",
  "a",
  "é",
  "\u007f",
  "\u0085",
  "\u2028",
  "\u202e",
  "\ufeff",
  "\ufffd",
  "😀",
  "\u{e0001}",
  "\ud800",
  "\udc00",
  "<script>",
  "data:",
];

const LENGTHS = [0, 1, 2, 15, 16, 31, 32, 33, 63, 64, 65, 255, 1023, 1024, 1025, 4096];

const NUMBERS = [
  "0",
  "1",
  "-1",
  "+1",
  "01",
  "1.5",
  "1e3",
  "0x10",
  "25",
  "60",
  "61",
  "1000",
  "1001",
  "1024",
  "1025",
  "604800",
  "604801",
  "4294967296",
  "9007199254740993",
  "1795369196566001000",
  "99999999999999999999",
  "100000000000000000000",
  "NaN",
  "Infinity",
  "",
  " 1",
  "1 ",
  "٣",
];

const CURSORS = [
  "earliest",
  "latest",
  "0-fuzzed",
  "1795369196566001000-fuzzed",
  "1-",
  "-1",
  "1-a-b",
  "1-é",
  "1\nid:2",
  "null",
  "1,2",
  '"1"',
];

/** The sealed stream that cases have tokens of. */
export const SEALED = sealedStream("fuzzed");

/** Few, so that cases meet on the same streams. */
const STREAMS = ["_", "a", "b", "fuzz.1", "~sealed", SEALED.name, ".hidden", "-", "a".repeat(64)];

const BAD_STREAMS = [
  "",
  "a/b",
  "a b",
  "é",
  "a\n",
  "a".repeat(65),
  "*",
  "a%00",
  "__proto__",
  "..",
  "constructor",
];

/** Makes values. */
export class Values {
  private readonly random: Random;
  /** One in this many values is odd. */
  private readonly oddness: number;

  constructor(random: Random, oddness: number) {
    this.random = random;
    this.oddness = oddness;
  }

  stream(): string {
    const { random } = this;
    if (this.odd()) return random.pick(BAD_STREAMS);
    return random.oneIn(20) ? `n${random.below(100_000)}` : random.pick(STREAMS);
  }

  number(): string {
    return this.odd() ? this.random.pick(NUMBERS) : "1";
  }

  cursor(): string {
    return this.random.call(
      () => this.random.pick(NUMBERS),
      () => "earliest",
      () => this.random.pick(CURSORS),
      () => `${this.random.pick(NUMBERS)}-${this.text(40)}`,
      () => `${1_795_000_000 + this.random.below(1_000_000)}000000000`,
    );
  }

  /** A text of up to about `most` characters. */
  text(most = 1100): string {
    const { random } = this;
    if (!this.odd())
      return random.pick(["hello", "x", "é😀", "<b>", "two\nlines", "0123456789abcdef", "~1.AAAA"]);
    const length = Math.min(random.pick(LENGTHS), most);
    if (random.oneIn(10)) return `~1.${"A".repeat(random.pick([0, 1, 1533, 1534, 8189, 8190]))}`;
    if (random.oneIn(2)) return random.pick(CHARACTERS).repeat(length);
    return random.some(8, () => random.pick(CHARACTERS)).join("");
  }

  boolean(): string {
    return this.random.pick(this.odd() ? ["yes", "TRUE", ""] : ["true", "false", "1", "0"]);
  }

  status(): string {
    return this.random.pick(this.odd() ? ["offline", "", "Online"] : ["online", "away", "typing"]);
  }

  /** An access token. */
  access(): string {
    const { random } = this;
    const token = random.pick(Object.values(SEALED.tokens));
    if (!this.odd()) return token;
    const at = random.below(token.length);
    return `${token.slice(0, at)}${random.pick(CHARACTERS)}${token.slice(at + random.below(2))}`;
  }

  ref(): string {
    return this.random.call(
      () => `fuzz-reference-${this.random.below(50)}`,
      () => this.text(70),
    );
  }

  /** The name and value of a parameter, not encoded. */
  parameter(): readonly [name: string, value: string] {
    const { random } = this;
    return random.call<readonly [string, string]>(
      () => ["stream", this.stream()],
      () => ["text", this.text()],
      () => ["last", this.cursor()],
      () => ["last_event_id", this.cursor()],
      () => [random.pick(["limit", "direction", "wait", "ttl", "id"]), this.number()],
      () => ["private", this.boolean()],
      () => ["subscribe", this.boolean()],
      () => ["name", this.text(40)],
      () => ["status", this.status()],
      () => ["ref", this.ref()],
      () => [random.pick(["q", "server", "__proto__", this.text(20)]), this.text(80)],
    );
  }

  /** `application/x-www-form-urlencoded`, with a few pairs that are not. */
  form(most = 5): string {
    const { random } = this;
    const pairs = random.some(most, () => {
      const [name, value] = this.parameter();
      if (this.odd()) return random.pick(["%", "%zz", "%ff", "=", "&&", "a=b=c", "%00", "+"]);
      return `${percentEncode(name)}=${percentEncode(value)}`;
    });
    return pairs.join("&");
  }

  /** A JSON object with these names, or something that is not quite JSON. */
  json(members: Readonly<Record<string, unknown>>): string {
    const { random } = this;
    const json = JSON.stringify(members);
    if (!this.odd()) return json;
    return random.call(
      () => json.slice(0, random.below(json.length + 1)),
      () => json.replace("{", `{"Text":"twice",`),
      () => json.replaceAll('"', random.pick(["'", "", '""'])),
      () => "[".repeat(random.pick([1, 100, 5000])) + json,
      () => random.pick(["null", "1", "true", "[]", '""', "{}", "NaN", "{,}", '{"a":1,}', "\ufeff{}"]),
    );
  }

  private odd(): boolean {
    return this.random.oneIn(this.oddness);
  }

  /** A JSON value of any type, where one of them is expected. */
  any(expected: () => unknown): unknown {
    const { random } = this;
    if (!this.odd()) return expected();
    return random.pick([null, true, -1, 1e308, 0.1, [], {}, [[]], { a: { b: [] } }, ""]);
  }
}
