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

  /** A JSON array of messages. */
  get json(): string {
    return (this.text ??= `[${this.messages.map(({ json }) => json).join(",")}]`);
  }
}
