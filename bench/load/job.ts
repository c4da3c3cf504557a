import type { Memory } from "../measure.ts";
import type { Percentiles } from "./histogram.ts";
import type { ProtocolName } from "./protocol.ts";

/** The server under load. */
export interface Target {
  readonly protocol: ProtocolName;
  readonly port: number;
  readonly pids: readonly number[];
}

/** A closed loop with `window` messages in flight, or an open loop of `rate` messages per second. */
export type Pacing = { readonly window: number } | { readonly rate: number };

/** Publishes messages and counts their deliveries to listeners. */
export interface FanoutJob {
  readonly kind: "fanout";
  readonly target: Target;
  /** Number of the first stream; not used by any earlier run. */
  readonly firstStream: number;
  readonly streams: number;
  /** Listeners per stream. */
  readonly listeners: number;
  /** Listeners per stream that stop reading. */
  readonly stalled: number;
  readonly textSize: number;
  readonly pacing: Pacing;
  /** Warm-up in seconds. */
  readonly warm: number;
  /** Measured time in seconds. */
  readonly seconds: number;
}

export interface FanoutResult {
  readonly sent: number;
  readonly deliveries: number;
  readonly seconds: number;
  /** CPU-seconds of the server. */
  readonly cpu: number;
  /** CPU-seconds of the load. */
  readonly loadCpu: number;
  readonly latency: Percentiles;
  /** Deliveries missing at the end of the run; negative if there were duplicates. */
  readonly lost: number;
  /** Listeners whose connection the server closed, by its count of open files. */
  readonly closed: number;
  readonly memory: { readonly before: Memory; readonly connected: Memory; readonly after: Memory };
}

type RequestKind = "publish" | "history";

/** Sends requests on several connections and counts the responses. */
export interface RequestsJob {
  readonly kind: "requests";
  readonly target: Target;
  readonly request: RequestKind;
  readonly connections: number;
  /** Requests in flight per connection. */
  readonly depth: number;
  readonly textSize: number;
  readonly firstStream: number;
  readonly streams: number;
  /** Ends after some seconds, or after some responses. */
  readonly until: { readonly warm: number; readonly seconds: number } | { readonly responses: number };
}

export interface RequestsResult {
  readonly responses: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly loadCpu: number;
  /** Response time. Only meaningful at a depth of 1. */
  readonly latency: Percentiles;
}

/** Opens listeners of a silent stream and measures the server's memory. */
export interface IdleJob {
  readonly kind: "idle";
  readonly target: Target;
  readonly firstStream: number;
  readonly listeners: number;
  /** Seconds between the last connection and the measurement. */
  readonly settle: number;
}

export interface IdleResult {
  readonly before: Memory;
  readonly connected: Memory;
  /** CPU-seconds of the server during the `settle` seconds with all listeners connected. */
  readonly cpu: number;
}

/** Drops all listeners at once and resumes them from their cursor. */
export interface ReconnectJob {
  readonly kind: "reconnect";
  readonly target: Target;
  readonly firstStream: number;
  readonly listeners: number;
  /** Messages published while the listeners are disconnected. */
  readonly missed: number;
  readonly textSize: number;
}

export interface ReconnectResult {
  /** Seconds from the first reconnect until all listeners have received the missed messages. */
  readonly caughtUp: number;
  /** Seconds from the first reconnect until all listeners have received the next message. */
  readonly live: number;
  readonly cpu: number;
  readonly lost: number;
}

export interface Results {
  readonly fanout: FanoutResult;
  readonly requests: RequestsResult;
  readonly idle: IdleResult;
  readonly reconnect: ReconnectResult;
}

export type Job = FanoutJob | RequestsJob | IdleJob | ReconnectJob;
