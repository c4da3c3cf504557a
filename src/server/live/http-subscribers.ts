import type { Clock } from "../../core/clock.ts";
import { TimingWheel } from "../../core/timing-wheel.ts";
import type { HttpSubscriber, HttpSubscriberOwner } from "./http-subscriber.ts";

/** Milliseconds between signs of life to a reader. */
const HEARTBEAT = 25_000;

/** How long a reader may take nothing until its connection is closed, in milliseconds. */
export const STALL = 10_000;

/** Everyone who listens over a plain HTTP response: their heartbeats, and the end of those who do not read. */
export class HttpSubscribers implements HttpSubscriberOwner {
  private readonly all = new Set<HttpSubscriber>();
  /** Since when each takes nothing. */
  private readonly stalls = new Map<HttpSubscriber, number>();
  private readonly heartbeats: TimingWheel<HttpSubscriber>;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
    this.heartbeats = new TimingWheel(1000, HEARTBEAT / 1000 + 2, clock.monotonic());
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

  /** Does what time asks for: called about once a second. */
  advance(): void {
    const now = this.clock.monotonic();
    this.heartbeats.advance(now, (subscriber) => {
      subscriber.heartbeat();
      this.heartbeats.add(subscriber, now + HEARTBEAT);
    });
    for (const [subscriber, since] of this.stalls) {
      if (now - since >= STALL) subscriber.abort();
    }
  }

  /** The server shuts down. */
  close(): void {
    for (const subscriber of this.all) subscriber.close();
  }
}
