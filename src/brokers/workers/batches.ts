/** Sends frames to the other end of a link. */
export interface FrameSender {
  /** Sends a frame with those of the same turn of the event loop. */
  send(frame: string): void;
  /** Whether so much waits for the other end that what can be done without should not be sent. */
  readonly isFull: boolean;
}

/** Joins the frames of one turn of the event loop into one batch: what a message costs is mostly the system calls for it. */
export class Batches implements Pick<FrameSender, "send"> {
  private frames = "";
  private readonly write: (batch: string) => void;
  private readonly atEndOfTurn: (callback: () => void) => void;

  /** @param atEndOfTurn calls back once everything that was read has been handled */
  constructor(write: (batch: string) => void, atEndOfTurn: (callback: () => void) => void) {
    this.write = write;
    this.atEndOfTurn = atEndOfTurn;
  }

  send(frame: string): void {
    if (this.frames === "") this.atEndOfTurn(() => this.flush());
    this.frames += frame;
  }

  private flush(): void {
    const batch = this.frames;
    this.frames = "";
    this.write(batch);
  }
}
