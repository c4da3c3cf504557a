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
