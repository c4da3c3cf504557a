import { formatCursor, type Cursor } from "./cursor.ts";

/** A line that no message can hold stands in raw text for what is gone: SUB is the control character for just that (ECMA-48 §8.3.148). */
const SUBSTITUTE = "\u001a";

/** One thing to deliver: a message with its cursor, or an event, which has none. */
export interface Entry {
  readonly json: string;
  /** Microseconds since 1970; 0 for an event: it must not move `Last-Event-ID`. */
  readonly created: Cursor;
  /** The text of a message; of an event what plain text shows of it, mostly nothing. */
  readonly text: string;
}

/** An unnamed server-sent event (WHATWG HTML §9.2.5). The JSON has no raw newline, so one data line is enough. */
export function sseFrame(entry: Entry): string {
  return entry.created === 0 ? `data:${entry.json}\n\n` : `id:${entry.created}000\ndata:${entry.json}\n\n`;
}

export function ndjsonFrame(entry: Entry): string {
  return `${entry.json}\n`;
}

export function textFrame(entry: Entry): string {
  return entry.text === "" ? "" : `${entry.text}\n`;
}

/** What a reader of plain text sees of a gap. */
export function gapText(from: Cursor, to: Cursor): string {
  return `${SUBSTITUTE}gap: what came after ${formatCursor(from)} and before ${formatCursor(to)} is gone`;
}
