import { constants } from "node:os";

/** What the process exits with; 128 and the number of the signal where one ended it, as shells have it. */
export const EXIT = {
  done: 0,
  /** The server refused, or something could not be done. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** EX_UNAVAILABLE of sysexits(3): the server cannot be reached. */
  unreachable: 69,
} as const;

/** The command line cannot be what was given. The message is for the one who gave it, in one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command could not do what it was asked to. The message says why, in one line. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** No server is there. The message says where, in one line. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The process was told to stop. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.exitCode = 128 + constants.signals[signal];
  }
}
