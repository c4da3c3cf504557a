// Pipes: docs/encryption.md. A state machine, which is given the messages of a stream and returns those to publish.
import { Joiner } from "./joiner.ts";
import { Opener } from "./opener.ts";
import type { JoinPipeOptions, PipeEnd, PipeOptions } from "./types.ts";

export { BYTES_PER_FRAME } from "./frame.ts";
export type {
  JoinPipeOptions,
  PipeEnd,
  PipeEndEvent,
  PipeEndState,
  PipeFailure,
  PipeOptions,
  PipeStep,
} from "./types.ts";

/** Opens a pipe. `keyHash` belongs into its link. */
export async function openPipe(
  options: PipeOptions,
): Promise<{ readonly end: PipeEnd; readonly keyHash: Uint8Array<ArrayBuffer> }> {
  return Opener.open(options);
}

/** Joins a pipe, which uses up its link. Nothing is sent before its stream has shown the opener's key. */
export function joinPipe(options: JoinPipeOptions): PipeEnd {
  return new Joiner(options);
}
