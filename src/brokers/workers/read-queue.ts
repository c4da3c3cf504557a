/** Time for reading in one turn of the event loop, in milliseconds. */
const BUDGET = 5;

/** Reads of one worker that may wait. */
const MAX_WAITING = 1024;

/** Where the answers to reads go. */
interface ReadTarget {
  /** Whether the reads of this one have to wait. */
  readonly isFull: boolean;
}

/**
 * Reads of history and lists, whose answers are large: in bounded time per turn of the event loop, and only as many at a time as the
 * worker that asked can take.
 */
export class ReadQueue<T extends ReadTarget> {
  private readonly waiting = new Map<T, (() => void)[]>();
  /** Time spent in this turn, in milliseconds. */
  private spent = 0;
  private endIsScheduled = false;
  private readonly monotonic: () => number;
  private readonly atEndOfTurn: (callback: () => void) => void;

  /** @param atEndOfTurn calls back once everything that was read has been handled */
  constructor(monotonic: () => number, atEndOfTurn: (callback: () => void) => void = setImmediate) {
    this.monotonic = monotonic;
    this.atEndOfTurn = atEndOfTurn;
  }

  /** Reads now or later. `read` must not throw. Returns false if too many reads wait already. */
  add(target: T, read: () => void): boolean {
    const waiting = this.waiting.get(target);
    if (waiting === undefined && !target.isFull && this.spent < BUDGET) {
      this.perform(read);
      return true;
    }
    if (waiting === undefined) this.waiting.set(target, [read]);
    else if (waiting.length < MAX_WAITING) waiting.push(read);
    else return false;
    return true;
  }

  /** Goes on with what waits, after a target is no longer full. */
  resume(): void {
    let goesOn = true;
    // In turns, so that a worker with many reads does not hold up the others.
    while (goesOn && this.spent < BUDGET) {
      goesOn = false;
      for (const [target, reads] of this.waiting) {
        if (target.isFull || this.spent >= BUDGET) continue;
        const read = reads.shift();
        if (reads.length === 0) this.waiting.delete(target);
        if (read !== undefined) this.perform(read);
        goesOn = true;
      }
    }
  }

  /** Drops the reads of a target that is gone. */
  remove(target: T): void {
    this.waiting.delete(target);
  }

  private perform(read: () => void): void {
    if (!this.endIsScheduled) {
      this.endIsScheduled = true;
      this.atEndOfTurn(() => this.endTurn());
    }
    const began = this.monotonic();
    read();
    this.spent += this.monotonic() - began;
  }

  private endTurn(): void {
    this.endIsScheduled = false;
    this.spent = 0;
    this.resume();
  }
}
