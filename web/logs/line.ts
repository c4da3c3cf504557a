import type { MessageEntry } from "../state/entry.ts";
import { parseAnsi, withoutAnsi, type StyledText, type TextStyle } from "./ansi.ts";
import { formatJson, parseJsonObject, type Json } from "./json.ts";
import { levelOfText, type FoundLevel, type Level } from "./level.ts";
import { recordOf, type LogRecord } from "./record.ts";

/** What is known of a message as a line of a log. */
export interface Line {
  readonly level: Level | undefined;
  /** Undefined if it is not JSON. */
  readonly record: LogRecord | undefined;
  /** The text, or the message of the record. */
  readonly pieces: readonly StyledText[];
  /** What a filter reads, in lower case: the text as it came and as it is shown, and the name. */
  readonly searched: string;
  /** Whether it has marks piled on a letter, which reach into other lines. */
  readonly isTall: boolean;
  /** How many lines it has at least. */
  readonly height: number;
}

/** The style of a word that says the level; its colour is that of the line. */
export const LEVEL: TextStyle = { bold: true };

const known = new WeakMap<MessageEntry, Line>();

/** Reads a message once. */
export function lineOf(entry: MessageEntry): Line {
  const before = known.get(entry);
  if (before !== undefined) return before;
  const line = read(entry);
  known.set(entry, line);
  return line;
}

function read({ text, name = "" }: MessageEntry): Line {
  const whole = parseJsonObject(text);
  const record = whole === undefined ? undefined : recordOf(whole);
  const plain = withoutAnsi(text);
  const shown = record === undefined ? "" : summary(record);
  const found = record === undefined ? levelOfText(plain) : undefined;
  return {
    level: record === undefined ? found?.level : record.level,
    record,
    pieces: marked(parseAnsi(record === undefined ? text : oneLine(record.message ?? "")), found),
    searched: `${plain}\n${shown}\n${name}`.toLowerCase(),
    isTall: /\p{M}{3}/u.test(`${name}\n${text}`),
    height: record === undefined ? text.split("\n").length : 1,
  };
}

/** Marks the word that says the level, unless the text has colours of its own. */
function marked(pieces: readonly StyledText[], found: FoundLevel | undefined): readonly StyledText[] {
  const [only] = pieces;
  if (found === undefined || found.end === 0 || pieces.length !== 1 || only?.style !== undefined)
    return pieces;
  const { text = "" } = only ?? {};
  const { start, end } = found;
  return [
    { text: text.slice(0, start), style: undefined },
    { text: text.slice(start, end), style: LEVEL },
    { text: text.slice(end), style: undefined },
  ];
}

/** The one-line form of a record as text. */
function summary({ level, message, rest }: LogRecord): string {
  const pairs = rest.map(({ name, value }) => `${name}=${shortForm(value)}`);
  return withoutAnsi(oneLine([level, message, ...pairs].join(" ")));
}

/** A value in the one-line form of a record: strings that are one word without quotation marks. */
export function shortForm(value: Json): string {
  if (value.kind === "string" && /^[^\s"={}[\]]+$/.test(value.text)) return value.text;
  return oneLine(formatJson(value));
}

/** The end of a record's message is often that of its line. */
function oneLine(text: string): string {
  return text.trimEnd().replaceAll("\n", "\u23ce ");
}
