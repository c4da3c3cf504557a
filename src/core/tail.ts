import type { Cursor } from "../protocol/cursor.ts";
import type { Replay } from "./broker.ts";
import type { Message } from "./message.ts";

/** The newest messages of one stream that this process received: all later than `start`, up to `newest`, without holes. */
export class Tail {
  start: Cursor;
  newest: Cursor;
  /** Oldest first. */
  private messages: Message[] = [];

  constructor(position: Cursor) {
    this.start = position;
    this.newest = position;
  }

  /** Whether the tail has everything after `cursor`. */
  covers(cursor: Cursor): boolean {
    return cursor >= this.start && cursor <= this.newest;
  }

  /** Appends a message that directly follows `newest`, then drops the oldest beyond `limit`. */
  append(message: Message, limit: number): void {
    this.messages.push(message);
    this.newest = message.created;
    // Twice as many before the array is cut, so that a message costs the same whatever the limit.
    if (this.messages.length > 2 * limit) this.trim(limit);
  }

  /** Records that the stream has no other message up to `cursor`. */
  advance(cursor: Cursor): void {
    this.newest = Math.max(this.newest, cursor);
  }

  /** Prepends messages so that the tail begins at an earlier `start`. They must reach the current start. */
  extend(start: Cursor, messages: readonly Message[]): void {
    const older = messages.filter(({ created }) => created <= this.start);
    this.messages = [...older, ...this.messages];
    this.start = start;
  }

  /** Begins again after a hole that cannot be filled. */
  reset(position: Cursor): void {
    this.messages = [];
    this.start = position;
    this.newest = position;
  }

  /** Drops all messages. */
  clear(): void {
    this.reset(this.newest);
  }

  /** Keeps the newest `limit` messages. */
  trim(limit: number): void {
    const dropped = this.messages.splice(0, Math.max(this.messages.length - limit, 0));
    this.start = dropped.at(-1)?.created ?? this.start;
  }

  /** Returns the first `limit` messages after a cursor that the tail covers. */
  read(cursor: Cursor, limit: number): Replay {
    const first = this.firstAfter(cursor);
    const messages = this.messages.slice(first, first + limit);
    const isComplete = first + messages.length === this.messages.length;
    const last = isComplete ? this.newest : (messages.at(-1)?.created ?? cursor);
    return { gap: undefined, messages, cursor: last };
  }

  /** The index of the first message after `cursor`, by binary search. */
  private firstAfter(cursor: Cursor): number {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.messages[middle]?.created ?? 0) > cursor) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
