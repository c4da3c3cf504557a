import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { EARLIEST, formatNanoseconds, parseCursorAfter, parseCursorBefore, splitCursor } from "./cursor.ts";

/** Any `Created`, in microseconds: exact as a number. */
const moment = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** Digits that a client may send: near a message or anywhere, up to 20. */
function nanoseconds(created: number): fc.Arbitrary<string> {
  return fc.oneof(
    fc.bigInt({ min: -3000n, max: 3000n }).map((offset) => {
      const near = BigInt(created) * 1000n + offset;
      return (near < 0n ? 0n : near).toString();
    }),
    fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map(String),
    fc.nat(5000).map((small) => `${small}`.padStart(8, "0")),
  );
}

const pair = moment.chain((created) => fc.tuple(fc.constant(created), nanoseconds(created)));

describe("a cursor compares with messages as its nanoseconds do", () => {
  test("after", () => {
    fc.assert(
      fc.property(pair, ([created, ns]) => {
        const cursor = parseCursorAfter(ns) ?? Number.NaN;
        expect(cursor < created).toBe(BigInt(ns) < BigInt(created) * 1000n);
      }),
      { numRuns: 2000 },
    );
  });

  test("before", () => {
    fc.assert(
      fc.property(pair, ([created, ns]) => {
        const cursor = parseCursorBefore(ns) ?? Number.NaN;
        expect(created < cursor).toBe(BigInt(created) * 1000n < BigInt(ns));
      }),
      { numRuns: 2000 },
    );
  });
});

test("a formatted cursor is parsed unchanged", () => {
  fc.assert(
    fc.property(moment, (created) => {
      const ns = formatNanoseconds(created);
      expect(BigInt(ns)).toBe(BigInt(created) * 1000n);
      expect(parseCursorAfter(ns)).toBe(created);
      expect(parseCursorBefore(ns)).toBe(created);
    }),
  );
  expect(formatNanoseconds(EARLIEST)).toBe("0");
  expect(parseCursorAfter("0")).toBe(EARLIEST);
});

test("the largest cursor is finite and later than every message", () => {
  for (const parse of [parseCursorAfter, parseCursorBefore]) {
    const cursor = parse("9".repeat(20)) ?? Number.NaN;
    expect(Number.isFinite(cursor)).toBe(true);
    expect(cursor).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  }
});

test("anything but whole nanoseconds is rejected", () => {
  const wrong = [
    "",
    " ",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "0x10",
    "1_000",
    " 1",
    "1 ",
    "1\n",
    "NaN",
    "Infinity",
    "earliest",
  ];
  for (const ns of [...wrong, "１", "٣", "9".repeat(21), "1,2", "null"]) {
    expect(parseCursorAfter(ns)).toBeUndefined();
    expect(parseCursorBefore(ns)).toBeUndefined();
  }
});

test("a cursor of any size, once formatted, can be sent back", () => {
  for (const ns of ["9".repeat(20), "99999999999999999500", "9007199254740993000"]) {
    const after = formatNanoseconds(parseCursorAfter(ns) ?? Number.NaN);
    expect(splitCursor(`${after}-test`)).toEqual({ ns: after, server: "test" });
    expect(parseCursorAfter(after)).toBe(parseCursorAfter(ns));
  }
});
