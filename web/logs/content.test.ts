import { expect, test } from "bun:test";
import type { Entry, PendingMessage } from "../state/entry.ts";
import { isSuccessor, nextContent, type Content } from "./content.ts";

function content(from: number, to: number, ...pending: readonly string[]): Content {
  const entries = Array.from({ length: to - from }, (_, i): Entry => {
    return { kind: "ended", key: `e${from + i}`, reason: "idle" };
  });
  return { entries, pending: pending.map(pendingOf) };
}

function pendingOf(key: string): PendingMessage {
  const state = { kind: "sending" } as const;
  return { kind: "pending", key, text: "", name: undefined, time: new Date(0), state };
}

test("little is shown at once, much over several frames, without a loss", () => {
  const few = content(2, 12);
  expect(nextContent(content(0, 10), few)).toBe(few);
  const many = content(5, 110);
  let shown = content(0, 10);
  const counts: number[] = [];
  while (shown !== many) {
    const next = nextContent(shown, many);
    expect(isSuccessor(shown, next)).toBe(true);
    expect(next.entries).toEqual(many.entries.slice(0, next.entries.length));
    counts.push(next.entries.length);
    shown = next;
  }
  expect(counts).toEqual([37, 69, 101, 105]);
});

test("a log of which nothing is left is replaced at once, and so is one that was empty", () => {
  const other = content(500, 900);
  expect(nextContent(content(0, 10), other)).toBe(other);
  expect(isSuccessor(content(0, 10), other)).toBe(false);
  expect(nextContent(content(0, 0), other)).toBe(other);
  expect(isSuccessor(content(0, 0), other)).toBe(true);
});

test("a message is pending until it is shown", () => {
  const shown = content(0, 10, "e20", "e60");
  const arrived = content(0, 100);
  const next = nextContent(shown, arrived);
  expect(next.pending.map(({ key }) => key)).toEqual(["e60"]);
  expect(nextContent(next, arrived).pending).toEqual([]);
});
