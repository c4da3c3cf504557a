import type { Cursor } from "../protocol/cursor.ts";

/** The source of time. Passed in, so that tests can control it. */
export interface Clock {
  /** The wall clock, in microseconds since 1970. For display and cursors; it may jump. */
  wall(): Cursor;
  /** A monotonic clock, in milliseconds since an arbitrary moment. For deadlines. */
  monotonic(): number;
}
