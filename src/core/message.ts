import type { Cursor } from "../protocol/cursor.ts";
import type { Entry } from "../protocol/frames.ts";
import { messageJson } from "../protocol/message.ts";

/** A message on its way to readers: framed as JSON once, for all of them. */
export class Message implements Entry {
  readonly json: string;

  readonly stream: string;
  readonly id: string;
  readonly created: Cursor;
  private readonly escaped: string;

  constructor(stream: string, id: string, created: Cursor, escaped: string) {
    this.stream = stream;
    this.id = id;
    this.created = created;
    this.escaped = escaped;
    this.json = messageJson(id, escaped, created, stream);
  }

  get text(): string {
    return this.escaped.includes("\\") ? String(JSON.parse(`"${this.escaped}"`)) : this.escaped;
  }
}
