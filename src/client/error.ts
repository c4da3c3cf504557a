import type { ProblemCode } from "../protocol/problem.ts";

const CLIENT_CODES = ["unreachable", "timeout", "uncertain", "aborted", "closed", "bad_response"] as const;

/**
 * What only a client can know:
 * - `unreachable`: no connection, or it broke. Who listens or sends tries again by itself.
 * - `timeout`: the time given was over, and nothing was published.
 * - `uncertain`: the message may or may not have been published: it went out, and who took it is gone or does not answer.
 * - `aborted`: the caller's signal. A message may have been published all the same.
 * - `closed`: the stream was closed here.
 * - `bad_response`: what answers is no Malten server, or something in between changed its answer.
 */
export type ClientErrorCode = (typeof CLIENT_CODES)[number];

type Code = ProblemCode | ClientErrorCode;

const FROM_HERE: ReadonlySet<Code> = new Set(CLIENT_CODES);

/** What may be otherwise the next time. */
const TRANSIENT: ReadonlySet<Code> = new Set([
  "unreachable",
  "timeout",
  "bad_response",
  "server_changed",
  "shutting_down",
  "internal",
]);

/** The one error of the SDK. `code` is stable; the message is for people. */
export class MaltenError extends Error {
  override readonly name = "MaltenError";
  readonly code: Code;

  constructor(code: Code, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** Whether a server said so, and it is no finding of the SDK. */
  get isFromServer(): boolean {
    return !FROM_HERE.has(this.code);
  }

  /** Whether trying again may help. */
  get transient(): boolean {
    return TRANSIENT.has(this.code);
  }

  /** What a failed `fetch`, or reading its body, comes to. */
  static of(error: unknown): MaltenError {
    if (error instanceof MaltenError) return error;
    const name = error instanceof Error ? error.name : "";
    if (name === "AbortError") return new MaltenError("aborted", "Aborted", error);
    if (name === "TimeoutError")
      return new MaltenError("timeout", "The server did not answer in time", error);
    return new MaltenError("unreachable", "The server cannot be reached", error);
  }
}
