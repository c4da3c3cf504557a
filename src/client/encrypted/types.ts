import type { StreamState } from "../connection-manager.ts";
import type { MaltenError } from "../error.ts";
import type { Malten } from "../malten.ts";
import type { Message } from "../message.ts";
import type { SendOptions } from "../send-queue.ts";
import type { StreamEvent } from "../stream-event.ts";

/** What a link allows: an owner ends the stream and does all below; a writer sends and reads; a reader reads. */
export type Right = "owner" | "writer" | "reader";

/** The links that a right can give away: its own and lower ones. Each is a key: anyone who has it has the right. */
export interface Links {
  readonly owner?: string;
  readonly writer?: string;
  readonly reader: string;
}

/** One tab or process that writes with the link. A new one is a new sender, also of the same person. */
export interface Sender {
  /** A pseudonym: the first bytes of the sender's key in base64url. */
  readonly id: string;
  /** Whether this listener received nothing of this sender before. */
  readonly isNew: boolean;
}

/** A decrypted message. `text` is what was sent. */
export interface EncryptedMessage extends Message {
  /** Whether this {@link EncryptedStream} sent it. The server cannot change that. */
  readonly own: boolean;
  readonly sender: Sender;
  /** The name that the sender gave, encrypted with the text. Proves nothing: everyone with the writer's link can use any name. */
  readonly name?: string;
  /** What is wrong just before this message; {@link EncryptedStream.events} tells it when it is seen. */
  readonly warnings?: readonly Warning[];
}

/**
 * What an honest server and honest writers do not do:
 * - `missing`: messages of a sender are missing, and no gap of the server explains it.
 * - `replayed`: a message came twice. The second one is left out.
 * - `reordered`: a message came after a later one of its sender.
 * - `altered`: something that cannot be authenticated: changed, of another stream, or sealed by nobody with the writer's link. It is left out.
 * - `split`: the sender was shown other messages than this listener.
 * - `voided`: the sender gave up messages that were reported as `missing` before: nothing is wrong with them.
 * - `unsupported`: a message that a newer version sealed. It is left out.
 */
export type WarningCode =
  | "missing"
  | "replayed"
  | "reordered"
  | "altered"
  | "split"
  | "voided"
  | "unsupported";

/** A sign that the server or a writer is not honest. */
export interface Warning {
  readonly type: "warning";
  readonly code: WarningCode;
  /** For people. */
  readonly text: string;
  /** The sender that it is about, if known. */
  readonly sender?: string;
  /** How many messages it is about. */
  readonly count?: number;
}

/** An event of an encrypted stream: those of plain streams, with decrypted messages, and warnings. */
export type EncryptedEvent =
  | Exclude<StreamEvent, { type: "message" }>
  | { readonly type: "message"; readonly message: EncryptedMessage }
  | Warning;

export interface CreateEncryptedOptions {
  /** Idle time-to-live, in seconds. */
  readonly ttl?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenOptions {
  /** Shares the connection of this client, whatever server the link names. By default, a new client of the link's server. */
  readonly malten?: Malten | undefined;
}

export interface SendEncryptedOptions extends SendOptions {
  /** The name of the sender, encrypted like the text. One line of at most 32 characters. */
  readonly name?: string | undefined;
}

/** The state of a pipe. */
export type PipeState =
  /** Created; nobody has joined yet. */
  | { readonly kind: "waiting" }
  /** The two ends agree on keys. */
  | { readonly kind: "joining" }
  /** Both ends are there. `reconnecting` and `throttled` are the same with a broken or slowed-down connection. */
  | { readonly kind: "joined" }
  | Extract<StreamState, { kind: "reconnecting" | "throttled" }>
  /** The other end finished, or the pipe was ended or closed here, or failed with `error`. */
  | { readonly kind: "closed"; readonly error: MaltenError | undefined };

/** A line of text from the other end of a pipe. */
export interface PipeMessage {
  readonly text: string;
  /** When the server received it. */
  readonly time: Date;
}

export type PipeEvent =
  /** The other end is there. The words are to be compared by voice. */
  | { readonly type: "joined"; readonly words: readonly string[] }
  /** The other end lost its keys and joined anew: the words are to be compared again. */
  | { readonly type: "rekeyed"; readonly words: readonly string[] }
  /** Someone else tried to join with the link, and was refused. */
  | { readonly type: "refused" }
  /** Someone else joined with the link before this end did: the link was stolen. The pipe is closed. */
  | { readonly type: "stolen" }
  /** The server says that the other end is not connected any more, and that it is again. It may come back by itself. */
  | { readonly type: "away" | "back" }
  /** The other end has finished sending. */
  | { readonly type: "finished" }
  /** The other end left: after it had finished, or before. `reason` is the other end's, and empty if nothing went wrong. */
  | { readonly type: "ended"; readonly finished: boolean; readonly reason: string }
  | Warning;
