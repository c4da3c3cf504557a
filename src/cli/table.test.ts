import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { rows as plainRows } from "./table.ts";

const rows = (...given: Parameters<typeof plainRows>) => plainRows(...given).map(({ text }) => text);

const now = new Date("2026-11-22T20:00:00Z");

function listed(name: string, secondsAgo: number, ttl = 1024, observers = 0) {
  return { name, updated: new Date(now.getTime() - secondsAgo * 1000), ttl, observers };
}

test("shows listeners, time since the last message and time until expiry", () => {
  expect(rows([], now, 80)).toEqual(["No public streams"]);
  const streams = [listed("foo", 5, 1024, 12), listed("a.longer-name", 7300, 604_800)];
  expect(rows(streams, now, 80)).toEqual([
    "STREAM         LISTENERS     LAST  EXPIRES IN",
    "foo                   12  5 s ago      16 min",
    "a.longer-name          0  2 h ago         6 d",
  ]);
});

test("a time in the future counts as now, and an overdue stream expires in 0 s", () => {
  expect(rows([listed("ahead", -60)], now, 80)[1]).toContain("0 s ago");
  expect(rows([listed("due", 2000)], now, 80)[1]).toEndWith(" 0 s");
});

test("property: all lines have the same width, at most that of the terminal", () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "B", "7", ".", "_", "~", "-"),
    minLength: 1,
    maxLength: 64,
  });
  const stream = fc
    .tuple(name, fc.nat(700_000), fc.integer({ min: 1, max: 604_800 }), fc.nat(100_000))
    .map((given) => listed(...given));
  fc.assert(
    fc.property(fc.array(stream, { minLength: 1 }), fc.integer({ min: 60, max: 200 }), (streams, columns) => {
      const widths = rows(streams, now, columns).map(({ length }) => length);
      expect(new Set(widths).size).toBe(1);
      expect(widths[0]).toBeLessThanOrEqual(columns);
    }),
  );
});
