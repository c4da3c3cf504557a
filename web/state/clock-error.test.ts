import { expect, test } from "bun:test";
import { clockError } from "./clock-error.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const HOUR = 3_600_000;

/** Streams that were written to so many seconds ago, and live for 100. */
function streams(...ages: readonly number[]): { updated: Date; ttl: number }[] {
  return ages.map((age) => ({ updated: new Date(NOW - age * 1000), ttl: 100 }));
}

test("a clock that may be right is right", () => {
  expect(clockError(0, [], NOW)).toBe(0);
  expect(clockError(0, streams(0, 50, 99), NOW)).toBe(0);
  expect(clockError(0, streams(-1, 101), NOW)).toBe(0);
});

test("a clock that is behind: nobody has written in the future", () => {
  const error = clockError(0, streams(0, 60), NOW - HOUR);
  expect(error).toBe(-HOUR);
  // It stays, and the streams drain.
  expect(clockError(error, streams(10, 70), NOW - HOUR)).toBe(-HOUR);
});

test("a clock that is ahead: no stream that is listed has expired", () => {
  const error = clockError(0, streams(0, 60), NOW + HOUR);
  expect(error).toBe(HOUR - 40_000);
  expect(clockError(error, streams(0, 90), NOW + HOUR)).toBe(HOUR - 10_000);
});
