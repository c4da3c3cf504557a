import { describe, expect, test, setDefaultTimeout } from "bun:test";
import * as fc from "fast-check";
import { excess, rateOf, take } from "./gcra.ts";

// Many cases on a busy machine.
setDefaultTimeout(60_000);

const rates = fc.record({
  perSecond: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.01, max: 1e6, noNaN: true })),
  burst: fc.integer({ min: 1, max: 5000 }),
});

/** Milliseconds between attempts, and what each takes. */
const attempts = fc.array(
  fc.record({
    pause: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5000, noNaN: true })),
    cost: fc.integer({ min: 1, max: 50 }),
  }),
  { maxLength: 200 },
);

const start = fc.double({ min: 0, max: 1e9, noNaN: true });

test("a burst is admitted from a full bucket, and nothing more at that time", () => {
  fc.assert(
    fc.property(rates, start, ({ perSecond, burst }, now) => {
      const rate = rateOf(perSecond, burst);
      let fullAt = 0;
      for (let i = 0; i < burst; i++) {
        fullAt = take(fullAt, now, 1, rate);
        expect(excess(fullAt, now, rate)).toBe(0);
      }
      // Intervals that are longer than what is tolerated.
      if (rate.interval > 1) expect(excess(take(fullAt, now, 1, rate), now, rate)).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});

test("no window admits more than the burst and the rate", () => {
  fc.assert(
    fc.property(rates, start, attempts, ({ perSecond, burst }, begin, all) => {
      const rate = rateOf(perSecond, burst);
      const admitted: { time: number; cost: number }[] = [];
      let now = begin;
      let fullAt = 0;
      for (const { pause, cost } of all) {
        now += pause;
        const next = take(fullAt, now, cost, rate);
        if (excess(next, now, rate) > 0) continue;
        fullAt = next;
        admitted.push({ time: now, cost });
      }
      for (const [i, first] of admitted.entries()) {
        let sum = 0;
        for (const { time, cost } of admitted.slice(i)) {
          sum += cost;
          // 0.02 ms for rounding.
          const allowed = burst + (perSecond * (time - first.time + 0.02)) / 1000;
          expect(sum).toBeLessThanOrEqual(allowed + 1e-6);
        }
      }
    }),
  );
});

test("the wait is exact: then it is admitted, and not before", () => {
  fc.assert(
    fc.property(rates, start, attempts, ({ perSecond, burst }, begin, all) => {
      const rate = rateOf(perSecond, burst);
      let now = begin;
      let fullAt = 0;
      for (const { pause, cost } of all) {
        now += pause;
        if (cost > burst) continue;
        const wait = excess(take(fullAt, now, cost, rate), now, rate);
        if (wait > 0) {
          expect(excess(take(fullAt, now + wait, cost, rate), now + wait, rate)).toBe(0);
          const early = now + wait - Math.min(wait, 0.05);
          expect(excess(take(fullAt, early, cost, rate), early, rate)).toBeGreaterThan(0);
        } else fullAt = take(fullAt, now, cost, rate);
      }
    }),
  );
});

describe("without a rate", () => {
  test("everything is admitted", () => {
    const rate = rateOf(0, 0);
    let fullAt = 0;
    for (let i = 0; i < 1000; i++) {
      fullAt = take(fullAt, 5, 1_000_000, rate);
      expect(excess(fullAt, 5, rate)).toBe(0);
    }
  });
});
