import type { EndReason } from "../../src/protocol/message.ts";

/** A line of the log. */
export type Entry = MessageEntry | GapEntry | EndedEntry;

export interface MessageEntry {
  readonly kind: "message";
  /** Unchanged when a sent message is confirmed, so that its element is reused. */
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
  /** Undefined if unknown: the previous messages came from another server. */
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
  /** Rejected or lost, with the error code. */
  | { readonly kind: "failed"; readonly code: string; readonly reason: string };
