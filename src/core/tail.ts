import type { Cursor } from "../protocol/cursor.ts";
import type { Replay } from "./broker.ts";
import type { Message } from "./message.ts";

/** Memory of a message in a tail besides its text and its JSON, in bytes. */
const MESSAGE_BYTES = 300;

/** The memory of all tails of a process, in bytes. */
export class TailBudget {
  used = 0;
  private readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  /** Whether tails should hold no more than they must. */
  get isFull(): boolean {
    return this.used >= this.max;
  }
}

/** How much a tail holds. */
export interface TailLimits {
  readonly messages: number;
  readonly bytes: number;
}

/** The newest messages of one stream that this process received: all later than `start`, up to `newest`, without holes. */
export class Tail {
  start: Cursor;
  newest: Cursor;
  /** Oldest first. */
  private messages: Message[] = [];
  /** What they take, in bytes. */
  private size = 0;
  private readonly budget: TailBudget;

  constructor(position: Cursor, budget: TailBudget) {
    this.start = position;
    this.newest = position;
    this.budget = budget;
  }

  /** Whether the tail has everything after `cursor`. */
  covers(cursor: Cursor): boolean {
    return cursor >= this.start && cursor <= this.newest;
  }

  /** Appends a message that directly follows `newest`, then drops the oldest beyond the limits. */
  append(message: Message, limits: TailLimits): void {
    this.messages.push(message);
    this.charge(bytesOf(message));
    this.newest = message.created;
    // Twice as many before the array is cut, so that a message costs the same whatever the limits.
    if (this.messages.length > 2 * limits.messages || this.size > 2 * limits.bytes) this.trim(limits);
  }

  /** Records that the stream has no other message up to `cursor`. */
  advance(cursor: Cursor): void {
    this.newest = Math.max(this.newest, cursor);
  }

  /** Prepends messages so that the tail begins at an earlier `start`. They must reach the current start. */
  extend(start: Cursor, messages: readonly Message[]): void {
    const older = messages.filter(({ created }) => created <= this.start);
    this.messages = [...older, ...this.messages];
    for (const message of older) this.charge(bytesOf(message));
    this.start = start;
  }

  /** Begins again after a hole that cannot be filled. */
  reset(position: Cursor): void {
    this.messages = [];
    this.charge(-this.size);
    this.start = position;
    this.newest = position;
  }

  /** Drops all messages. */
  clear(): void {
    this.reset(this.newest);
  }

  /** Keeps the newest messages within the limits. */
  trim({ messages, bytes }: TailLimits): void {
    let count = 0;
    for (const message of this.messages) {
      if (this.messages.length - count <= messages && this.size <= bytes) break;
      this.charge(-bytesOf(message));
      count++;
    }
    const dropped = this.messages.splice(0, count);
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

  private charge(bytes: number): void {
    this.size += bytes;
    this.budget.used += bytes;
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

/** About what a message takes with its JSON, which most have. */
function bytesOf({ length }: Message): number {
  return MESSAGE_BYTES + 2 * length;
}
