import type { Clock } from "../src/core/clock.ts";
import type { Cursor } from "../src/protocol/cursor.ts";

/** A clock that the test controls. */
export class ManualClock implements Clock {
  /** An afternoon in 2026, in microseconds. */
  private wallTime: Cursor = 1_795_363_701_902_393;
  /** Neither 0 nor a whole number, as in a real process. */
  private monotonicTime = 12_345.75;

  wall(): Cursor {
    return this.wallTime;
  }

  monotonic(): number {
    return this.monotonicTime;
  }

  /** Advances both clocks by milliseconds. */
  advance(milliseconds: number): void {
    this.monotonicTime += milliseconds;
    this.wallTime += Math.round(milliseconds * 1000);
  }

  /** Sets the wall clock forward or back by microseconds. No time passes. */
  jumpWall(microseconds: number): void {
    this.wallTime += microseconds;
  }
}
