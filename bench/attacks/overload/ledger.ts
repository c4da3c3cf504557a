/** A range of a stream's messages that a listener received without being told of a gap. */
export interface Segment {
  /** Begins after the message with this time. */
  readonly after: number;
  /** Ends with the message with this time. */
  readonly last: number;
  readonly count: number;
}

/** The times of the acknowledged messages of a stream, in microseconds. */
export class Ledger {
  private times = new Float64Array(1 << 16);
  private sorted = false;
  length = 0;

  /** @param created nanoseconds since 1970, whose last three digits are zero */
  add(created: string): void {
    if (this.length === this.times.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.times);
      this.times = larger;
    }
    this.times[this.length++] = microseconds(created);
    this.sorted = false;
  }

  /** The time of the newest message. */
  get newest(): number {
    return this.ordered().at(-1) ?? 0;
  }

  /** The difference between the messages that a listener received in a segment and those acknowledged; negative: lost. */
  difference({ after, last, count }: Segment): number {
    return count - (this.upTo(last) - this.upTo(after));
  }

  /** The number of messages after a time. */
  after(time: number): number {
    return this.length - this.upTo(time);
  }

  /** The number of messages up to and including a time. */
  private upTo(time: number): number {
    const times = this.ordered();
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private ordered(): Float64Array {
    const times = this.times.subarray(0, this.length);
    // Answers on different connections arrive in any order.
    if (!this.sorted) times.sort();
    this.sorted = true;
    return times;
  }
}

/** Converts nanoseconds since 1970 to microseconds, which a number holds exactly. */
export function microseconds(created: string): number {
  return Number(created.slice(0, -3));
}
