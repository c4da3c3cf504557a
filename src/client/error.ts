import type { ProblemCode } from "../protocol/problem.ts";

/**
 * What only a client can know:
 * - `unreachable`: no connection, or it broke. Who listens or sends tries again by itself.
 * - `timeout`: the time given was over, and nothing was published.
 * - `uncertain`: the message may or may not have been published: it went out, and who took it is gone or does not answer.
 * - `aborted`: the caller's signal. A message may have been published all the same.
 * - `closed`: the stream was closed here.
 * - `bad_response`: what answers is no Malten server, or something in between changed its answer.
 */
export type ClientErrorCode = "unreachable" | "timeout" | "uncertain" | "aborted" | "closed" | "bad_response";

type Code = ProblemCode | ClientErrorCode;

/** What may be otherwise the next time. */
const TRANSIENT: readonly Code[] = [
  "unreachable",
  "timeout",
  "bad_response",
  "server_changed",
  "shutting_down",
  "internal",
];

/** The one error of the SDK. `code` is stable; the message is for people. */
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
   * What a failed connection, or reading from it, comes to. What the platform says is left out, but for its own cause: runtimes
   * put the whole URL in it, and with that a password or the name of a private stream.
   */
  static of(error: unknown): MaltenError {
    if (error instanceof MaltenError) return error;
    if (!(error instanceof Error)) return new MaltenError("unreachable", "No connection");
    // Node has the system's error as the cause, Bun its code on the error itself.
    const cause = error.cause ?? ("code" in error ? error.code : undefined);
    return new MaltenError("unreachable", "No connection", cause);
  }

  /** What the caller's signal comes to. */
  static aborted(signal: AbortSignal | undefined): MaltenError {
    return new MaltenError("aborted", "Aborted", signal?.reason);
  }
}
