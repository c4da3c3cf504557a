import type { WireStream } from "../protocol/message.ts";
import { ClientStream, messagesOnly } from "./client-stream.ts";
import { ConnectionManager, type ClientContext } from "./connection-manager.ts";
import { Http } from "./http.ts";
import type { Limits } from "./limits.ts";
import type { Message } from "./message.ts";
import type { StreamEvent } from "./stream-event.ts";
import type { ListenOptions } from "./subscription.ts";
import { TransportChoice, type TransportName } from "./transports/choice.ts";

/** How long a connection may be silent, in milliseconds: a server sends a heartbeat every 25 s. */
const SILENCE = 35_000;

export interface MaltenOptions {
  /** How to connect, in the order of trying: the next one where one does not get through. Defaults to `websocket`, `sse`, `poll`. */
  readonly transports?: readonly TransportName[];
  /** A connection that is silent for this long is dead, in milliseconds. Defaults to 35,000. */
  readonly silence?: number;
}

export interface CreateOptions {
  /** Defaults to a random name. */
  readonly name?: string | undefined;
  /** Never listed. The name is then the secret: let the server choose it. */
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
  /** The token that deletes it. */
  readonly owner: string;
}

export interface ListOptions {
  readonly limit?: number | undefined;
  /** How the names begin. */
  readonly prefix?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A public stream. */
export interface Listed {
  readonly name: string;
  /** When its newest message came. */
  readonly updated: Date;
  /** Idle time-to-live, in seconds. */
  readonly ttl: number;
  /** How many listen. */
  readonly observers: number;
}

/** An event of one of several streams. */
export type NamedStreamEvent = StreamEvent & { readonly stream: string };

/** A client of one Malten server. All streams share one WebSocket, where WebSockets get through. */
export class Malten {
  readonly #context: ClientContext;
  /** An object that is in use is referenced by its connection as well. */
  readonly #streams = new Map<string, WeakRef<ClientStream>>();
  readonly #collected = new FinalizationRegistry<string>((name) => {
    if (!this.#streams.get(name)?.deref()) this.#streams.delete(name);
  });

  /** Does not connect yet. @throws TypeError for what is not a URL, and where none of the transports exists here */
  constructor(server: string | URL, { transports, silence = SILENCE }: MaltenOptions = {}) {
    /** One, and another where more streams are in use than a WebSocket can subscribe to. */
    const connections: ConnectionManager[] = [];
    this.#context = {
      http: new Http(server),
      transports: new TransportChoice(transports),
      ownIds: new Set(),
      silence,
      acquire: () => {
        let connection = connections.find(({ hasRoom }) => hasRoom);
        if (!connection) connections.push((connection = new ConnectionManager(this.#context)));
        return connection;
      },
      forget: (name) => void this.#streams.delete(name),
    };
  }

  /** Returns the stream of this name, the same object each time until it is closed. Neither creates nor connects anything. */
  stream(name: string): ClientStream {
    const known = this.#streams.get(name)?.deref();
    if (known) return known;
    const stream = new ClientStream(this.#context, name);
    this.#streams.set(name, new WeakRef(stream));
    this.#collected.register(stream, name);
    return stream;
  }

  /** Iterates over the messages of several streams as they come. Otherwise as {@link ClientStream.listen}. */
  listen(streams: Iterable<string>, options: ListenOptions = {}): AsyncIterableIterator<Message, undefined> {
    return ClientStream.listen(this.#several(streams), options, messagesOnly);
  }

  /** Iterates over all that happens to several streams. Otherwise as {@link ClientStream.events}. */
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
    const { stream: name, ...created } = await this.#context.http.json<
      Omit<Created, "name"> & { stream: string }
    >("/streams", "owner", { stream, ...rest }, { method: "POST", signal });
    return { name, ...created };
  }

  /** Lists the public streams, those with the newest messages first. @throws MaltenError */
  async list({ limit, prefix, signal }: ListOptions = {}): Promise<Listed[]> {
    const streams = await this.#context.http.json<Record<string, WireStream>>(
      "/streams",
      undefined,
      { limit, q: prefix },
      { signal },
    );
    return (
      Object.entries(streams)
        // A JavaScript object has names that are numbers before all others.
        .sort(([, one], [, other]) => other.Updated - one.Updated)
        .map(([name, { Updated, TTL, Observers }]) => {
          return { name, updated: new Date(Updated / 1e6), ttl: TTL / 1e9, observers: Observers };
        })
    );
  }

  /** Fetches what the server allows. @throws MaltenError */
  limits(signal?: AbortSignal): Promise<Limits> {
    return this.#context.http.json<Limits>("/limits", "server", {}, { signal });
  }

  /** Closes all streams. */
  close(): void {
    for (const stream of this.#streams.values()) stream.deref()?.close();
  }

  #several(names: Iterable<string>): ClientStream[] {
    return Array.from(new Set(names), (name) => this.stream(name));
  }
}
