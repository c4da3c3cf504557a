import type { WarningCode } from "../../src/client/encrypted/index.ts";
import type { EndReason } from "../../src/protocol/message.ts";
import type { Authored } from "./runs.ts";

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
  /** Nothing of this sender came before. */
  readonly isNew: boolean;
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
  /** The user's name when it was written. */
  readonly name: string | undefined;
  /** When it was written. */
  readonly time: Date;
  readonly state: PendingState;
}

export type PendingState =
  | { readonly kind: "sending" }
  /** Accepted by the server, not delivered yet. */
  | { readonly kind: "sent"; readonly id: string }
  /** Rejected or lost, with the error code. */
  | { readonly kind: "failed"; readonly code: string; readonly reason: string };

/** Who wrote a line, for {@link rowsOf}: no name has control characters. */
export function authoredOf(line: Entry | PendingMessage): Authored | undefined {
  if (line.kind !== "pending" && line.kind !== "message") return undefined;
  const { name = "", time } = line;
  if (line.kind === "pending" || line.own) return { author: "\0own", time };
  return { author: line.sender === undefined ? name : `${name}\0${line.sender.id}`, time };
}
