import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { Output } from "./output.ts";
import { plain } from "./plain.ts";

const running = new AbortController().signal;

test("a writer waiting for a slow reader is released when the process is stopped", async () => {
  const stop = new AbortController();
  const output = new Output(new PassThrough({ highWaterMark: 1 }), {}, stop.signal);
  const waiting = output.line(plain`unread`);
  stop.abort();
  await waiting;
  await output.line(plain`unread too`);
});

test("a terminal of unknown size has 80 columns and 24 rows", () => {
  const target = Object.assign(new PassThrough(), { isTTY: true, columns: 0, rows: 0 });
  const { columns, rows } = new Output(target, {}, running);
  expect([columns, rows]).toEqual([80, 24]);
});
