import type { WireStream } from "../protocol/message.ts";
import { Http } from "./http.ts";
import { readLimits, type Limits } from "./limits.ts";
import type { LinkContext } from "./link.ts";
import { Stream } from "./stream.ts";
import { Transports, type TransportName } from "./transports.ts";

/** How long a connection may be silent, in milliseconds: a server says something every 25 s. */
const SILENCE = 35_000;

export interface MaltenOptions {
  /** How to connect, in the order of trying: the next only where one does not get through. All, in this order, unless given. */
  readonly transports?: readonly TransportName[];
  /** A connection that is silent for so many milliseconds is taken to be dead; 35,000 unless given. */
  readonly silence?: number;
}

export interface CreateOptions {
  /** A random one unless given. */
  readonly name?: string | undefined;
  /** Never listed. Then the name is the secret: leave it to the server to find one. */
  readonly private?: boolean | undefined;
  /** Lifetime without a message, in seconds. */
  readonly ttl?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A stream that was made by its name. */
export interface Created {
  readonly name: string;
  readonly private: boolean;
  /** Seconds. */
  readonly ttl: number;
  /** The token that ends it. */
  readonly owner: string;
}

export interface ListOptions {
  readonly limit?: number | undefined;
  /** How their names begin. */
  readonly prefix?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A public stream. */
export interface Listed {
  readonly name: string;
  /** When its newest message came. */
  readonly updated: Date;
  /** Lifetime without a message, in seconds. */
  readonly ttl: number;
  /** How many listen. */
  readonly observers: number;
}

/** A Malten server, as its clients see it. */
export class Malten {
  readonly #context: LinkContext;

  /** Connects to nothing yet. @throws TypeError for what is not a URL, and where none of the transports exists here */
  constructor(server: string | URL, { transports, silence = SILENCE }: MaltenOptions = {}) {
    this.#context = { http: new Http(server), transports: new Transports(transports), silence };
  }

  /** A handle on a stream: it does not make one, and connects when it is used. */
  stream(name: string): Stream {
    return new Stream(this.#context, name);
  }

  /** Makes a stream. @throws MaltenError `stream_exists` and others */
  async create({ name: stream, signal, ...rest }: CreateOptions = {}): Promise<Created> {
    const { stream: name, ...created } = await this.#context.http.json<
      Omit<Created, "name"> & { stream: string }
    >("/streams", ["stream", "owner"], { stream, ...rest }, { method: "POST", signal });
    return { name, ...created };
  }

  /** The public streams, the one with the newest message first. @throws MaltenError */
  async list({ limit, prefix, signal }: ListOptions = {}): Promise<Listed[]> {
    const streams = await this.#context.http.json<Record<string, WireStream>>(
      "/streams",
      [],
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

  /** What the server allows. @throws MaltenError */
  limits(signal?: AbortSignal): Promise<Limits> {
    return readLimits(this.#context.http, signal);
  }
}
