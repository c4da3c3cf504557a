/** A range of a stream's messages that a listener received without being told of a gap. */
export interface Segment {
  /** Begins after the message with this time. */
  readonly after: number;
  /** Ends with the message with this time. */
  readonly last: number;
  readonly count: number;
}

/** The times of the messages of a stream, in microseconds: of those acknowledged, and of those that some listener received. */
export class Ledger {
  private times = new Float64Array(1 << 16);
  private sorted = false;
  private length = 0;

  /** A message may be added more than once. @param created nanoseconds since 1970, whose last three digits are zero */
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

  /** The difference between the messages that a listener received in a segment and those of the stream; negative: lost. */
  difference({ after, last, count }: Segment): number {
    return count - (this.upTo(last) - this.upTo(after));
  }

  /** The number of messages after a time. */
  after(time: number): number {
    return this.ordered().length - this.upTo(time);
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

  /** Sorted, because answers on different connections arrive in any order, and without duplicates. */
  private ordered(): Float64Array {
    if (!this.sorted) {
      const times = this.times.subarray(0, this.length).sort();
      let unique = 0;
      for (const time of times) if (unique === 0 || time !== times[unique - 1]) times[unique++] = time;
      this.length = unique;
      this.sorted = true;
    }
    return this.times.subarray(0, this.length);
  }
}

/** Converts nanoseconds since 1970 to microseconds, which a number holds exactly. */
export function microseconds(created: string): number {
  return Number(created.slice(0, -3));
}
