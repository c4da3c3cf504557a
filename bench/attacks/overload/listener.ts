import type { Reader } from "../../load/connection.ts";
import { DeliveryCounter } from "../../load/delivery-counter.ts";
import { Histogram } from "../../load/histogram.ts";
import { MARK } from "../../load/template.ts";
import { microseconds, type Segment } from "./ledger.ts";

/** Ends a message, and no event. */
const END = Buffer.from('"Metadata":null}');
const GAP = Buffer.from('"Text":"gap"');
const CREATED = Buffer.from('"Created":"');
const MESSAGE = Buffer.from(`"Text":"${MARK}`);

/** Digits of a time in nanoseconds. */
const DIGITS = 19;

/**
 * Remembers what one listener received as ranges without a gap: the number of messages, and the times of the first and the last
 * one. With the times of all acknowledged messages, that is enough to find a lost one. Messages are counted, not parsed.
 */
export class CheckedListener implements Reader {
  gaps = 0;
  /** Nanoseconds, "" before the first message. */
  last = "";
  onClosed: () => void = () => {};
  /** Called with the time of each message, in nanoseconds. */
  onMessage: ((created: string) => void) | undefined = undefined;
  private after = 0;
  private count = 0;
  private readonly finished: Segment[] = [];
  private rest: Buffer = Buffer.alloc(0);
  private readonly counter: DeliveryCounter;

  constructor(textSize: number) {
    this.counter = new DeliveryCounter(new Histogram(), textSize);
  }

  /** The time of the newest message, in microseconds. */
  get position(): number {
    return microseconds(this.last);
  }

  get received(): number {
    return this.finished.reduce((sum, { count }) => sum + count, this.count);
  }

  segments(): Segment[] {
    return [...this.finished, { after: this.after, last: this.position, count: this.count }];
  }

  /** Call it before another connection resumes after {@link last}: the end of the last one may be incomplete. */
  resume(): void {
    this.rest = Buffer.alloc(0);
  }

  read(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const at = bytes.lastIndexOf(END);
    const end = at < 0 ? 0 : at + END.length;
    this.receive(bytes.subarray(0, end));
    this.rest = Buffer.from(bytes.subarray(end));
  }

  closed(): void {
    this.onClosed();
  }

  /** @param bytes nothing, or up to the end of a message */
  private receive(bytes: Buffer): void {
    const gap = bytes.indexOf(GAP);
    if (gap < 0) {
      this.add(bytes);
      return;
    }
    const before = bytes.lastIndexOf(END, gap);
    if (before >= 0) this.add(bytes.subarray(0, before + END.length));
    this.gaps++;
    if (this.count > 0) this.finished.push({ after: this.after, last: this.position, count: this.count });
    this.count = 0;
    const next = bytes.indexOf(MESSAGE, gap);
    this.after = microseconds(time(bytes, bytes.indexOf(CREATED, next))) - 1;
    this.receive(bytes.subarray(gap + GAP.length));
  }

  private add(bytes: Buffer): void {
    this.counter.received = 0;
    this.counter.read(bytes);
    if (this.counter.received === 0) return;
    this.count += this.counter.received;
    if (this.onMessage !== undefined) this.report(bytes, this.onMessage);
    this.last = time(bytes, bytes.lastIndexOf(CREATED));
  }

  private report(bytes: Buffer, receive: (created: string) => void): void {
    for (let at = bytes.indexOf(MESSAGE); at >= 0; at = bytes.indexOf(MESSAGE, at)) {
      at = bytes.indexOf(CREATED, at);
      receive(time(bytes, at));
    }
  }
}

function time(bytes: Buffer, at: number): string {
  const start = at + CREATED.length;
  return bytes.toString("latin1", start, start + DIGITS);
}
