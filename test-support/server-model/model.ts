// A naive model of the server: what a stream contains, and what is told to whom. Lists and filters, no index, no buffer.

/** Default idle time-to-live in seconds. */
export const TTL = 60;

/** How long a ref is remembered, in milliseconds. */
const REF_MEMORY = 120_000;

/** How long the name of a private stream stays private, in milliseconds. */
const NAME_MEMORY = 86_400_000;

/** Messages kept per stream. */
const KEPT = 1024;

/** A message as the server acknowledged it. */
export interface ModelMessage {
  readonly id: string;
  /** Microseconds since 1970. */
  readonly created: number;
  readonly text: string;
  readonly name?: string | undefined;
}

interface ModelStream {
  readonly private: boolean;
  readonly ttl: number;
  readonly owner: string | undefined;
  messages: ModelMessage[];
  deadline: number;
  /** A number that grows with each message or creation of any stream. */
  touched: number;
}

/** What a listener or a page must contain: everything after its cursor that is still kept, and whether a gap is told. */
export interface Expected {
  readonly messages: readonly ModelMessage[];
  /** Whether something after the cursor is not kept any more. */
  readonly gap: boolean;
}

export class ServerModel {
  /** Milliseconds that have passed. */
  now = 0;
  /** The name of the running server. */
  server = "run1";
  private readonly streams = new Map<string, ModelStream>();
  /** Until when the names of deleted streams stay private. */
  private readonly privateNames = new Map<string, number>();
  private readonly refs = new Map<string, { readonly message: ModelMessage; readonly until: number }>();
  /** Everything that this run of the server acknowledged, by stream, kept or not. */
  private readonly acknowledged = new Map<string, ModelMessage[]>();
  private touches = 0;

  /** Returns the stream unless it does not exist or has expired. */
  stream(name: string): ModelStream | undefined {
    const stream = this.streams.get(name);
    if (stream === undefined || stream.deadline > this.now) return stream;
    this.end(name, stream.deadline);
    return undefined;
  }

  create(name: string, options: { private: boolean; ttl: number; owner: string | undefined }): ModelStream {
    const stream = {
      ...options,
      messages: [],
      deadline: this.now + options.ttl * 1000,
      touched: ++this.touches,
    };
    this.streams.set(name, stream);
    return stream;
  }

  /** Records a message that the server acknowledged as new. */
  publish(name: string, message: ModelMessage, ref?: string): void {
    const stream = this.stream(name) ?? this.createPlain(name);
    stream.messages = [...stream.messages, message].slice(-KEPT);
    stream.deadline = this.now + stream.ttl * 1000;
    stream.touched = ++this.touches;
    this.acknowledged.set(name, [...this.everything(name), message]);
    if (ref !== undefined) this.refs.set(`${name}/${ref}`, { message, until: this.now + REF_MEMORY });
  }

  /** Returns the message that was published with this ref, if the server still remembers it. */
  remembered(name: string, ref: string): ModelMessage | undefined {
    const found = this.refs.get(`${name}/${ref}`);
    return found !== undefined && found.until > this.now ? found.message : undefined;
  }

  end(name: string, now = this.now): void {
    if (this.streams.get(name)?.private === true) this.privateNames.set(name, now + NAME_MEMORY);
    this.streams.delete(name);
  }

  /** The server was started again: it has forgotten everything and has another name. */
  restart(server: string): void {
    this.server = server;
    this.streams.clear();
    this.privateNames.clear();
    this.refs.clear();
    this.acknowledged.clear();
  }

  /** Returns all messages that this run acknowledged, kept or not. */
  everything(name: string): readonly ModelMessage[] {
    return this.acknowledged.get(name) ?? [];
  }

  /** Creates a stream as its first message does. */
  private createPlain(name: string): ModelStream {
    const isPrivate = this.now < (this.privateNames.get(name) ?? 0);
    return this.create(name, { private: isPrivate, ttl: TTL, owner: undefined });
  }

  /** Returns the messages that are kept. */
  kept(name: string): readonly ModelMessage[] {
    return this.stream(name)?.messages ?? [];
  }

  /** Returns what follows a cursor of this run. */
  after(name: string, cursor: number): Expected {
    const messages = this.kept(name).filter(({ created }) => created > cursor);
    const all = this.everything(name).filter(({ created }) => created > cursor);
    return { messages, gap: cursor > 0 && all.length > messages.length };
  }

  /** Returns the names of the public streams, the one with the newest message first. */
  listed(prefix: string): readonly string[] {
    const names = Array.from(this.streams.keys()).filter((name) => name.startsWith(prefix));
    return names
      .flatMap((name) => {
        const stream = this.stream(name);
        return stream === undefined || stream.private ? [] : [{ name, touched: stream.touched }];
      })
      .sort((a, b) => b.touched - a.touched)
      .map(({ name }) => name);
  }

  /** Whether a message would only replace an old one in a full stream whose texts all have its length. */
  replaces(name: string, text: string): boolean {
    const kept = this.kept(name);
    return (
      kept.length === KEPT &&
      kept.every((message) => message.text.length === text.length && message.name === undefined)
    );
  }

  /** Returns the length of all texts that are kept: a server may be full only if there are many. */
  get size(): number {
    const names = Array.from(this.streams.keys());
    const texts = names.flatMap((name) => this.kept(name).map(({ text }) => Buffer.byteLength(text)));
    return texts.reduce((sum, length) => sum + length, 0);
  }
}
