import type { DeliveryCounter } from "./delivery-counter.ts";
import { now } from "./delivery-counter.ts";
import type { FanoutJob, Pacing } from "./job.ts";
import type { Template } from "./template.ts";
import type { WriteBuffer } from "./write-buffer.ts";

/** Publishes to the streams in turn, in a closed or an open loop. */
export class Sender {
  sent = 0;
  private startedAt = 0;
  private running = false;
  private scheduled = false;
  private readonly buffer: WriteBuffer;
  private readonly template: Template;
  private readonly deliveries: DeliveryCounter;
  private readonly firstStream: number;
  private readonly streams: number;
  /** Listeners per stream that read. */
  private readonly listeners: number;
  private readonly pacing: Pacing;

  constructor(
    job: FanoutJob,
    buffer: WriteBuffer,
    template: Template,
    deliveries: DeliveryCounter,
    listeners: number,
  ) {
    this.buffer = buffer;
    this.template = template;
    this.deliveries = deliveries;
    this.firstStream = job.firstStream;
    this.streams = job.streams;
    this.listeners = listeners;
    this.pacing = job.pacing;
  }

  start(): void {
    this.running = true;
    this.startedAt = now();
    this.schedule();
  }

  stop(): void {
    this.running = false;
  }

  /** Sends what is due, in one write, after all sockets that are readable in this turn of the event loop have been read. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (this.running) this.addDue();
      this.buffer.flush();
    });
  }

  private addDue(): void {
    const { buffer, template, pacing } = this;
    const time = now();
    if ("window" in pacing) {
      const limit = this.deliveries.received + pacing.window * this.listeners;
      while (this.sent * this.listeners < limit && buffer.hasSpaceFor(template)) this.add(time);
      return;
    }
    const interval = 1e6 / pacing.rate;
    const nextDue = () => this.startedAt + this.sent * interval;
    // Each message carries the time when it was due, so that latency includes stalls (no coordinated omission).
    for (let due = nextDue(); due <= time && buffer.hasSpaceFor(template); due = nextDue()) this.add(due);
    // Timers have a resolution of a millisecond: poll instead. The load has its own core.
    this.schedule();
  }

  private add(time: number): void {
    this.buffer.add(this.template, this.firstStream + (this.sent % this.streams), time);
    this.sent++;
  }
}
