import type { Scheduler } from "../../core/hub.ts";

/** Subscriptions that are ended per turn of the event loop: about 2 ms of work. */
const SLICE = 1024;

/** A closed connection with subscriptions to end. */
interface ClosedConnection {
  /** Ends up to `limit` subscriptions. Returns how many it ended; fewer than `limit` mean that none are left. */
  endSubscriptions(limit: number): number;
}

/**
 * Ends the subscriptions of closed connections, a slice per turn of the event loop: a thousand WebSockets with 256 subscriptions
 * each, closed at once, would stop the server for half a second.
 */
export class ClosingSockets {
  private readonly waiting = new Set<ClosedConnection>();
  private isScheduled = false;
  private readonly schedule: Scheduler;

  constructor(schedule: Scheduler) {
    this.schedule = schedule;
  }

  add(connection: ClosedConnection): void {
    this.waiting.add(connection);
    if (!this.isScheduled) this.endSlice();
  }

  private endSlice(): void {
    let left = SLICE;
    for (const connection of this.waiting) {
      const ended = connection.endSubscriptions(left);
      if (ended < left) this.waiting.delete(connection);
      left -= ended;
      if (left === 0) break;
    }
    // Also if none are left: what is closed later in this turn belongs to the next slice.
    this.isScheduled = left < SLICE;
    if (this.isScheduled) this.schedule(() => this.endSlice(), 0);
  }
}
