import type { Environment } from "../options/resolve.ts";
import { Failure } from "./failure.ts";
import type { Output } from "./output.ts";
import type { Terminal } from "./terminal.ts";

/** The parts of the process that a command may use. */
export interface Session {
  readonly version: string;
  readonly environment: Environment;
  readonly input: AsyncIterable<Uint8Array> & {
    readonly isTTY?: boolean;
    setRawMode?(isRaw: boolean): unknown;
  };
  readonly output: Output;
  readonly errors: Output;
  /** Opens the terminal of the process, if it has one. */
  readonly terminal: () => Terminal | undefined;
  /** Aborted when the process receives a signal to stop. */
  readonly signal: AbortSignal;
  /** From now on, this signal also stops the process. */
  readonly stopOn: (signal: NodeJS.Signals) => void;
}

/** Waits for `work`, which is abandoned after so many milliseconds. @throws Failure with the message */
export async function unlessLate<T>(work: Promise<T>, milliseconds: number, message: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Failure(message)), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `work`. Rejects if the process is stopped first; the work is then abandoned. */
export async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new Error("The process was stopped", { cause: signal.reason }));
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
