import type { Message } from "./message.ts";

/** A page of history, with its JSON made once. */
export class Page {
  static readonly EMPTY = new Page([]);

  readonly messages: readonly Message[];
  private text: string | undefined = undefined;

  constructor(messages: readonly Message[]) {
    this.messages = messages;
  }

  /** An array of messages. */
  get json(): string {
    return (this.text ??= `[${this.messages.map(({ json }) => json).join(",")}]`);
  }
}
