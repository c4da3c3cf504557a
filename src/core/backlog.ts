import type { Cursor } from "../protocol/cursor.ts";
import { MAX_MESSAGES } from "../protocol/limits.ts";
import type { Message } from "./message.ts";

/** News that waits until the messages before it have been read: all messages later than `start`, without holes. */
export class Backlog {
  private start: Cursor = 0;
  private messages: Message[] = [];

  /** Adds a message that follows `previous`. Begins again if there is a hole in between, or too much is waiting. */
  add(message: Message, previous: Cursor): void {
    const newest = this.messages.at(-1)?.created;
    if (newest === undefined || previous > newest || this.messages.length === MAX_MESSAGES) {
      this.messages = [];
      this.start = previous;
    }
    this.messages.push(message);
  }

  /** Removes and returns the messages after `cursor`; none while messages in between are missing. */
  take(cursor: Cursor): Message[] {
    if (cursor < this.start) return [];
    const { messages } = this;
    this.messages = [];
    return messages.filter(({ created }) => created > cursor);
  }
}
