/** Sends frames to the other end of a link. */
export interface FrameSender {
  /** Sends a frame with those of the same turn of the event loop. */
  send(frame: string): void;
  /** Whether so much waits for the other end that what can wait, or be left out, should not be sent. */
  readonly isFull: boolean;
}

/** Joins the frames of one turn of the event loop into one batch: what a message costs is mostly the system calls for it. */
export class Batches {
  private frames = "";
  private readonly flush: () => void;
  private readonly atEndOfTurn: (callback: () => void) => void;

  /**
   * @param flush called at the end of a turn that has frames, to take them now or later
   * @param atEndOfTurn calls back once everything that was read has been handled
   */
  constructor(flush: () => void, atEndOfTurn: (callback: () => void) => void = setImmediate) {
    this.flush = flush;
    this.atEndOfTurn = atEndOfTurn;
  }

  /** The length of what waits, in UTF-16 code units. */
  get length(): number {
    return this.frames.length;
  }

  add(frame: string): void {
    if (this.frames === "") this.atEndOfTurn(this.flush);
    this.frames += frame;
  }

  /** Removes and returns all frames. */
  take(): string {
    const { frames } = this;
    this.frames = "";
    return frames;
  }
}
