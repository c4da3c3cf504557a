import type { WarningCode } from "../../src/client/encrypted/index.ts";
import type { EndReason } from "../../src/protocol/message.ts";

/** A line of the log. */
export type Entry = MessageEntry | GapEntry | EndedEntry | WarningEntry;

export interface MessageEntry {
  readonly kind: "message";
  /** Unchanged when a sent message is confirmed, so that its element is reused. */
  readonly key: string;
  readonly id: string;
  readonly text: string;
  readonly cursor: string;
  readonly time: Date;
  /** The name that its author gave. Proves nothing. */
  readonly name?: string | undefined;
  /** Sent by this user. */
  readonly own: boolean;
  /** Who sent it, in an encrypted stream. */
  readonly sender?: MessageSender;
}

interface MessageSender {
  /** A pseudonym of the sender's tab. */
  readonly id: string;
  /** The name that the sender gave. */
  readonly name: string | undefined;
  /** Nothing of this sender came before. */
  readonly isNew: boolean;
  /** Whether the message before this one is of another sender. */
  readonly isFirst: boolean;
}

/** A sign that the server or a writer of an encrypted stream is not honest. */
export interface WarningEntry {
  readonly kind: "warning";
  readonly key: string;
  readonly code: WarningCode;
  /** How many messages it is about. */
  readonly count: number;
  /** The name or the pseudonym of the sender that it is about, if known. */
  readonly sender: string | undefined;
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
