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
  /** EX_NOPERM of sysexits(3): someone else used the link of a pipe. */
  linkUsed: 77,
} as const;

interface FailureOptions extends ErrorOptions {
  /** Defaults to {@link EXIT.failed}. */
  readonly exitCode?: number;
}

/** The command failed. The message is one line for the user. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;

  constructor(message: string, { exitCode = EXIT.failed, ...options }: FailureOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
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
