import type { ProblemCode } from "../protocol/problem.ts";

/**
 * Errors that only a client can see:
 * - `unreachable`: no connection, or it broke. Listeners and sends retry by themselves.
 * - `timeout`: the time given was over, and nothing was published.
 * - `uncertain`: the message may or may not have been published: it was sent, and the server that took it is gone or does not answer.
 * - `aborted`: by the caller's signal. A message may have been published all the same.
 * - `closed`: the stream was closed here.
 * - `bad_response`: the answer is not from a Malten server, or a proxy changed it.
 */
export type ClientErrorCode = "unreachable" | "timeout" | "uncertain" | "aborted" | "closed" | "bad_response";

type Code = ProblemCode | ClientErrorCode;

/** Errors that may not occur the next time. */
const TRANSIENT: readonly Code[] = [
  "unreachable",
  "timeout",
  "bad_response",
  "server_changed",
  "shutting_down",
  "internal",
];

/** The only error of the SDK. `code` is stable; the message is for people. */
export class MaltenError extends Error {
  override readonly name = "MaltenError";
  readonly code: Code;

  constructor(code: Code, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }

  /** Whether trying again may help. */
  get transient(): boolean {
    return TRANSIENT.includes(this.code);
  }

  /**
   * Turns what a failed connection threw into a MaltenError. Keeps only the platform error's `cause`: runtimes put the whole
   * URL in the message, and with it a password or the name of a private stream.
   */
  static of(error: unknown): MaltenError {
    if (error instanceof MaltenError) return error;
    // Node has the system's error as the cause, Bun its code on the error itself.
    const { cause, code }: { cause?: unknown; code?: unknown } = error instanceof Error ? error : {};
    return new MaltenError("unreachable", "No connection", cause ?? code);
  }

  /** The error for the caller's aborted signal. */
  static aborted(signal: AbortSignal | undefined): MaltenError {
    return new MaltenError("aborted", "Aborted", signal?.reason);
  }
}
