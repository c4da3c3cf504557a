import type { Cursor } from "../protocol/cursor.ts";
import type { Message } from "./message.ts";

/** A page of history. Its JSON is made once. */
export class Page {
  readonly messages: readonly Message[];
  /** The position of the stream: a reader of this page continues from here, even if it is empty. */
  readonly cursor: Cursor;
  private text: string | undefined = undefined;

  constructor(messages: readonly Message[], cursor: Cursor) {
    this.messages = messages;
    this.cursor = cursor;
  }

  /** Whether its JSON is longer than this, in UTF-16 code units. */
  isLongerThan(length: number): boolean {
    if (this.text !== undefined) return this.text.length > length;
    let left = length;
    for (const { json } of this.messages) {
      left -= json.length + 1;
      if (left < 0) return true;
    }
    return false;
  }

  /** A JSON array of messages. */
  get json(): string {
    return (this.text ??= `[${this.messages.map(({ json }) => json).join(",")}]`);
  }
}
