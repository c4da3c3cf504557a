import { expect, test } from "bun:test";
import { Turns } from "../../../test-support/readers.ts";
import { ClosingSockets } from "./closing-sockets.ts";

/** A connection with this many subscriptions. */
class Closed {
  left: number;

  constructor(subscriptions: number) {
    this.left = subscriptions;
  }

  endSubscriptions(limit: number): number {
    const ended = Math.min(limit, this.left);
    this.left -= ended;
    return ended;
  }
}

test("the subscriptions of one socket end at once", () => {
  const turns = new Turns();
  const sockets = new ClosingSockets(turns.schedule);
  for (let i = 0; i < 3; i++) {
    const socket = new Closed(256);
    sockets.add(socket);
    expect(socket.left).toBe(0);
    turns.end();
    turns.end();
  }
});

test("those of many sockets that close in one turn end in slices", () => {
  const turns = new Turns();
  const sockets = new ClosingSockets(turns.schedule);
  const all = Array.from({ length: 40 }, () => new Closed(256));
  for (const socket of all) sockets.add(socket);
  const left = () => all.reduce((sum, socket) => sum + socket.left, 0);
  let before = 40 * 256;
  let rounds = 0;
  while (left() > 0) {
    expect(before - left()).toBeLessThanOrEqual(1024);
    before = left();
    turns.end();
    rounds++;
  }
  expect(rounds).toBeGreaterThanOrEqual(10);
  expect(rounds).toBeLessThan(15);
});
