import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { EXIT, Interrupted } from "../failure.ts";
import { Output } from "../output.ts";
import { runCommand } from "../run.ts";
import { serveCommand, type RunningServer } from "./serve.ts";

/** Runs a server until it is told to stop. Returns the exit code and the logged errors. */
async function stopped(stop: RunningServer["stop"]): Promise<{ code: number; logged: unknown[] }> {
  const interrupt = new AbortController();
  const logged: unknown[] = [];
  const sink = () => new Output(new PassThrough().resume(), {}, interrupt.signal);
  const command = serveCommand([], () =>
    Promise.resolve({
      url: new URL("http://localhost:9090"),
      notes: [],
      stop,
      logError: (...error) => logged.push(error),
    }),
  );
  const code = runCommand(command, [], {
    version: "1",
    environment: {},
    input: new PassThrough(),
    output: sink(),
    errors: sink(),
    terminal: () => {},
    stopOn: () => {},
    signal: interrupt.signal,
  });
  interrupt.abort(new Interrupted("SIGTERM"));
  return { code: await code, logged };
}

test("a server that stops in order exits with 0", async () => {
  expect(await stopped(() => Promise.resolve())).toEqual({ code: EXIT.done, logged: [] });
});

test("a shutdown that fails is logged, and the exit code tells of it", async () => {
  const error = new Error("broken");
  expect(await stopped(() => Promise.reject(error))).toEqual({
    code: EXIT.failed,
    logged: [["shutdown", error]],
  });
});
