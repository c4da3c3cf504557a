import type { ProblemCode } from "../protocol/problem.ts";
import type { Format } from "./batch.ts";
import { Histogram } from "./histogram.ts";

/** How a live listener is connected. */
export type Transport = "websocket" | Format;

/**
 * What a server counts about its own work: numbers only, never a name, a text or an address. Plain fields, because some change
 * with every message. Counts begin with the process.
 */
export class Counters {
  /** Messages that the broker reported. */
  published = 0;
  /** The lengths of their texts, escaped as JSON, in UTF-16 code units. */
  textLengths = new Histogram([16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192]);
  /** Messages written to live listeners. */
  readonly delivered: Record<Transport, number> = { websocket: 0, sse: 0, ndjson: 0, text: 0 };
  /** Gaps reported to live listeners. */
  gaps = 0;
  /** Open subscriptions. */
  subscriptions = 0;
  /** Connections closed because the client did not read. */
  stalled = 0;
  /** Times that a client was blocked because it kept connecting although it was refused. */
  blocked = 0;
  /** Requests over HTTP, including those that open a live connection. */
  requests = 0;
  /** Requests and WebSocket frames that were answered with an error. */
  readonly rejected = new Map<ProblemCode, number>();
  /** How long it takes to write what was published in one turn of the event loop, in milliseconds. */
  readonly flushes = new Histogram([0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]);
  /** How late the timer of periodic work is, once a second, in milliseconds. */
  readonly delays = new Histogram([1, 3, 10, 30, 100, 300, 1000, 3000]);

  /** Durations of the garbage collections that the server requests, in milliseconds. */
  readonly collections = new Histogram([3, 10, 30, 100, 300, 1000]);

  reject(code: ProblemCode): void {
    this.rejected.set(code, (this.rejected.get(code) ?? 0) + 1);
  }
}
