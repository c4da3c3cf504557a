import type { ClientMode } from "./attack.ts";
import type { OverloadJob, OverloadResult } from "./overload/job.ts";

/** What the attacking process is told. */
export interface AttackJob {
  readonly kind: "attack";
  readonly attack: string;
  readonly clients: ClientMode;
  readonly port: number;
  /** The server's address; by default, this machine. */
  readonly host?: string;
  /** Seconds. */
  readonly seconds: number;
  readonly maxConnections: number;
}

/** What the attacking process reports. */
export interface AttackResult {
  /** Requests that succeeded. */
  readonly succeeded: number;
  /** The most connections open at the same time. */
  readonly held: number;
  /** Connections opened. */
  readonly opened: number;
  /** Items that the attack counted itself, such as subscriptions. */
  readonly items: number;
  /** Refusals by the code of the problem, most frequent first. */
  readonly refused: Readonly<Record<string, number>>;
  /** Refusals with 429 or 503 that do not say when to try again. */
  readonly withoutRetryAfter: number;
}

export interface Results {
  readonly attack: AttackResult;
  readonly overload: OverloadResult;
}

export type Job = AttackJob | OverloadJob;
