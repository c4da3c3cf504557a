import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManualClock } from "../../test-support/clock.ts";
import { IdGenerator } from "./id-generator.ts";

describe("Created", () => {
  test("always increases and is never later than now(), whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), fc.integer())), (jumps) => {
        const clock = new ManualClock();
        const ids = new IdGenerator(clock, "test");
        let last = 0;
        for (const jump of jumps) {
          clock.jumpWall(jump);
          const next = ids.next();
          expect(next).toBeGreaterThan(last);
          expect(ids.now()).toBeGreaterThanOrEqual(next);
          last = next;
        }
      }),
    );
  });

  test("is later than every earlier now()", () => {
    const clock = new ManualClock();
    const ids = new IdGenerator(clock, "test");
    const now = ids.now();
    expect(ids.next()).toBeGreaterThan(now);
    clock.advance(1000);
    const later = ids.now();
    clock.jumpWall(-500_000);
    expect(ids.next()).toBeGreaterThan(later);
  });

  test("follows the wall clock where possible", () => {
    const clock = new ManualClock();
    const ids = new IdGenerator(clock, "test");
    expect(ids.next()).toBe(clock.wall());
    expect(ids.next()).toBe(clock.wall() + 1);
    clock.advance(1);
    expect(ids.next()).toBe(clock.wall());
  });
});

describe("Id", () => {
  test("contains the creation time, which is read only from ids of this server", () => {
    const clock = new ManualClock();
    const ids = new IdGenerator(clock, "here");
    const created = ids.next();
    const id = ids.id(created);
    expect(ids.createdOf(id)).toBe(created);
    const foreign = new IdGenerator(clock, "there").id(created);
    for (const other of [foreign, "", "-here", `${id} `, ` ${id}`, `0${id}`, `+${id}`, `${created}.0-here`])
      expect(ids.createdOf(other)).toBeUndefined();
  });

  test("needs no escape in JSON or a URL", () => {
    const clock = new ManualClock();
    const ids = new IdGenerator(clock, "abcdefgh");
    expect(ids.id(ids.next())).toMatch(/^[A-Za-z0-9._~-]+$/);
  });
});
