// The help of the commands.
import { afterAll, expect, test } from "bun:test";
import { malten } from "../../test-support/command.ts";
import { expectNoProcessLeft } from "../../test-support/process.ts";

afterAll(expectNoProcessLeft);

test("the help fits a screen, with the line where it was asked for", async () => {
  const { out } = await malten(["--help"]);
  expect(out).toContain("chat STREAM");
  expect(out.split("\n").length).toBeLessThanOrEqual(24);
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("the help of every client command fits a screen", async () => {
  for (const command of [
    "serve",
    "send",
    "tail",
    "chat",
    "pipe",
    "streams",
    "new",
    "end",
    "completion",
    "help",
  ]) {
    const { out, code } = await malten([command, "--help"]);
    expect(code).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toStartWith(`Usage: malten ${command}`);
    // The server has more options than a terminal has lines.
    if (command !== "serve") expect(lines.length).toBeLessThanOrEqual(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  }
});
