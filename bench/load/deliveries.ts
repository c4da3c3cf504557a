import type { Histogram } from "./histogram.ts";
import { MARK, TIME_DIGITS } from "./template.ts";

const MARK_BYTE = MARK.charCodeAt(0);

/** Every how many deliveries one is timed. A prime, so that it is not always the same listener's or the same in a batch. */
const SAMPLE_EVERY = 17;

/** Microseconds since this process began. */
export function now(): number {
  return Bun.nanoseconds() / 1000;
}

/**
 * Counts what arrives at all listeners. As the load must cost less than what it measures, nothing is parsed: a delivery is
 * a {@link MARK}, and since messages of one run are equally long, where the next one stands is known as a rule and looked
 * at instead of searched for.
 */
export class Deliveries {
  received = 0;
  private untilSample = SAMPLE_EVERY;
  /** Bytes from a mark to the next within one write of the server, once that was seen. */
  private stride = 0;
  private readonly latencies: Histogram;
  /** Marks are never nearer to each other than a text is long. */
  private readonly textSize: number;

  constructor(latencies: Histogram, textSize: number) {
    this.latencies = latencies;
    this.textSize = textSize;
  }

  read(chunk: Buffer): void {
    const end = chunk.length;
    let at = chunk.indexOf(MARK_BYTE);
    while (at >= 0) {
      this.received++;
      if (--this.untilSample === 0) this.sample(chunk, at);
      if (at + this.textSize >= end) return;
      const expected = at + this.stride;
      if (this.stride > 0 && expected < end && chunk[expected] === MARK_BYTE) {
        at = expected;
      } else {
        const next = chunk.indexOf(MARK_BYTE, at + this.textSize);
        if (next > 0 && (this.stride === 0 || next - at < this.stride)) this.stride = next - at;
        at = next;
      }
    }
  }

  /** Records how long ago the message was, or was meant to be, sent. */
  private sample(chunk: Buffer, at: number): void {
    this.untilSample = SAMPLE_EVERY;
    // Cut off by the end of the read: another will do.
    if (at + TIME_DIGITS >= chunk.length) return;
    let sent = 0;
    for (let i = at + 1; i <= at + TIME_DIGITS; i++) sent = sent * 10 + (chunk[i] ?? 0) - 48;
    this.latencies.record(now() - sent);
  }
}
