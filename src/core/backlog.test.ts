import { expect, test } from "bun:test";
import { MAX_MESSAGES } from "../protocol/limits.ts";
import { Backlog } from "./backlog.ts";
import { Message } from "./message.ts";

function message(created: number): Message {
  return new Message("foo", `${created}`, created, "test", "x");
}

/** A backlog with messages, each with the one before it. */
function setUp(...news: [created: number, previous: number][]): Backlog {
  const backlog = new Backlog();
  for (const [created, previous] of news) backlog.add(message(created), previous);
  return backlog;
}

function take(backlog: Backlog, cursor: number): number[] {
  return backlog.take(cursor).map(({ created }) => created);
}

test("returns what follows a cursor, once", () => {
  const backlog = setUp([5, 4], [6, 5], [7, 6]);
  expect(take(backlog, 5)).toEqual([6, 7]);
  expect(take(backlog, 5)).toEqual([]);
});

test("returns nothing while messages in between are missing", () => {
  const backlog = setUp([5, 4], [6, 5]);
  expect(take(backlog, 3)).toEqual([]);
  expect(take(backlog, 4)).toEqual([5, 6]);
});

test("starts over after a hole", () => {
  const backlog = setUp([5, 4], [8, 7]);
  expect(take(backlog, 4)).toEqual([]);
  expect(take(backlog, 7)).toEqual([8]);
});

test("keeps at most as many messages as a stream holds", () => {
  const backlog = new Backlog();
  for (let i = 1; i <= 3 * MAX_MESSAGES; i++) backlog.add(message(i), i - 1);
  expect(take(backlog, 0)).toEqual([]);
  expect(take(backlog, 2 * MAX_MESSAGES)).toHaveLength(MAX_MESSAGES);
});
