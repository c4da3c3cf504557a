import type { EndReason } from "../../src/protocol/message.ts";

/** A line of the log. */
export type Entry = MessageEntry | GapEntry | EndedEntry;

export interface MessageEntry {
  readonly kind: "message";
  /** Stays the same from sending on, so that a confirmed message keeps its element. */
  readonly key: string;
  readonly id: string;
  readonly text: string;
  readonly cursor: string;
  readonly time: Date;
  /** Sent by this user. */
  readonly own: boolean;
}

export interface GapEntry {
  readonly kind: "gap";
  readonly key: string;
  /** Undefined if unknown: the messages before were of another server. */
  readonly from: Date | undefined;
  readonly to: Date;
}

interface EndedEntry {
  readonly kind: "ended";
  readonly key: string;
  readonly reason: EndReason;
}

/** A message that is not in the log yet. */
export interface PendingMessage {
  readonly kind: "pending";
  readonly key: string;
  readonly text: string;
  readonly state: PendingState;
}

export type PendingState =
  | { readonly kind: "sending" }
  /** Accepted by the server, not delivered yet. */
  | { readonly kind: "sent"; readonly id: string }
  /** Refused or lost, for the reason `code`. Sent again at `retryAt` (milliseconds since 1970), if given. */
  | { readonly kind: "failed"; readonly code: string; readonly reason: string; readonly retryAt?: number };
