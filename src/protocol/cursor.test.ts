import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { EARLIEST, formatNanoseconds, parseCursorAfter, parseCursorBefore } from "./cursor.ts";

/** Any moment that a message can have: microseconds that a number holds exactly. */
const moment = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** Digits as a client may send them: near a message or anywhere, up to 20. */
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

describe("a cursor says of each message what its nanoseconds say", () => {
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

test("what is formatted is parsed again as it was", () => {
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

test("the largest that can be written is finite and later than everything", () => {
  for (const parse of [parseCursorAfter, parseCursorBefore]) {
    const cursor = parse("9".repeat(20)) ?? Number.NaN;
    expect(Number.isFinite(cursor)).toBe(true);
    expect(cursor).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  }
});

test("what is not a whole number of nanoseconds is no cursor", () => {
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
