/** The limits of a server, from `GET /limits`. Lengths in characters, sizes in bytes, times in seconds. */
export interface Limits {
  /** The id of the server, constant while it runs. */
  readonly server: string;
  /** Longest text of a message, in Unicode code points. */
  readonly text: number;
  /** Messages that a stream keeps. */
  readonly messages: number;
  /** Default idle time-to-live of a stream. */
  readonly ttl: number;
  readonly maxTtl: number;
  readonly maxMemory: number;
  /** Messages in one page. */
  readonly page: { readonly default: number; readonly max: number };
  /** Streams in one listing. */
  readonly list: number;
  /** Longest long poll. */
  readonly wait: number;
  /** Largest request body. */
  readonly body: number;
  /** Largest WebSocket message. */
  readonly frame: number;
  /** Longest name of a person, in Unicode code points. */
  readonly person: number;
  /** Messages per second that a client can send to a public stream; 0: no limit. */
  readonly rateLimit: number;
  /** Bytes per second that a client can send to private streams; 0: no limit. */
  readonly byteRate: number;
  /** Streams per minute that a client can create; 0: no limit. */
  readonly streamRate: number;
  /** Streams that one WebSocket can subscribe to. */
  readonly subscriptions: number;
}
