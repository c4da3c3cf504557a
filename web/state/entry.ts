import type { EndReason } from "../../src/protocol/message.ts";

/** A line of the log. */
export type Entry = MessageEntry | GapEntry | EndedEntry;

export interface MessageEntry {
  readonly kind: "message";
  /** The same from the moment of sending on, so that a message that was confirmed is still the same element. */
  readonly key: string;
  readonly id: string;
  readonly text: string;
  readonly created: string;
  readonly time: Date;
  /** It was sent from here. */
  readonly mine: boolean;
}

export interface GapEntry {
  readonly kind: "gap";
  readonly key: string;
  /** Absent where nobody knows since when. */
  readonly from: Date | undefined;
  readonly to: Date;
}

interface EndedEntry {
  readonly kind: "ended";
  readonly key: string;
  readonly reason: EndReason;
}

/** A message on its way. */
export interface Pending {
  readonly kind: "pending";
  readonly key: string;
  readonly text: string;
  readonly state: PendingState;
}

export type PendingState =
  | { readonly kind: "sending" }
  /** The server took it; it becomes a line of the log as soon as it is its turn there. */
  | { readonly kind: "sent"; readonly id: string }
  /** Refused or lost: `code` says why. With `retryAt` (milliseconds since 1970), it is sent again by itself then. */
  | { readonly kind: "failed"; readonly code: string; readonly reason: string; readonly retryAt?: number };
