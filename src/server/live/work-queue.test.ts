import { expect, test } from "bun:test";
import { ManualClock } from "../../../test-support/clock.ts";
import { Problem } from "../../protocol/problem.ts";
import { WorkQueue } from "./work-queue.ts";

/** Work that takes some milliseconds, in turns that the test ends. */
function setUp(milliseconds: number) {
  const clock = new ManualClock();
  const ends: (() => void)[] = [];
  const queue = new WorkQueue(clock, (end) => ends.push(end));
  const done: number[] = [];
  const work = (id: number) => () => {
    clock.advance(milliseconds);
    done.push(id);
    return id;
  };
  const endTurn = () => {
    for (const end of ends.splice(0)) end();
  };
  return { queue, done, work, endTurn };
}

test("does as much in a turn as there is time for, in order", () => {
  const { queue, done, work, endTurn } = setUp(2);
  for (let id = 0; id < 8; id++) queue.run(work(id));
  expect(done).toEqual([0, 1, 2]);
  endTurn();
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  // What comes now is later than what waits.
  queue.run(work(8));
  endTurn();
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  endTurn();
  queue.run(work(9));
  expect(done.at(-1)).toBe(9);
});

test("answers at once if there is time", async () => {
  const { queue, work, endTurn } = setUp(5);
  expect(queue.answer(work(1))).toBe(1);
  const second = queue.answer(work(2));
  expect(second).toBeInstanceOf(Promise);
  endTurn();
  expect(await second).toBe(2);
});

test("passes errors on", async () => {
  const { queue, work, endTurn } = setUp(5);
  const fail = () => {
    throw new Problem("not_found");
  };
  expect(() => queue.answer(fail)).toThrow(Problem);
  queue.run(work(0));
  const late = Promise.resolve(queue.answer(fail)).catch((error: unknown) => error);
  endTurn();
  expect(await late).toMatchObject({ code: "not_found" });
});

test("rejects requests when too many wait", () => {
  const { queue, work } = setUp(5);
  queue.run(work(0));
  for (let id = 1; id <= 1024; id++) void queue.answer(work(id));
  expect(() => queue.answer(work(1025))).toThrow("Too many requests for large pages");
});
