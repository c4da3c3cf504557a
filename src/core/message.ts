import { formatCursor, type Cursor } from "../protocol/cursor.ts";
import type { Entry } from "../protocol/frames.ts";
import { messageJson } from "../protocol/message.ts";
import { escapedName, textStart, type Content } from "./content.ts";

/** A message on its way to listeners. Its JSON is made once, for all of them, and only if one of them needs it. */
export class Message implements Entry {
  private frame: string | undefined = undefined;

  readonly stream: string;
  readonly id: string;
  readonly created: Cursor;
  /** The server that numbered it. */
  private readonly server: string;
  /** Text and name in one field: the runtime gives an object room for 6 fields, or 12. */
  private readonly content: Content;

  constructor(stream: string, id: string, created: Cursor, server: string, content: Content) {
    this.stream = stream;
    this.id = id;
    this.created = created;
    this.server = server;
    this.content = content;
  }

  get json(): string {
    return (this.frame ??= this.write());
  }

  get cursor(): string {
    return formatCursor(this.created, this.server);
  }

  /** The length of the text, escaped as JSON, in UTF-16 code units. */
  get length(): number {
    return this.content.length - textStart(this.content);
  }

  get text(): string {
    return unescaped(this.content.slice(textStart(this.content)));
  }

  /** The name that its sender gave, if any. */
  get name(): string | undefined {
    const name = escapedName(this.content, textStart(this.content));
    return name === undefined ? undefined : unescaped(name);
  }

  private write(): string {
    const { id, content, created, stream } = this;
    const start = textStart(content);
    // A slice would cost every message without a name.
    if (start === 0) return messageJson(id, content, created, stream);
    return messageJson(id, content.slice(start), created, stream, escapedName(content, start));
  }
}

function unescaped(escaped: string): string {
  return escaped.includes("\\") ? String(JSON.parse(`"${escaped}"`)) : escaped;
}
