import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManualClock } from "../../test-support/clock.ts";
import { Numbering } from "./id-generator.ts";

describe("Created", () => {
  test("always increases, and is never later than now says, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), fc.integer())), (jumps) => {
        const clock = new ManualClock();
        const numbering = new Numbering(clock, "test");
        let last = 0;
        for (const jump of jumps) {
          clock.jumpWall(jump);
          const next = numbering.next();
          expect(next).toBeGreaterThan(last);
          expect(numbering.now()).toBeGreaterThanOrEqual(next);
          last = next;
        }
      }),
    );
  });

  test("is later than any now that was answered before", () => {
    const clock = new ManualClock();
    const numbering = new Numbering(clock, "test");
    const now = numbering.now();
    expect(numbering.next()).toBeGreaterThan(now);
    clock.advance(1000);
    const later = numbering.now();
    clock.jumpWall(-500_000);
    expect(numbering.next()).toBeGreaterThan(later);
  });

  test("is the wall clock where it can be", () => {
    const clock = new ManualClock();
    const numbering = new Numbering(clock, "test");
    expect(numbering.next()).toBe(clock.wall());
    expect(numbering.next()).toBe(clock.wall() + 1);
    clock.advance(1);
    expect(numbering.next()).toBe(clock.wall());
  });
});

describe("Id", () => {
  test("tells when the message was created, and nothing of ids from elsewhere", () => {
    const clock = new ManualClock();
    const numbering = new Numbering(clock, "here");
    const created = numbering.next();
    const id = numbering.id(created);
    expect(numbering.createdOf(id)).toBe(created);
    const foreign = new Numbering(clock, "there").id(created);
    for (const other of [foreign, "", "-here", `${id} `, ` ${id}`, `0${id}`, `+${id}`, `${created}.0-here`])
      expect(numbering.createdOf(other)).toBeUndefined();
  });

  test("needs no escape in JSON or a URL", () => {
    const clock = new ManualClock();
    const numbering = new Numbering(clock, "abcdefgh");
    expect(numbering.id(numbering.next())).toMatch(/^[A-Za-z0-9._~-]+$/);
  });
});
