import type { EncryptionErrorCode } from "../crypto/error.ts";
import type { ProblemCode } from "../protocol/problem.ts";

/**
 * Errors that only a client can see:
 * - `unreachable`: no connection, or it broke. Listening and sending retry automatically.
 * - `timeout`: not sent or not answered in time; nothing was published.
 * - `uncertain`: the message may have been published: the server that received it is gone or does not answer.
 * - `aborted`: by the caller's signal. A message may still have been published.
 * - `closed`: the stream was closed in this program.
 * - `bad_response`: the answer is not from a Malten server, or a proxy changed it.
 */
export type ClientErrorCode = "unreachable" | "timeout" | "uncertain" | "aborted" | "closed" | "bad_response";

/**
 * Errors of encrypted streams and pipes, besides those of {@link EncryptionErrorCode}:
 * - `link_pipe`, `link_stream`: the link is of a pipe, not of a stream, or the other way round.
 * - `link_used`: someone else joined the pipe with its link.
 * - `owner_required`: the link does not allow this.
 * - `pipe_broken`: the other end of the pipe left before all was sent, or broke the protocol.
 */
export type EncryptedErrorCode =
  | EncryptionErrorCode
  | "link_pipe"
  | "link_stream"
  | "link_used"
  | "owner_required"
  | "pipe_broken";

type Code = ProblemCode | ClientErrorCode | EncryptedErrorCode;

/** Errors after which trying again may help. */
const TRANSIENT: readonly Code[] = [
  "unreachable",
  "timeout",
  "bad_response",
  "server_changed",
  "shutting_down",
  "internal",
];

/** In seconds: a server that asks for a year is wrong or hostile. */
const MAX_RETRY_AFTER = 300;

/** The error class of the SDK. `code` is stable; `message` is for people. */
export class MaltenError extends Error {
  override readonly name = "MaltenError";
  readonly code: Code;
  /** After how many seconds the server asks to try again, at most 300; undefined if it does not. */
  readonly retryAfter: number | undefined;

  constructor(code: Code, message: string, cause?: unknown, retryAfter?: number) {
    super(message, { cause });
    this.code = code;
    this.retryAfter = retryAfter && Math.min(retryAfter, MAX_RETRY_AFTER);
  }

  /** Whether trying again may help. */
  get transient(): boolean {
    return this.retryAfter !== undefined || TRANSIENT.includes(this.code);
  }

  /**
   * Converts the error of a failed connection to a MaltenError. Keeps only the platform error's `cause`: runtimes put the whole URL
   * in the message, which may contain a password or the name of a private stream.
   */
  static of(error: unknown): MaltenError {
    if (error instanceof MaltenError) return error;
    // Node has the system error as the cause, Bun its code on the error itself.
    const { cause, code }: { cause?: unknown; code?: unknown } = error instanceof Error ? error : {};
    return new MaltenError("unreachable", "No connection", cause ?? code);
  }

  /** Returns the error for the caller's aborted signal. */
  static aborted(signal: AbortSignal | undefined): MaltenError {
    return new MaltenError("aborted", "Aborted", signal?.reason);
  }
}
