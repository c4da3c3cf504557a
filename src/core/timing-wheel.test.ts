import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { TimingWheel, UNSCHEDULED, type WheelEntry } from "./timing-wheel.ts";

const RESOLUTION = 250;
const SIZE = 16;
/** The wheel is exact up to this delay; entries beyond it are handed out early. */
const REACH = RESOLUTION * (SIZE - 2);

class Entry implements WheelEntry {
  slot = UNSCHEDULED;
  position = 0;
  deadline = 0;
  /** When it was added. */
  added = 0;
}

type Step =
  | { readonly kind: "add"; readonly entry: number; readonly after: number }
  | { readonly kind: "prolong"; readonly entry: number; readonly by: number }
  | { readonly kind: "remove"; readonly entry: number }
  | { readonly kind: "pass"; readonly time: number };

const entry = fc.nat(7);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), entry, after: fc.integer({ min: -600, max: 12_000 }) }),
    fc.record({ kind: fc.constant("prolong" as const), entry, by: fc.integer({ min: 0, max: 9000 }) }),
    fc.record({ kind: fc.constant("remove" as const), entry }),
    fc.record({
      kind: fc.constant("pass" as const),
      time: fc.oneof(
        fc.integer({ min: 0, max: 1200 }),
        fc.double({ min: 0, max: 400, noNaN: true }),
        fc.constantFrom(250, 4000, 100_000, 3_600_000),
      ),
    }),
  ),
  { maxLength: 60 },
);

describe("the wheel, compared with a linear search", () => {
  test("hands out each entry once, when due or at most one slot later", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), steps, (start, all) => {
        let now = start;
        const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, now);
        const entries = Array.from({ length: 8 }, () => new Entry());
        const waiting = new Set<Entry>();
        for (const step of all) {
          switch (step.kind) {
            case "add": {
              const added = entries[step.entry] ?? new Entry();
              if (waiting.has(added)) break;
              added.deadline = now + step.after;
              added.added = now;
              wheel.add(added, added.deadline);
              waiting.add(added);
              break;
            }
            case "prolong": {
              // As a stream does: without the wheel's knowledge.
              const prolonged = entries[step.entry] ?? new Entry();
              if (waiting.has(prolonged)) prolonged.deadline += step.by;
              break;
            }
            case "remove": {
              const removed = entries[step.entry] ?? new Entry();
              wheel.remove(removed);
              waiting.delete(removed);
              expect(removed.slot).toBe(UNSCHEDULED);
              break;
            }
            case "pass":
              now += step.time;
              wheel.advance(now, (due) => {
                expect(waiting.has(due)).toBe(true);
                expect(due.slot).toBe(UNSCHEDULED);
                if (due.deadline > now) {
                  due.added = now;
                  wheel.add(due, due.deadline);
                } else {
                  waiting.delete(due);
                }
              });
              for (const { deadline, added } of waiting)
                expect(Math.max(deadline, added) + RESOLUTION).toBeGreaterThan(now);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("hands out nothing early within its reach", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.array(fc.double({ min: 0, max: REACH, noNaN: true }), { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 2000 }), { maxLength: 30 }),
        (start, delays, times) => {
          let now = start;
          const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, now);
          let left = delays.map((delay) => {
            const added = new Entry();
            added.deadline = now + delay;
            wheel.add(added, added.deadline);
            return added;
          });
          for (const time of times) {
            now += time;
            const handed: Entry[] = [];
            wheel.advance(now, (due) => handed.push(due));
            for (const { deadline } of handed) expect(deadline).toBeLessThanOrEqual(now);
            expect(new Set(handed).size).toBe(handed.length);
            left = left.filter((due) => !handed.includes(due));
            for (const { deadline } of left) expect(deadline).toBeGreaterThan(now - RESOLUTION);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the wheel", () => {
  test("hands out entries beyond its reach early, to be added again", () => {
    const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, 0);
    const far = new Entry();
    wheel.add(far, 10_000);
    const looks: number[] = [];
    for (let now = 0; now <= 11_000; now += 250) {
      wheel.advance(now, (due) => {
        looks.push(now);
        if (now < 10_000) wheel.add(due, 10_000);
      });
    }
    expect(looks[0]).toBeGreaterThanOrEqual(REACH);
    expect(looks.at(-1)).toBe(10_000);
    expect(looks.length).toBeLessThan(5);
  });

  test("hands out everything due once after a long sleep", () => {
    const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, 0);
    const entries = Array.from({ length: 100 }, () => new Entry());
    for (const [i, added] of entries.entries()) wheel.add(added, i * 37);
    const handed: Entry[] = [];
    wheel.advance(1e12, (due) => handed.push(due));
    expect(new Set(handed)).toEqual(new Set(entries));
    expect(handed).toHaveLength(100);
    wheel.advance(2e12, (due) => handed.push(due));
    expect(handed).toHaveLength(100);
  });

  test("forgets a removed entry and no other; removing it again does nothing", () => {
    const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, 0);
    const [one, two, three] = [new Entry(), new Entry(), new Entry()];
    for (const added of [one, two, three]) wheel.add(added, 1000);
    wheel.remove(one);
    wheel.remove(one);
    const handed: Entry[] = [];
    wheel.advance(1000, (due) => handed.push(due));
    expect(new Set(handed)).toEqual(new Set([two, three]));
  });

  test("forgets the right entries of a slot", () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]);
    fc.assert(
      fc.property(order, (removed) => {
        const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, 0);
        const entries = Array.from({ length: 8 }, () => new Entry());
        for (const added of entries) wheel.add(added, 1000);
        for (const i of removed) wheel.remove(entries[i] ?? new Entry());
        const handed = new Set<Entry>();
        wheel.advance(1000, (due) => handed.add(due));
        expect(handed).toEqual(new Set(entries.filter((_, i) => !removed.includes(i))));
      }),
    );
  });

  test("does not hand out an entry that was removed while its slot is handed out", () => {
    const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, 0);
    const [one, two] = [new Entry(), new Entry()];
    wheel.add(one, 1000);
    wheel.add(two, 1000);
    const handed: Entry[] = [];
    wheel.advance(1000, (due) => {
      handed.push(due);
      wheel.remove(due === one ? two : one);
    });
    expect(handed).toHaveLength(1);
  });

  test("hands out nothing twice while the clock stands still", () => {
    const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, 1000);
    const added = new Entry();
    wheel.add(added, 1000);
    let count = 0;
    for (let i = 0; i < 3; i++) wheel.advance(1000, () => count++);
    expect(count).toBe(1);
  });

  test("hands out a limited number at once and the rest later, also if entries come and go meanwhile", () => {
    const wheel = new TimingWheel<Entry>(RESOLUTION, SIZE, 0);
    const entries = Array.from({ length: 1000 }, () => new Entry());
    for (const [i, added] of entries.entries()) wheel.add(added, 1000 + (i % 3) * 250);
    const handed = new Set<Entry>();
    const late = new Entry();
    let calls = 0;
    for (let more = true; more; calls++) {
      const before = handed.size;
      more = wheel.advance(
        2000,
        (due) => {
          expect(handed.has(due)).toBe(false);
          handed.add(due);
        },
        64,
      );
      expect(handed.size - before).toBeLessThanOrEqual(64);
      if (calls === 3) wheel.add(late, 0);
      // Removes most of a slot, whose array is then copied.
      if (calls === 4) for (const left of entries.slice(0, 900)) if (!handed.has(left)) wheel.remove(left);
    }
    expect(handed.has(late)).toBe(true);
    expect(entries.slice(900).every((one) => handed.has(one))).toBe(true);
    expect(calls).toBeGreaterThan(5);
  });
});
