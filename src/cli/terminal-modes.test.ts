import { expect, test } from "bun:test";
import { join } from "node:path";

/** A program that changes modes, and then crashes. */
const PROGRAM = `
import { Output } from ${JSON.stringify(join(import.meta.dir, "output.ts"))};
import { TerminalModes } from ${JSON.stringify(join(import.meta.dir, "terminal-modes.ts"))};
const output = new Output(process.stdout, {}, new AbortController().signal);
new TerminalModes({ output, stopOn() {} }, { on: "<on>", off: "<off>" });
setImmediate(() => { throw new Error("a bug"); });
`;

test("a program that crashes leaves the terminal as it was", () => {
  const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, "-e", PROGRAM]);
  expect([stdout.toString(), exitCode]).toEqual(["<on><off>", 1]);
  expect(stderr.toString()).toContain("a bug");
});
