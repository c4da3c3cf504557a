import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arena } from "./arena.ts";
import { MessageLog } from "./log.ts";
import type { LogEntry } from "./segment.ts";

/** Any well-formed text: all planes, short and long, with and without a byte order mark. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "binary-ascii", maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 10 }).map((text) => `\ufeff${text}`),
  fc.constantFrom(
    "",
    "\ufeff",
    "\u{1f600}".repeat(1024),
    "é".repeat(1024),
    "x".repeat(6144),
    "x".repeat(4096),
  ),
);

type Step = { readonly append: string; readonly later: number } | "evict";

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ append: anyText, later: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant("evict" as const) },
  ),
  { maxLength: 120 },
);

/** Runs the steps on a log and on a plain array. */
function take(all: readonly Step[]): { log: MessageLog; model: LogEntry[] } {
  const log = new MessageLog(new Arena(Infinity));
  const model: LogEntry[] = [];
  let created = 1_795_363_701_902_393;
  for (const step of all) {
    if (step !== "evict") {
      created += step.later;
      log.append(created, step.append);
      model.push({ created, escaped: step.append });
    } else if (model.length > 0) {
      expect(log.evict()).toBe(model.shift()?.created ?? 0);
    }
  }
  return { log, model };
}

describe("a log, compared with an array", () => {
  test("reads all messages", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { log, model } = take(all);
        expect(log.length).toBe(model.length);
        expect(log.slice(0, log.length)).toEqual(model);
      }),
      { numRuns: 300 },
    );
  });

  test("reads any range", () => {
    fc.assert(
      fc.property(steps, fc.nat(130), fc.nat(130), (all, one, other) => {
        const { log, model } = take(all);
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        expect(log.slice(from, Math.min(to, log.length))).toEqual(model.slice(from, to));
      }),
      { numRuns: 300 },
    );
  });

  test("finds the first message after a cursor", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: -3, max: 400 }), (all, offset) => {
        const { log, model } = take(all);
        const cursor = (model[0]?.created ?? 0) + offset;
        const first = model.findIndex(({ created }) => created > cursor);
        expect(log.firstAfter(cursor)).toBe(first === -1 ? model.length : first);
        expect(log.firstAfter(0)).toBe(0);
        expect(log.firstAfter(Number.MAX_SAFE_INTEGER)).toBe(model.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe("size of a log", () => {
  test("grows by at most the announced cost and covers the texts", () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 60 }), (texts) => {
        const log = new MessageLog(new Arena(Infinity));
        let bytes = 0;
        for (const [i, text] of texts.entries()) {
          const before = log.size;
          log.append(i + 1, text);
          bytes += Buffer.byteLength(text);
          expect(log.size - before).toBeLessThanOrEqual(MessageLog.cost(text));
          expect(log.size).toBeGreaterThanOrEqual(bytes);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("is 0 once everything is evicted, every time", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 4 }), (lives) => {
        for (const all of lives) {
          const { log } = take(all);
          while (log.length > 0) log.evict();
          expect(log.size).toBe(0);
          log.append(Number.MAX_SAFE_INTEGER, "again");
          expect(log.slice(0, 1)).toEqual([{ created: Number.MAX_SAFE_INTEGER, escaped: "again" }]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("stays constant under eviction", () => {
    const log = new MessageLog(new Arena(Infinity));
    let most = 0;
    for (let i = 1; i <= 20_000; i++) {
      if (log.length === 100) log.evict();
      log.append(i, "x".repeat(i % 300));
      if (i === 2000) most = log.size;
    }
    expect(log.size).toBeLessThan(most * 1.2);
  });
});

test("a cleared log is empty and can be used again", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { log } = take(all);
      log.clear();
      expect(log.size).toBe(0);
      expect(log.length).toBe(0);
      expect(log.slice(0, 10)).toEqual([]);
      log.append(1, "again");
      expect(log.slice(0, 1)).toEqual([{ created: 1, escaped: "again" }]);
    }),
    { numRuns: 50 },
  );
});

test("evicting from an empty log throws", () => {
  expect(() => new MessageLog(new Arena(Infinity)).evict()).toThrow(RangeError);
});
