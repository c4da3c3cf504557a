import { expect, test } from "bun:test";
import { SecretLine } from "./secret-line.ts";

/** The line after all of this was typed, and what the last of it led to. */
function typed(...chunks: string[]) {
  const line = new SecretLine();
  const progress = chunks.map((chunk) => line.feed(chunk)).at(-1);
  return [line.text, progress];
}

test("a line ends with Enter, or with Ctrl-D where nothing was typed", () => {
  expect(typed("abc")).toEqual(["abc", "more"]);
  expect(typed("ab", "c\r")).toEqual(["abc", "done"]);
  expect(typed("abc\nde")).toEqual(["abc", "done"]);
  expect(typed("\u0004")).toEqual(["", "done"]);
  expect(typed("abc\u0004")).toEqual(["abc", "more"]);
});

test("Backspace and Ctrl-U delete, Ctrl-C interrupts", () => {
  expect(typed("ab\u007f\u0008c")).toEqual(["c", "more"]);
  expect(typed("\u007fa😀\u007f")).toEqual(["a", "more"]);
  expect(typed("ab\u0015c\r")).toEqual(["c", "done"]);
  expect(typed("ab\u0003c")).toEqual(["ab", "interrupted"]);
});

test("arrows, the marks of pasted text and other control characters are left out", () => {
  expect(typed("a\u001b[Db\u001bOAc\u001b[1;5Cd\u0007\r")).toEqual(["abcd", "done"]);
  expect(typed("\u001b[200~https://host/#v1:AAAA\u001b[201~\r")).toEqual(["https://host/#v1:AAAA", "done"]);
});

test("a line does not grow without end", () => {
  expect(typed("x".repeat(10_000))[0]).toHaveLength(4096);
});
