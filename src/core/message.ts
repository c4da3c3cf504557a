import { formatCursor, type Cursor } from "../protocol/cursor.ts";
import type { Entry } from "../protocol/frames.ts";
import { messageJson } from "../protocol/message.ts";

/** A message on its way to listeners. Its JSON is made once, for all of them, and only if one of them needs it. */
export class Message implements Entry {
  private frame: string | undefined = undefined;

  readonly stream: string;
  readonly id: string;
  readonly created: Cursor;
  /** The server that numbered it. */
  private readonly server: string;
  private readonly escaped: string;

  /** `escaped`: the text, escaped as the inside of a JSON string. */
  constructor(stream: string, id: string, created: Cursor, server: string, escaped: string) {
    this.stream = stream;
    this.id = id;
    this.created = created;
    this.server = server;
    this.escaped = escaped;
  }

  get json(): string {
    return (this.frame ??= messageJson(this.id, this.escaped, this.created, this.stream));
  }

  get cursor(): string {
    return formatCursor(this.created, this.server);
  }

  /** The length of the text, escaped as JSON, in UTF-16 code units. */
  get length(): number {
    return this.escaped.length;
  }

  get text(): string {
    return this.escaped.includes("\\") ? String(JSON.parse(`"${this.escaped}"`)) : this.escaped;
  }
}
