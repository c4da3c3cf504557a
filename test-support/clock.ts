import type { Clock } from "../src/core/clock.ts";
import type { Cursor } from "../src/protocol/cursor.ts";

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  /** Some afternoon in 2026, in microseconds. */
  private wallTime: Cursor = 1_795_363_701_902_393;
  /** Not a whole number, and not 0: no program starts with its clock at 0. */
  private monotonicTime = 12_345.75;

  wall(): Cursor {
    return this.wallTime;
  }

  monotonic(): number {
    return this.monotonicTime;
  }

  /** Time passes, in milliseconds. */
  advance(milliseconds: number): void {
    this.monotonicTime += milliseconds;
    this.wallTime += Math.round(milliseconds * 1000);
  }

  /** Somebody sets the wall clock: by so many microseconds, forward or back. No time passes. */
  jumpWall(microseconds: number): void {
    this.wallTime += microseconds;
  }
}
