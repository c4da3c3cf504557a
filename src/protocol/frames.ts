import { formatNanoseconds, type Cursor } from "./cursor.ts";

/** Begins a line that no message can contain: SUB marks lost data (ECMA-48 §8.3.148). */
const SUBSTITUTE = "\u001a";

/** A message or an event on its way to listeners. */
export interface Entry {
  readonly json: string;
  /** Position of a message in microseconds since 1970; 0 for an event, which does not move the listener. */
  readonly created: Cursor;
  /** The SSE id in wire form; undefined if `Last-Event-ID` must not change. */
  readonly cursor: string | undefined;
  /** The form for plain-text listeners: the text of a message; nothing for most events. */
  readonly text: string;
  /** Whether it reports that messages may be missing. */
  readonly isGap?: boolean;
}

/** An unnamed server-sent event (WHATWG HTML §9.2.5). The JSON has no raw newline, so one data line is enough. */
export function sseFrame({ cursor, json }: Entry): string {
  return cursor === undefined ? `data:${json}\n\n` : `id:${cursor}\ndata:${json}\n\n`;
}

export function ndjsonFrame(entry: Entry): string {
  return `${entry.json}\n`;
}

export function textFrame(entry: Entry): string {
  return entry.text === "" ? "" : `${entry.text}\n`;
}

/** The line that a plain-text listener sees for a gap. */
export function gapText(from: Cursor, to: Cursor): string {
  return `${SUBSTITUTE}gap: messages after ${formatNanoseconds(from)} and before ${formatNanoseconds(to)} are missing`;
}
