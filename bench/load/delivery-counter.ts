import type { Histogram } from "./histogram.ts";
import { MARK, TIME_DIGITS } from "./template.ts";

const MARK_BYTE = MARK.charCodeAt(0);

/** Deliveries per latency sample. A prime, so that samples do not always hit the same listener or batch position. */
const SAMPLE_EVERY = 17;

/** Microseconds since this process started. */
export function now(): number {
  return Bun.nanoseconds() / 1000;
}

/**
 * Counts the messages delivered to all listeners, and skips everything else: presence and welcome events, heartbeats, headers.
 *
 * The load must cost less than the server it measures, so nothing is parsed. A delivery is a {@link MARK} followed by a digit.
 * All messages of a run have the same length, so the next mark is usually found by looking one stride ahead, without a search.
 */
export class DeliveryCounter {
  received = 0;
  private untilSample = SAMPLE_EVERY;
  /** Bytes from one mark to the next within a write of the server; 0 until two were seen. */
  private stride = 0;
  private readonly latencies: Histogram;
  /** The least distance between two marks. */
  private readonly textSize: number;

  constructor(latencies: Histogram, textSize: number) {
    this.latencies = latencies;
    this.textSize = textSize;
  }

  read(chunk: Buffer): void {
    const end = chunk.length;
    let at = nextMark(chunk, 0);
    while (at >= 0) {
      this.received++;
      if (--this.untilSample === 0) this.sample(chunk, at);
      if (at + this.textSize >= end) return;
      const expected = at + this.stride;
      if (this.stride > 0 && expected < end && chunk[expected] === MARK_BYTE) {
        at = expected;
      } else {
        const next = nextMark(chunk, at + this.textSize);
        if (next > 0 && (this.stride === 0 || next - at < this.stride)) this.stride = next - at;
        at = next;
      }
    }
  }

  /** Records the time since the message was sent or, at a constant rate, was due. */
  private sample(chunk: Buffer, at: number): void {
    this.untilSample = SAMPLE_EVERY;
    // Split across reads: skip it.
    if (at + TIME_DIGITS >= chunk.length) return;
    let sent = 0;
    for (let i = at + 1; i <= at + TIME_DIGITS; i++) sent = sent * 10 + (chunk[i] ?? 0) - 48;
    this.latencies.record(now() - sent);
  }
}

/** The length in a WebSocket frame's header may contain the mark's byte, but no digit follows it there (RFC 6455 §5.2). */
function nextMark(chunk: Buffer, from: number): number {
  for (let at = chunk.indexOf(MARK_BYTE, from); at >= 0; at = chunk.indexOf(MARK_BYTE, at + 1)) {
    const next = chunk[at + 1];
    if (next === undefined || (next >= 48 && next <= 57)) return at;
  }
  return -1;
}
