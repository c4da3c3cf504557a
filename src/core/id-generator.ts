import type { Cursor } from "../protocol/cursor.ts";
import type { Clock } from "./clock.ts";

/**
 * Gives messages their `Created` and `Id`. `Created` is the wall clock, but always later than any before, whatever the
 * clock does: two messages within its tick, or after it was set back, are a microsecond apart. `Id` is derived from it,
 * so that it need not be stored.
 */
export class Numbering {
  private last: Cursor = 0;

  private readonly clock: Clock;
  readonly origin: string;

  /** `origin` tells this server's ids from those of others. */
  constructor(clock: Clock, origin: string) {
    this.clock = clock;
    this.origin = origin;
  }

  next(): Cursor {
    const wall = this.clock.wall();
    this.last = wall > this.last ? wall : this.last + 1;
    return this.last;
  }

  /** Now: not earlier than any message there is, and earlier than all that will be, also when the clock is set back. */
  now(): Cursor {
    this.last = Math.max(this.clock.wall(), this.last);
    return this.last;
  }

  id(created: Cursor): string {
    return `${created}-${this.origin}`;
  }

  /** When the message of this id was created; undefined for an id that is not from here. */
  createdOf(id: string): Cursor | undefined {
    const created = Number.parseInt(id, 10);
    return this.id(created) === id ? created : undefined;
  }
}
