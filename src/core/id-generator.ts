import type { Cursor } from "../protocol/cursor.ts";
import type { Clock } from "./clock.ts";

/**
 * Generates `Created` and `Id`. `Created` follows the wall clock but always increases: two messages within one tick of the
 * clock, or after the clock was set back, are a microsecond apart. `Id` is derived from `Created` and need not be stored.
 */
export class IdGenerator {
  private last: Cursor = 0;

  private readonly clock: Clock;
  readonly server: string;

  /** `server` distinguishes the ids of this server from those of others. */
  constructor(clock: Clock, server: string) {
    this.clock = clock;
    this.server = server;
  }

  next(): Cursor {
    const wall = this.clock.wall();
    this.last = wall > this.last ? wall : this.last + 1;
    return this.last;
  }

  /** Now: not earlier than any id so far, and earlier than all later ones, even if the clock is set back. */
  now(): Cursor {
    this.last = Math.max(this.clock.wall(), this.last);
    return this.last;
  }

  id(created: Cursor): string {
    return `${created}-${this.server}`;
  }

  /** Returns the `created` of an id; undefined for an id of another server. */
  createdOf(id: string): Cursor | undefined {
    const created = Number.parseInt(id, 10);
    return this.id(created) === id ? created : undefined;
  }
}
