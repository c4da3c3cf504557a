/**
 * What a step of the state machine asks for. Publish the texts in `frames` in this order, each until the server has acknowledged it, and
 * handle `events` in this order. A frame that is sent again has the same text.
 */
export interface PipeStep {
  readonly frames: readonly string[];
  readonly events: readonly PipeEndEvent[];
}

/** Why a pipe failed. Nothing can be sent or received after that. */
export type PipeFailure =
  /** The link was used before this end used it: it was stolen, or used twice by its rightful owner. */
  | "stolen"
  /** Frames of the other end are missing, and sending them again did not help. */
  | "missing"
  /** The other end breaks the protocol: another version, or a bug. */
  | "protocol"
  /** The stream has more invalid joins than an end is willing to check. */
  | "flooded";

export type PipeEndEvent =
  /** The other end is there. `again`: it joined anew, with other keys, so the words are to be compared again. */
  | { readonly type: "joined"; readonly words: readonly string[]; readonly again: boolean }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The other end sends no more texts and bytes. */
  | { readonly type: "end" }
  /** The other end left; `reason` is empty if nothing went wrong. The opener admits the next one who joins. */
  | { readonly type: "left"; readonly reason: string }
  /** Someone else tried to join with the link, and was refused. */
  | { readonly type: "refused" }
  /** A frame that cannot be authenticated was left out (`altered`), or frames are missing and asked for again (`missing`). */
  | { readonly type: "warning"; readonly code: "altered" | "missing"; readonly text: string }
  | { readonly type: "failed"; readonly code: PipeFailure; readonly text: string };

/** `joining`: the handshake has begun. `left`: the other end has left, and the opener admits another one. */
export type PipeEndState = "waiting" | "joining" | "joined" | "left" | "closed";

/**
 * One end of a pipe: a state machine without input, output and timers. Methods may be called without waiting for earlier ones; they
 * run one after the other.
 *
 * Give it the text of every message of the stream, in order, from the earliest that there is; also its own and strange ones.
 */
export interface PipeEnd {
  readonly state: PipeEndState;
  /** Six words, or none before the other end is there. */
  readonly words: readonly string[];
  /** How many frames of data may be sent now. A text and an end take one each, bytes one for every {@link BYTES_PER_FRAME}. */
  readonly capacity: number;
  /** Whether the other end has taken all that was sent. */
  readonly isDelivered: boolean;

  /** Returns the first frames. To be called once, before anything else. */
  start(): Promise<PipeStep>;
  receive(text: string): Promise<PipeStep>;
  /** Sends a text of at most 1024 characters. @throws RangeError if it is longer or {@link capacity} is 0 */
  sendText(text: string): Promise<PipeStep>;
  /** Sends bytes, in as many frames as they need. They may not change before it resolves. @throws RangeError if that is more than {@link capacity} */
  sendBytes(bytes: Uint8Array): Promise<PipeStep>;
  /** Ends what this end sends: no texts or bytes follow. Takes one frame. */
  sendEnd(): Promise<PipeStep>;
  /** Reports that `count` more events `text`, `bytes` and `end` were taken, so that the other end may send more. */
  consumed(count: number): Promise<PipeStep>;
  /** Leaves the pipe and erases its keys. `reason` is told to the other end; empty if nothing went wrong. */
  leave(reason?: string): Promise<PipeStep>;
  /** The opener gives up the other end, tells it, and admits the next one who joins. At the joiner, does nothing. */
  admit(): Promise<PipeStep>;
  /** To be called after a gap, and after the connection was lost: sends again what may be lost, in both directions. */
  recover(): Promise<PipeStep>;
  /** To be called about every ten seconds: renews keys. */
  tick(): Promise<PipeStep>;
}

/** What the two ends need of the link, besides the stream's secrets. */
export interface PipeOptions {
  /** Name of the stream. */
  readonly stream: string;
  /** The secret in the link, 32 bytes. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
}

export interface JoinPipeOptions extends PipeOptions {
  /** SHA-256 of the opener's public key, from the link. */
  readonly keyHash: Uint8Array<ArrayBuffer>;
}
