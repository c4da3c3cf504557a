import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { countIn, CounterRanges, type CounterRange } from "./counter-ranges.ts";

const MOST = 30;

const ranges = fc
  .tuple(fc.nat(MOST), fc.nat(6))
  .map(([first, more]): CounterRange => ({ first, last: first + more }));

function countersOf(all: readonly CounterRange[]): number[] {
  return all.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

describe("ranges of counters", () => {
  test("are a set", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("add", "remove", "take"), ranges));
    fc.assert(
      fc.property(steps, (given) => {
        const set = new CounterRanges();
        const model = new Set<number>();
        for (const [step, range] of given) {
          if (step === "add") {
            set.add(range);
            for (const counter of countersOf([range])) model.add(counter);
          } else if (step === "remove") {
            const removed = countersOf(set.remove(range));
            expect(removed).toEqual(countersOf([range]).filter((counter) => model.delete(counter)));
          } else {
            const taken = set.take(2, 3);
            expect(taken.every((part) => countIn([part]) <= 3)).toBe(true);
            const lowest = Array.from(model).sort((a, b) => a - b);
            expect(countersOf(taken)).toEqual(lowest.slice(0, countIn(taken)));
            for (const counter of countersOf(taken)) model.delete(counter);
          }
          const all = new CounterRanges();
          for (const part of set.take(MOST * 2, MOST * 2)) {
            all.add(part);
            set.add(part);
          }
          const left = countersOf(all.take(MOST * 2, MOST * 2));
          expect(left).toEqual(Array.from(model).sort((a, b) => a - b));
        }
      }),
    );
  });

  test("are bounded: the lowest are forgotten", () => {
    const set = new CounterRanges(2);
    for (const first of [0, 10, 20, 30]) set.add({ first, last: first + 5 });
    set.remove({ first: 32, last: 33 });
    expect(set.take(9, 9)).toEqual([
      { first: 30, last: 31 },
      { first: 34, last: 35 },
    ]);
  });

  test("of no counter are none", () => {
    const set = new CounterRanges();
    set.add({ first: 1, last: 0 });
    expect(set.remove({ first: 0, last: 9 })).toEqual([]);
    expect(countIn([])).toBe(0);
  });
});
