import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { PassThrough } from "node:stream";
import { Output } from "./output.ts";
import { table } from "./table.ts";

const now = new Date("2026-11-22T20:00:00Z");

function listed(name: string, secondsAgo: number, ttl = 1024, observers = 0) {
  return { name, updated: new Date(now.getTime() - secondsAgo * 1000), ttl, observers };
}

function rows(streams: ReturnType<typeof listed>[], columns: number): string[] {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns });
  const output = new Output(terminal, { NO_COLOR: "1" }, new AbortController().signal);
  return table(streams, now, output).map(({ text }) => text);
}

test("shows the life that is left, listeners, and when somebody wrote", () => {
  expect(rows([], 80)).toEqual(["No public streams"]);
  const streams = [listed("foo", 5, 1024, 12), listed("a.longer-name", 7300, 604_800), listed("old", 1000)];
  expect(rows(streams, 80)).toEqual([
    "STREAM         LIFE          LEFT  LISTENERS        LAST",
    "foo            ━━━━━━━━━━  16 min         12     5 s ago",
    "a.longer-name  ━━━━━━━━━━     6 d          0     2 h ago",
    "old            ╸─────────    24 s          0  16 min ago",
  ]);
});

test("leaves out what is least important where the window is narrow, and cuts names last", () => {
  const streams = [listed("a-name-of-24-characters.", 512, 1024, 3)];
  const titles = (columns: number) => rows(streams, columns)[0]?.trimEnd().split(/ +/);
  expect(titles(67)).toEqual(["STREAM", "LIFE", "LEFT", "LISTENERS", "LAST"]);
  expect(titles(60)).toEqual(["STREAM", "LIFE", "LEFT", "LISTENERS"]);
  expect(titles(50)).toEqual(["STREAM", "LEFT", "LISTENERS"]);
  expect(titles(40)).toEqual(["STREAM", "LEFT"]);
  expect(titles(30)).toEqual(["STREAM"]);
  expect(rows(streams, 12)).toEqual(["STREAM      ", "a-name-of-2…"]);
});

test("a time in the future counts as now, and an overdue stream has no life left", () => {
  expect(rows([listed("ahead", -60)], 80)[1]).toContain("0 s ago");
  expect(rows([listed("due", 2000)], 80)[1]).toContain(" ──────────     0 s ");
});

test("property: all lines have the same width, at most that of the terminal", () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "B", "7", ".", "_", "~", "-", "你", "\u001b", "\u202e"),
    minLength: 1,
    maxLength: 64,
  });
  const stream = fc
    .tuple(name, fc.nat(700_000), fc.integer({ min: 1, max: 604_800 }), fc.nat(100_000))
    .map((given) => listed(...given));
  fc.assert(
    fc.property(fc.array(stream, { minLength: 1 }), fc.integer({ min: 6, max: 200 }), (streams, columns) => {
      const lines = rows(streams, columns);
      const widths = lines.map((line) => Bun.stringWidth(line));
      expect(new Set(widths).size).toBe(1);
      expect(widths[0]).toBeLessThanOrEqual(columns);
      expect(lines.join("")).not.toMatch(/[\u0000-\u001f\u202e]/);
    }),
  );
});
