// The public API of encrypted streams and pipes: `malten/encrypted`.
import type { ReadOptions } from "../client-stream.ts";
import type { StreamState } from "../connection-manager.ts";
import type { Malten } from "../malten.ts";
import type { Presence } from "../presence-tracker.ts";
import type { SendOptions, Sent } from "../send-queue.ts";
import type { PresenceInfo } from "../stream-event.ts";
import type { ListenOptions } from "../subscription.ts";
import type {
  CreateEncryptedOptions,
  EncryptedEvent,
  EncryptedMessage,
  Links,
  OpenOptions,
  PipeEvent,
  PipeMessage,
  PipeState,
  Right,
  SendEncryptedOptions,
} from "./types.ts";

export type { EncryptedErrorCode } from "../error.ts";
export type {
  CreateEncryptedOptions,
  EncryptedEvent,
  EncryptedMessage,
  Links,
  OpenOptions,
  PipeEvent,
  PipeMessage,
  PipeState,
  Right,
  SendEncryptedOptions,
  Sender,
  Warning,
  WarningCode,
} from "./types.ts";

/**
 * Creates an encrypted stream and returns it with the right of its owner.
 * @throws MaltenError the server's reason, or `crypto_missing` where the platform has no Web Crypto (a page over plain HTTP)
 */
export declare function create(
  server: string | URL | Malten,
  options?: CreateEncryptedOptions,
): Promise<EncryptedStream>;

/**
 * Opens an encrypted stream with a link, which may be the owner's, a writer's or a reader's. Does not connect yet.
 * @throws MaltenError `link_malformed`, `link_cut`, `link_newer`, `link_older`, `link_pipe`, `crypto_missing`
 */
export declare function open(link: string, options?: OpenOptions): Promise<EncryptedStream>;

/** A stream that only those who have a link can read. Its members do what those of {@link ClientStream} do. */
export declare class EncryptedStream {
  /** The name at the server, which begins with `~`. It is not secret. */
  readonly name: string;
  readonly right: Right;
  readonly links: Links;
  get state(): StreamState;
  /** Calls `callback` whenever the kind of {@link state} changes. Returns a function that unsubscribes. */
  onState(callback: (state: StreamState) => void): () => void;
  /**
   * Encrypts and publishes a message of at most 1024 characters.
   * @throws MaltenError as {@link ClientStream.send}, and `read_only` with a reader's link
   */
  send(text: string, options?: SendEncryptedOptions): Promise<Sent>;
  /** Iterates over messages as they arrive. What cannot be read is left out, with a warning at the next message. */
  listen(options?: ListenOptions): AsyncIterableIterator<EncryptedMessage, undefined>;
  /** Iterates over everything that happens to the stream, with warnings where they are seen. */
  events(options?: ListenOptions): AsyncIterableIterator<EncryptedEvent, undefined>;
  /** Iterates over the history, page by page. */
  read(options?: ReadOptions): AsyncGenerator<EncryptedMessage[], void>;
  /** Fetches the presence list, with decrypted names. */
  presence(signal?: AbortSignal): Promise<Presence>;
  onPresence(callback: (presence: Presence) => void): () => void;
  /** Sets the name, of at most 256 characters and sealed, and the status, which the server sees. */
  setPresence(person?: PresenceInfo): void;
  /** Deletes the stream for everyone. @throws MaltenError `owner_required` without the owner's link */
  end(): Promise<void>;
  /** Stops listening and sending in this program. */
  close(): void;
}

/** Pipes: encrypted streams between two, with keys that only their two ends have, and only as long as they run. */
export declare const pipe: {
  /** Creates a pipe. Its link is for the other end, and for one use. */
  create(server: string | URL | Malten, options?: CreateEncryptedOptions): Promise<Pipe>;
  /** Joins a pipe, which uses up its link. @throws MaltenError as {@link open}, and `link_stream` for a stream's link */
  join(link: string, options?: OpenOptions): Promise<Pipe>;
};

/** One end of a pipe. */
export declare class Pipe {
  /** The link for the other end; undefined where the pipe was joined. */
  readonly link: string | undefined;
  /** Six words, the same at both ends if nobody is between them; empty before the other end is there. */
  get words(): readonly string[];
  get state(): PipeState;
  /** Calls `callback` whenever the kind of {@link state} changes. Returns a function that unsubscribes. */
  onState(callback: (state: PipeState) => void): () => void;
  /** Resolves when the other end is there. Rejects with `link_used` if someone else joined first. */
  readonly joined: Promise<void>;
  /** Sends a text of at most 1024 characters. Resolves when the server has it. Waits until the other end is there. */
  send(text: string, options?: SendOptions): Promise<void>;
  /** Iterates over the texts from the other end. Ends when the pipe does. */
  messages(): AsyncIterableIterator<PipeMessage, undefined>;
  /** The bytes from the other end. Ends when the other end closes its {@link writable}. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The bytes to the other end. Its `close` resolves when the other end has received everything. */
  readonly writable: WritableStream<Uint8Array>;
  events(): AsyncIterableIterator<PipeEvent, undefined>;
  /** Closes this end; without the other end being told. */
  close(): void;
  /** Ends the pipe for both. */
  end(): Promise<void>;
}
