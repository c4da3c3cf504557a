import { formatCursor, type Cursor } from "../protocol/cursor.ts";
import type { Entry } from "../protocol/frames.ts";
import { messageJson, withName } from "../protocol/message.ts";
import { joinContent, partsOf, unescaped, type Content } from "./content.ts";

/** A message on its way to listeners. Its JSON is made once, for all of them, and only if one of them needs it. */
export class Message implements Entry {
  private frame: string | undefined = undefined;

  readonly stream: string;
  readonly id: string;
  readonly created: Cursor;
  /** The server that numbered it. */
  private readonly server: string;
  protected readonly escaped: string;

  /** `escaped`: the text, escaped as the inside of a JSON string. */
  constructor(stream: string, id: string, created: Cursor, server: string, escaped: string) {
    this.stream = stream;
    this.id = id;
    this.created = created;
    this.server = server;
    this.escaped = escaped;
  }

  get json(): string {
    return (this.frame ??= this.write());
  }

  get cursor(): string {
    return formatCursor(this.created, this.server);
  }

  /** The length of the text, escaped as JSON, in UTF-16 code units. */
  get length(): number {
    return this.escaped.length;
  }

  get text(): string {
    return unescaped(this.escaped);
  }

  /** What is kept of it, to make the same message in another process. */
  get content(): Content {
    return this.escaped;
  }

  /** The name that its sender gave, if any. */
  get name(): string | undefined {
    return undefined;
  }

  protected write(): string {
    return messageJson(this.id, this.escaped, this.created, this.stream);
  }
}

/** A class of its own, so that other messages take no room for a name, nor time to look for one. */
class NamedMessage extends Message {
  private readonly escapedName: string;

  constructor(
    stream: string,
    id: string,
    created: Cursor,
    server: string,
    escaped: string,
    escapedName: string,
  ) {
    super(stream, id, created, server, escaped);
    this.escapedName = escapedName;
  }

  override get name(): string {
    return unescaped(this.escapedName);
  }

  override get content(): Content {
    return joinContent(this.escapedName, this.escaped);
  }

  protected override write(): string {
    return withName(super.write(), this.escapedName);
  }
}

/** Returns the message with this content. */
export function messageOf(
  stream: string,
  id: string,
  created: Cursor,
  server: string,
  content: Content,
): Message {
  const parts = partsOf(content);
  if (parts === undefined) return new Message(stream, id, created, server, content);
  const [name, text] = parts;
  return new NamedMessage(stream, id, created, server, text, name);
}
