import type { JoinPipeOptions, PipeEnd, PipeOptions } from "./types.ts";

export type {
  JoinPipeOptions,
  PipeEnd,
  PipeEndEvent,
  PipeFailure,
  PipeFrame,
  PipeOptions,
  PipeStep,
} from "./types.ts";

/** Bytes that fit one frame. */
export const BYTES_PER_FRAME = 6000;

/** Opens a pipe. `keyHash` belongs into its link. */
export declare function openPipe(
  options: PipeOptions,
): Promise<{ readonly end: PipeEnd; readonly keyHash: Uint8Array<ArrayBuffer> }>;

/** Joins a pipe. Nothing is sent before its stream has shown the opener's key. */
export declare function joinPipe(options: JoinPipeOptions): PipeEnd;
