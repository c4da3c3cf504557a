import type { Cursor } from "../protocol/cursor.ts";

/** Where time comes from. Passed in, so that tests turn it by hand. */
export interface Clock {
  /** The wall clock, in microseconds since 1970. For display and cursors; it may jump. */
  wall(): Cursor;
  /** A clock that never jumps, in milliseconds since some moment. For lifetimes. */
  monotonic(): number;
}
