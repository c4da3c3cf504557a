import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { serveCommand } from "./commands/serve.ts";
import { containsLink } from "./link.ts";
import { Output } from "./output.ts";
import { runCommand } from "./run.ts";
import type { Session } from "./session.ts";

/** Runs a command line where there is no terminal. Returns the exit code and what is on standard error. */
async function run(line: string): Promise<[number, string]> {
  const { signal } = new AbortController();
  const errors = new PassThrough();
  const session: Session = {
    version: "0",
    environment: {},
    input: new Blob().stream(),
    output: new Output(new PassThrough(), {}, signal),
    errors: new Output(errors, {}, signal),
    terminal: () => {},
    stopOn: () => {},
    signal,
  };
  const serve = serveCommand([], () => Promise.reject(new Error("not here")));
  const code = await runCommand(serve, line.split(" "), session);
  return [code, String(errors.read() ?? "")];
}

/** What is wrong before anything is connected to. */
const refused: Record<string, string> = {
  "new -e": "no terminal to show the links on, which are keys: name a file descriptor for them, ",
  "new -e --link-fd 1": "--link-fd 1 is a standard stream. Use another: --link-fd 3 3> FILE",
  "new -e --link-fd 999999": "file descriptor 999999 is not open. Open it: --link-fd 999999 999999> FILE",
  "new -e --link-fd 999999 --qr": "--qr shows the link on a terminal: leave out --link-fd",
  "new -e --name foo": "--name cannot be used with --encrypted: the name is computed from the keys",
  "new --link-fd 3": "--link-fd requires --encrypted",
  "pipe --new": "no terminal to show the links on",
  pipe: "no terminal to ask for the link: set MALTEN_LINK or use --link-fd",
  "pipe --verify": "--verify requires a terminal",
  "pipe --link-fd 0": "--link-fd 0: standard input is what is sent. Use another: --link-fd 3 3< FILE",
  "send --link-fd 0": "--link-fd 0: standard input is what is sent. Use another: --link-fd 3 3< FILE",
  "tail -e": "no terminal to ask for the link: set MALTEN_LINK or use --link-fd",
  "tail --link-fd 999999": "file descriptor 999999 is not open. Open it: --link-fd 999999 999999< FILE",
  "tail --link-fd 2": "--link-fd 2 is for output. Use another: --link-fd 3 3< FILE",
  "tail -e foo": 'unexpected argument "foo"\nUsage: malten tail',
};

for (const [line, words] of Object.entries(refused))
  test(`malten ${line}, without a terminal: 2`, async () => {
    const [code, error] = await run(line);
    expect(code).toBe(2);
    expect(error).toStartWith(`error: ${words}`);
  });

test("recognises links in other texts, and no ordinary text", () => {
  const secret = "AbCdEfGhIjKlMnOpQrSt";
  for (const text of [
    `https://host/#v1:${secret}`,
    `v1:${secret}`,
    `#v12:${secret}`,
    `https://host/#v1%3a${secret}`,
    `see http://h/#v1:${secret} there`,
  ])
    expect(containsLink(text)).toBe(true);
  for (const text of ["v1: fixed the bug", "v2:ok", "#v1:short", "https://host/#foo", "v1.2.3", secret])
    expect(containsLink(text)).toBe(false);
});
