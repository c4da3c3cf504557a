import type { Format } from "../../core/batch.ts";
import type { Clock } from "../../core/clock.ts";
import { TimingWheel } from "../../core/timing-wheel.ts";
import type { Leaver } from "../shutdown.ts";
import type { Logger } from "../log.ts";
import type { HttpSubscriber, HttpSubscriberOwner } from "./http-subscriber.ts";
import type { Stalls } from "./stalls.ts";
import { Problem } from "../../protocol/problem.ts";

/** Heartbeat interval, in milliseconds. */
const HEARTBEAT = 25_000;

/** All live responses over plain HTTP: sends their heartbeats. */
export class LiveResponses implements HttpSubscriberOwner {
  private readonly all = new Set<HttpSubscriber>();
  private readonly heartbeats: TimingWheel<HttpSubscriber>;
  private readonly clock: Clock;
  readonly stalls: Stalls;
  readonly log: Logger;

  constructor(clock: Clock, stalls: Stalls, log: Logger) {
    this.clock = clock;
    this.stalls = stalls;
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

  closed(subscriber: HttpSubscriber): void {
    this.all.delete(subscriber);
    this.stalls.end(subscriber);
    this.heartbeats.remove(subscriber);
  }

  failed(error: unknown): void {
    // A problem is the client's, or known to the operator.
    if (!(error instanceof Problem)) this.log.error("a subscription", error);
  }

  /** Sends heartbeats. Called about once a second. */
  onTimer(): void {
    const now = this.clock.monotonic();
    this.heartbeats.advance(now, (subscriber) => {
      subscriber.heartbeat();
      this.heartbeats.add(subscriber, now + HEARTBEAT);
    });
  }

  /** The responses that a shutdown ends. */
  leavers(): readonly Leaver[] {
    return Array.from(this.all);
  }
}
