import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { Output } from "./output.ts";

const running = new AbortController().signal;

test("whoever waits for a reader that does not read is let go when the process is told to stop", async () => {
  const stop = new AbortController();
  const output = new Output(new PassThrough({ highWaterMark: 1 }), {}, stop.signal);
  const waiting = output.line("nobody reads this");
  stop.abort();
  await waiting;
  await output.line("nor this");
});

test("a terminal that does not know its size is as large as they once were", () => {
  const target = Object.assign(new PassThrough(), { isTTY: true, columns: 0, rows: 0 });
  const { columns, rows } = new Output(target, {}, running);
  expect([columns, rows]).toEqual([80, 24]);
});
