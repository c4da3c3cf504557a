import { constants } from "node:os";

/** Exit codes. A command stopped by a signal exits with 128 and the signal's number, as in shells. */
export const EXIT = {
  done: 0,
  /** The server rejected the request, or something failed. */
  failed: 1,
  /** Invalid command line or environment. */
  usage: 2,
  /** EX_UNAVAILABLE of sysexits(3): the server is unreachable. */
  unreachable: 69,
  /** EX_TEMPFAIL of sysexits(3): the server asks to try again later. */
  later: 75,
} as const;

/** The command failed. The message is one line for the user. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The server is unreachable. The message is one line for the user. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The server asks to try again later. The message is one line for the user. */
export class TryLater extends Error {
  override readonly name = "TryLater";
}

/** The process received a signal to stop. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.exitCode = 128 + constants.signals[signal];
  }
}
