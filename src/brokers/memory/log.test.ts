import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arena } from "./arena.ts";
import { ACCOUNT_BYTES, ByteBudget, UNLIMITED } from "./budget.ts";
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
    "x".repeat(4095),
    "x".repeat(4096),
    "x".repeat(8192),
    "\u001fAda\u001fhello",
    `\u001f${"\u{1f600}".repeat(32)}\u001f${"\u{1f600}".repeat(1024)}`,
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

function entry(created: number, content: string): LogEntry {
  return { created, content, isNamed: content.startsWith("\u001f") };
}

function newLog(): MessageLog {
  return new MessageLog({ arena: new Arena(Infinity), budget: new ByteBudget(Infinity) }, UNLIMITED);
}

/** Runs the steps on a log and on a plain array. */
function take(all: readonly Step[]): { log: MessageLog; model: LogEntry[] } {
  const log = newLog();
  const model: LogEntry[] = [];
  let created = 1_795_363_701_902_393;
  for (const step of all) {
    if (step !== "evict") {
      created += step.later;
      log.append(created, step.append, UNLIMITED);
      model.push(entry(created, step.append));
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
  test("grows as announced and covers the texts", () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 60 }), (texts) => {
        const log = newLog();
        let bytes = 0;
        for (const [i, text] of texts.entries()) {
          const before = log.size;
          const growth = log.growth(Buffer.byteLength(text));
          log.append(i + 1, text, UNLIMITED);
          bytes += Buffer.byteLength(text);
          expect(log.size - before).toBe(growth);
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
          log.append(Number.MAX_SAFE_INTEGER, "again", UNLIMITED);
          expect(log.slice(0, 1)).toEqual([entry(Number.MAX_SAFE_INTEGER, "again")]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("stays constant under eviction", () => {
    const log = newLog();
    let most = 0;
    for (let i = 1; i <= 20_000; i++) {
      if (log.length === 100) log.evict();
      log.append(i, "x".repeat(i % 300), UNLIMITED);
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
      log.append(1, "again", UNLIMITED);
      expect(log.slice(0, 1)).toEqual([entry(1, "again")]);
    }),
    { numRuns: 50 },
  );
});

test("evicting from an empty log throws", () => {
  expect(() => newLog().evict()).toThrow(RangeError);
});

test("every byte of logs is on the account of its payer, until its memory is freed", () => {
  const payers = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ append: anyText, log: fc.nat(2), payer: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ evict: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ clear: fc.nat(2) }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150 }), (actions) => {
      const store = { arena: new Arena(Infinity), budget: new ByteBudget(Infinity) };
      const { budget } = store;
      const logs = payers.map(() => new MessageLog(store, UNLIMITED));
      const logAt = (i: number) => logs[i] ?? new MessageLog(store, UNLIMITED);
      // Each payer also holds something else, so that its account stays open.
      const ids = [UNLIMITED, ...payers.map((key) => budget.open(key))];
      for (const id of ids) budget.charge(id, 1);
      const others = budget.used;
      for (const [i, one] of actions.entries()) {
        if ("append" in one) logAt(one.log).append(i + 1, one.append, ids[one.payer] ?? UNLIMITED);
        else if ("clear" in one) logAt(one.clear).clear();
        else if (logAt(one.evict).length > 0) logAt(one.evict).evict();
        const size = logs.reduce((sum, log) => sum + log.size, 0);
        expect(budget.used - others).toBe(size);
        const held = ids.reduce((sum, id) => sum + Math.max(budget.held(id) - ACCOUNT_BYTES - 1, 0), 0);
        expect(held).toBeLessThanOrEqual(size);
      }
      // What no payer holds is on the account without a limit.
      const held = ids.reduce((sum, id) => sum + Math.max(budget.held(id) - ACCOUNT_BYTES - 1, 0), 0);
      const unpaid = actions.some((one) => "append" in one && one.payer === UNLIMITED);
      if (!unpaid) expect(held).toBe(budget.used - others);
      for (const log of logs) log.clear();
      for (const id of ids.slice(1)) expect(budget.held(id)).toBe(ACCOUNT_BYTES + 1);
      expect(budget.used).toBe(others);
    }),
    { numRuns: 200 },
  );
});

test("a message costs its payer what it takes, and whoever began the segment the rest", () => {
  const store = { arena: new Arena(Infinity), budget: new ByteBudget(Infinity) };
  const { budget } = store;
  const log = new MessageLog(store, UNLIMITED);
  const [one, other] = [budget.open("192.0.2.1"), budget.open("192.0.2.2")];
  log.append(1, "x".repeat(10), one);
  expect(budget.held(one)).toBe(ACCOUNT_BYTES + 128);
  log.append(2, "x".repeat(20), one);
  expect(budget.held(one)).toBe(ACCOUNT_BYTES + 128);
  log.append(3, "x".repeat(5), other);
  expect(budget.held(one)).toBe(ACCOUNT_BYTES + 128 - 17);
  expect(budget.held(other)).toBe(ACCOUNT_BYTES + 17);
  log.evict();
  log.evict();
  expect(budget.held(one)).toBe(ACCOUNT_BYTES + 128 - 17);
  log.evict();
  expect(budget.used).toBe(0);
  expect(budget.find("192.0.2.1")).toBeUndefined();
});
