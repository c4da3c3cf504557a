import type { Http } from "./http.ts";

/** What a server allows: the answer of `GET /limits`. Lengths in characters, sizes in bytes, times in seconds. */
export interface Limits {
  /** Who this server is, as long as it runs. */
  readonly server: string;
  /** Longest text of a message, in Unicode code points. */
  readonly text: number;
  /** Messages that a stream keeps. */
  readonly messages: number;
  /** Lifetime of a stream without a message, unless its creator asks for another. */
  readonly ttl: number;
  readonly maxTtl: number;
  readonly maxMemory: number;
  /** Messages in one page. */
  readonly page: { readonly default: number; readonly max: number };
  /** Streams in one listing. */
  readonly list: number;
  /** Longest long poll. */
  readonly wait: number;
  readonly body: number;
  /** Longest name of a person who listens, in Unicode code points. */
  readonly person: number;
  /** Streams that one WebSocket listens to. */
  readonly subscriptions: number;
}

/** @throws MaltenError */
export function readLimits(http: Http, signal: AbortSignal | undefined): Promise<Limits> {
  return http.json<Limits>("/limits", ["server"], {}, { signal });
}
