import type { WireStream } from "../protocol/message.ts";
import { ClientStream, messagesOnly } from "./client-stream.ts";
import { ConnectionManager, type ClientContext } from "./connection-manager.ts";
import { decodeNamed } from "./decode.ts";
import { Http } from "./http.ts";
import type { Limits } from "./limits.ts";
import type { Message } from "./message.ts";
import type { StreamEvent } from "./stream-event.ts";
import type { ListenOptions } from "./subscription.ts";
import { TransportChoice, type TransportName } from "./transports/choice.ts";

/** How long a connection may be silent, in milliseconds: a server sends a heartbeat every 25 s. */
const SILENCE = 35_000;

export interface MaltenOptions {
  /** Transports in order of preference: if one is blocked, the next is used. Defaults to `websocket`, `sse`, `poll`. */
  readonly transports?: readonly TransportName[];
  /** How long a connection may be silent before it counts as dead, in milliseconds. Defaults to 35,000. */
  readonly silence?: number;
}

export interface CreateOptions {
  /** Defaults to a random name. */
  readonly name?: string | undefined;
  /** Not listed. The name is the only protection: let the server choose it. */
  readonly private?: boolean | undefined;
  /** Idle time-to-live, in seconds. */
  readonly ttl?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A stream that was created explicitly. */
export interface Created {
  readonly name: string;
  readonly private: boolean;
  /** Idle time-to-live, in seconds. */
  readonly ttl: number;
  /** The owner token, required to delete the stream. */
  readonly owner: string;
}

export interface ListOptions {
  readonly limit?: number | undefined;
  /** Lists only streams whose names begin with this. */
  readonly prefix?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A public stream. */
export interface Listed {
  readonly name: string;
  /** When the newest message arrived. */
  readonly updated: Date;
  /** Idle time-to-live, in seconds. */
  readonly ttl: number;
  /** Number of listeners. */
  readonly observers: number;
}

/** An event of one of several streams. */
export type NamedStreamEvent = StreamEvent & { readonly stream: string };

/** A client of one Malten server. All streams share one WebSocket (one per 256 streams), unless WebSockets are blocked. */
export class Malten {
  readonly #context: ClientContext;
  /** Weak: an object in use is also referenced by its connection. */
  readonly #streams = new Map<string, WeakRef<ClientStream>>();
  readonly #collected = new FinalizationRegistry<string>((name) => {
    if (!this.#streams.get(name)?.deref()) this.#streams.delete(name);
  });

  /** Does not connect yet. @throws TypeError for an invalid URL, or if the runtime has none of the transports */
  constructor(server: string | URL, { transports, silence = SILENCE }: MaltenOptions = {}) {
    /** Usually one; more if more streams are in use than one WebSocket can subscribe to. */
    const connections: ConnectionManager[] = [];
    this.#context = {
      http: new Http(server),
      transports: new TransportChoice(transports),
      ownIds: new Set(),
      pace: { at: 0 },
      silence,
      acquire: () => {
        let connection = connections.find(({ hasRoom }) => hasRoom);
        if (!connection) connections.push((connection = new ConnectionManager(this.#context)));
        return connection;
      },
      forget: (name) => void this.#streams.delete(name),
    };
  }

  /**
   * For `malten/encrypted`. No property of the object: programs log those, and it has secrets.
   * @internal
   */
  get http(): Http {
    return this.#context.http;
  }

  /**
   * Returns the stream with this name: the same object each time, as long as it is in use or referenced and not closed. Does not
   * create the stream or connect.
   */
  stream(name: string): ClientStream {
    const known = this.#streams.get(name)?.deref();
    if (known) return known;
    const stream = new ClientStream(this.#context, name);
    this.#streams.set(name, new WeakRef(stream));
    this.#collected.register(stream, name);
    return stream;
  }

  /** Iterates over the messages of several streams. Otherwise the same as {@link ClientStream.listen}. */
  listen(streams: Iterable<string>, options: ListenOptions = {}): AsyncIterableIterator<Message, undefined> {
    return ClientStream.listen(this.#several(streams), options, messagesOnly);
  }

  /** Iterates over everything that happens to several streams. Otherwise the same as {@link ClientStream.events}. */
  events(
    streams: Iterable<string>,
    options: ListenOptions = {},
  ): AsyncIterableIterator<NamedStreamEvent, undefined> {
    return ClientStream.listen(this.#several(streams), options, (stream) => (event) => ({
      ...event,
      stream,
    }));
  }

  /** Creates a stream. @throws MaltenError `stream_exists` and others */
  async create({ name: stream, signal, ...rest }: CreateOptions = {}): Promise<Created> {
    const { stream: name, ...created } = await this.http.json<Omit<Created, "name"> & { stream: string }>(
      "/streams",
      ["stream", "ttl", "owner"],
      { stream, ...rest },
      { method: "POST", signal },
    );
    return { name, ...created };
  }

  /** Lists public streams, newest message first. @throws MaltenError */
  async list({ limit, prefix, signal }: ListOptions = {}): Promise<Listed[]> {
    const { body } = await this.http.request("/streams", { limit, q: prefix }, { signal });
    return (
      decodeNamed<WireStream>(body, "Updated", "TTL", "Observers")
        // JavaScript objects order integer-like keys first.
        .sort(([, one], [, other]) => other.Updated - one.Updated)
        .map(([name, { Updated, TTL, Observers }]) => {
          return { name, updated: new Date(Updated / 1e6), ttl: TTL / 1e9, observers: Observers };
        })
    );
  }

  /** Fetches the server's limits. @throws MaltenError */
  limits(signal?: AbortSignal): Promise<Limits> {
    return this.http.json<Limits>("/limits", ["server"], {}, { signal });
  }

  /** Closes all streams. */
  close(): void {
    for (const stream of this.#streams.values()) stream.deref()?.close();
  }

  #several(names: Iterable<string>): ClientStream[] {
    return [...new Set(names)].map((name) => this.stream(name));
  }
}
