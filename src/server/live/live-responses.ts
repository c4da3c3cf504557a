import type { Format } from "../../core/batch.ts";
import type { Clock } from "../../core/clock.ts";
import { TimingWheel } from "../../core/timing-wheel.ts";
import type { Leaver } from "../shutdown.ts";
import type { Logger } from "../log.ts";
import type { HttpSubscriber, HttpSubscriberOwner } from "./http-subscriber.ts";

/** Heartbeat interval, in milliseconds. */
const HEARTBEAT = 25_000;

/** How long a reader may read nothing before it is disconnected, in milliseconds. */
export const STALL = 10_000;

/** All live responses over plain HTTP: sends their heartbeats and closes stalled ones. */
export class LiveResponses implements HttpSubscriberOwner {
  private readonly all = new Set<HttpSubscriber>();
  /** When each stalled listener stopped reading. */
  private readonly stalls = new Map<HttpSubscriber, number>();
  private readonly heartbeats: TimingWheel<HttpSubscriber>;
  private readonly clock: Clock;
  private readonly log: Logger;

  constructor(clock: Clock, log: Logger) {
    this.clock = clock;
    this.log = log;
    this.heartbeats = new TimingWheel(1000, HEARTBEAT / 1000 + 2, clock.monotonic());
  }

  /** The number of open responses in each format. */
  get counts(): Record<Format, number> {
    const counts = { sse: 0, ndjson: 0, text: 0 };
    for (const { format } of this.all) counts[format]++;
    return counts;
  }

  opened(subscriber: HttpSubscriber): void {
    this.all.add(subscriber);
    this.heartbeats.add(subscriber, this.clock.monotonic() + HEARTBEAT);
  }

  stalled(subscriber: HttpSubscriber): void {
    this.stalls.set(subscriber, this.clock.monotonic());
  }

  recovered(subscriber: HttpSubscriber): void {
    this.stalls.delete(subscriber);
  }

  closed(subscriber: HttpSubscriber): void {
    this.all.delete(subscriber);
    this.stalls.delete(subscriber);
    this.heartbeats.remove(subscriber);
  }

  failed(error: unknown): void {
    this.log.error("a subscription", error);
  }

  /** Sends heartbeats and closes stalled connections. Called about once a second. */
  onTimer(): void {
    const now = this.clock.monotonic();
    this.heartbeats.advance(now, (subscriber) => {
      subscriber.heartbeat();
      this.heartbeats.add(subscriber, now + HEARTBEAT);
    });
    for (const [subscriber, since] of this.stalls) {
      if (now - since >= STALL) subscriber.abort();
    }
  }

  /** The responses that a shutdown ends. */
  leavers(): readonly Leaver[] {
    return Array.from(this.all);
  }
}
