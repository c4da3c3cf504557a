import type { PipeFailure } from "./types.ts";

/** Ends a pipe. `message` is for people. */
export class PipeFailed extends Error {
  override readonly name = "PipeFailed";
  readonly code: PipeFailure;

  constructor(code: PipeFailure, message: string) {
    super(message);
    this.code = code;
  }
}
