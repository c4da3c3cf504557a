import type { Output } from "./output.ts";

/** What a command may touch of the process that it runs in. */
export interface Session {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly output: Output;
  readonly errors: Output;
  /** Aborted when the process is told to stop. */
  readonly signal: AbortSignal;
}

/** The work, unless the process is told to stop before: then it is left where it is. */
export async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new Error("The process was told to stop", { cause: signal.reason }));
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
