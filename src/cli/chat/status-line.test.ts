import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { MaltenError } from "../../client/index.ts";
import { Output } from "../output.ts";
import { plain } from "../plain.ts";
import { problemOf, statusLine } from "./status-line.ts";

const PARTS = [plain`foo`, plain`3 here`, plain`Ada is typing…`];

function line(columns: number, left?: number): string {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns });
  const output = new Output(terminal, { NO_COLOR: "1" }, new AbortController().signal);
  return statusLine({ parts: PARTS, life: left === undefined ? undefined : { left, ttl: 1024 } }, output)
    .text;
}

test("the life that is left is a line over the rest of the width", () => {
  expect(line(61, 1024)).toBe(`foo · 3 here · Ada is typing… · 17 min left ${"━".repeat(16)}`);
  expect(line(61, 256)).toBe(`foo · 3 here · Ada is typing… · 4 min left ━━━━╸${"─".repeat(12)}`);
  expect(line(61)).toBe(`foo · 3 here · Ada is typing… ${"─".repeat(30)}`);
});

test("a narrow window shows what is most important", () => {
  expect(line(45, 1024)).toBe("foo · 3 here · Ada is typing… · 17 min left");
  expect(line(43, 1024)).toBe(`foo · 3 here · Ada is typing… ${"━".repeat(12)}`);
  expect(line(14, 1024)).toBe("foo · 3 here");
  expect(line(2, 1024)).toBe("foo");
});

test("a lost connection is said, and when it is tried again", () => {
  const error = new MaltenError("unreachable", "Unreachable");
  const lost = { kind: "reconnecting", retryAt: new Date(5500), error } as const;
  expect(problemOf(lost, 3000)?.text).toBe("connection lost, trying again in 3 s");
  expect(problemOf(lost, 6000)?.text).toBe("reconnecting…");
  expect(problemOf({ kind: "live" }, 0)).toBeUndefined();
});
