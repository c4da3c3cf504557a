import type { Memory } from "../measure.ts";
import type { Percentiles } from "./histogram.ts";
import type { WireName } from "./wire.ts";

/** The server under load. */
export interface Target {
  readonly wire: WireName;
  readonly port: number;
  readonly pids: readonly number[];
}

/** How messages are sent: so many in flight (closed loop), or so many a second whatever comes back (open loop). */
export type Pacing = { readonly window: number } | { readonly rate: number };

/** Publishes to listeners and counts what they are given. */
export interface FanoutJob {
  readonly kind: "fanout";
  readonly target: Target;
  /** Number of the first stream, which no run before has used. */
  readonly firstStream: number;
  readonly streams: number;
  /** Listeners of each stream. */
  readonly listeners: number;
  /** Of each stream's listeners, how many read nothing. */
  readonly stalled: number;
  readonly textSize: number;
  readonly pacing: Pacing;
  /** Seconds before the measured ones. */
  readonly warm: number;
  readonly seconds: number;
}

export interface FanoutResult {
  readonly sent: number;
  readonly deliveries: number;
  readonly seconds: number;
  /** CPU-seconds of the server and of the load. */
  readonly cpu: number;
  readonly loadCpu: number;
  readonly latency: Percentiles;
  /** Deliveries of the whole run that never came; fewer than none are doubled. */
  readonly lost: number;
  /** Listeners whose connection the server closed, by its count of open files. */
  readonly closed: number;
  readonly memory: { readonly before: Memory; readonly connected: Memory; readonly after: Memory };
}

/** What is asked for again and again. */
type RequestKind = "publish" | "history";

/** Sends requests on some connections and counts the answers. */
export interface RequestsJob {
  readonly kind: "requests";
  readonly target: Target;
  readonly request: RequestKind;
  readonly connections: number;
  /** Requests on each connection that wait for their answer. */
  readonly depth: number;
  readonly textSize: number;
  readonly firstStream: number;
  readonly streams: number;
  /** Ends after so many seconds, or after so many answers. */
  readonly until: { readonly warm: number; readonly seconds: number } | { readonly answers: number };
}

export interface RequestsResult {
  readonly answers: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly loadCpu: number;
  /** From request to answer; meaningless when more than one is in flight on a connection. */
  readonly latency: Percentiles;
}

/** Opens listeners who hear nothing, and looks at the server's memory. */
export interface IdleJob {
  readonly kind: "idle";
  readonly target: Target;
  readonly firstStream: number;
  readonly listeners: number;
  /** Seconds between the last connection and looking. */
  readonly settle: number;
}

export interface IdleResult {
  readonly before: Memory;
  readonly connected: Memory;
  /** The server's CPU-seconds in `settle` seconds with all of them connected. */
  readonly cpu: number;
}

/** Cuts all listeners at once and lets them resume by cursor. */
export interface ReconnectJob {
  readonly kind: "reconnect";
  readonly target: Target;
  readonly firstStream: number;
  readonly listeners: number;
  /** Messages published while nobody listens. */
  readonly missed: number;
  readonly textSize: number;
}

export interface ReconnectResult {
  /** From the first new connection until all listeners have all that they missed. */
  readonly caughtUp: number;
  /** Until a message that was sent then has reached all of them. */
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
