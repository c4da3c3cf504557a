import { describe, expect, test } from "bun:test";
import { FlushThrottle } from "./flush-throttle.ts";

describe("the flush throttle", () => {
  test("does not delay the first flush", () => {
    expect(new FlushThrottle().delay(12_345.75)).toBe(0);
  });

  test("never delays a few messages, however long the last flush took", () => {
    const pace = new FlushThrottle();
    pace.flushed(1000, 1900, 15);
    expect(pace.delay(1900)).toBe(0);
  });

  test("after a busy flush waits as long as it took, counted from its end", () => {
    const pace = new FlushThrottle();
    pace.flushed(1000, 1005, 16);
    expect(pace.delay(1005)).toBe(5);
    expect(pace.delay(1007)).toBe(3);
    expect(pace.delay(1010)).toBe(0);
    expect(pace.delay(9999)).toBe(0);
  });

  test("never waits longer than 8 ms", () => {
    const pace = new FlushThrottle();
    pace.flushed(1000, 3000, 1000);
    expect(pace.delay(3000)).toBe(8);
  });

  test("stops waiting after the first small flush", () => {
    const pace = new FlushThrottle();
    pace.flushed(1000, 1005, 100);
    pace.flushed(1010, 1010, 1);
    expect(pace.delay(1010)).toBe(0);
  });
});
