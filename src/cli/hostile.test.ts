// Whatever a server sends in any field, it does not control the terminal.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { PassThrough } from "node:stream";
import {
  garbled,
  HOSTILE,
  HostileServer,
  LAST,
  type Garbled,
} from "../../test-support/client/hostile-server.ts";
import { formatLink } from "../crypto/link.ts";
import { serveCommand } from "./commands/serve.ts";
import { Interrupted } from "./failure.ts";
import { Output } from "./output.ts";
import { runCommand } from "./run.ts";
import type { Session } from "./session.ts";

const COMMANDS = [
  ["tail", "foo", "--since", "earliest"],
  ["tail", "foo", "--since", "earliest", "--json"],
  ["send", "foo", "hello"],
  ["send", "foo"],
  ["streams"],
  ["streams", "--json"],
  ["new"],
  ["new", "--json", "--qr"],
  ["end", "foo"],
  ["tail", "-e", "--since", "earliest"],
  ["tail", "-e", "--since", "earliest", "--json"],
  ["send", "-e", "hello"],
  ["pipe"],
  ["chat", "foo", "--name", "Ann"],
  ["chat", "-e", "--name", "Ann"],
] as const;

/** The link that a command needs; "" for none. */
function linkFor([command, option]: readonly string[], server: string): string {
  const part = () => new Uint8Array(32);
  const secrets = { writeSecret: part(), ownerHash: part() };
  if (option === "-e") return formatLink(new URL(server), { ...secrets, kind: "writer" });
  if (command !== "pipe") return "";
  return formatLink(new URL(server), { ...secrets, kind: "pipe", pipeSecret: part(), keyHash: part() });
}

/**
 * What is printed besides text: a new line, the erased notice of `send`, the isolate around text from others, and what `chat` draws its
 * last lines with.
 */
const OWN = /\r?\n|\r\u001b\[K|[\u2068\u2069]|\u001b\[\?(7|2004|2026)[hl]|\r?(\u001b\[\d*A)?(\u001b\[J)?/g;

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** In messages, whose effect on the direction of text ends with their line, they are allowed. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2067]/;

const serve = serveCommand([], () => Promise.reject(new Error("not here")));

/** Runs a command until the server has sent everything. Returns what is on its standard output and standard error. */
async function run(
  words: readonly string[],
  given: Garbled,
  isTerminal: boolean,
): Promise<{ out: string; err: string }> {
  await using server = new HostileServer(given);
  const stop = new AbortController();
  // A chat shows the history first, which has the last message, too.
  const isChat = words[0] === "chat";
  const shown = { out: "", err: "" };
  const target = (name: "out" | "err") => {
    const stream = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 80, rows: 24 });
    stream.on("data", (bytes: Buffer) => {
      shown[name] += bytes.toString();
      if (!isChat && shown[name].includes(LAST)) stop.abort(new Interrupted("SIGINT"));
    });
    return new Output(stream, { NO_COLOR: "1" }, stop.signal);
  };
  void server.done.then(() => stop.abort(new Interrupted("SIGINT")));
  const input = Object.assign(new PassThrough(), { isTTY: isChat });
  input.write("hello\r\n");
  // A terminal stays open.
  if (!isChat) input.end();
  const session: Session = {
    version: "0",
    environment: {
      MALTEN_SERVER: server.url,
      MALTEN_OWNER: "token",
      MALTEN_LINK: linkFor(words, server.url),
    },
    input,
    output: target("out"),
    errors: target("err"),
    terminal: () => {},
    stopOn: () => {},
    signal: stop.signal,
  };
  await runCommand(serve, words, session);
  return shown;
}

for (const words of COMMANDS)
  test(`property: malten ${words.join(" ")}`, async () => {
    await fc.assert(
      fc.asyncProperty(garbled, async (given) => {
        const { out, err } = await run(words, given, true);
        const shown = (out + err).replaceAll(OWN, "");
        expect(CONTROL.exec(shown)).toBeNull();
        if (words[0] !== "tail" && words[0] !== "chat") expect(BIDI.exec(shown)).toBeNull();
        expect(err.replaceAll(OWN, "")).not.toMatch(BIDI);
      }),
      { numRuns: words[0] === "send" ? 10 : 30 },
    );
  }, 60_000);

test("a chat shows what is said, and who is here", async () => {
  const { out } = await run(["chat", "foo", "--name", "Ann"], new Map(), true);
  for (const text of ["hello", "A here", LAST, "stream expired"]) expect(out).toContain(text);
});

test("in a pipe, messages are passed on as they are, and nothing else is", async () => {
  const message = await run(
    ["tail", "foo", "--since", "earliest"],
    new Map([["MessageText", HOSTILE]]),
    false,
  );
  expect(message.out).toBe(`${HOSTILE}\n${LAST}\n`);
  const listed = await run(["streams"], new Map([["name", HOSTILE]]), false);
  expect(listed.out).toMatch(/^␛\]52;c;b3duZWQ=␇␛\[2J␀<U\+009B>31m.*\t1\t2023-.*Z\t9\n$/);
  const failed = await run(
    ["new"],
    new Map([
      ["code", "internal"],
      ["detail", HOSTILE],
    ]),
    false,
  );
  expect(failed.err).toMatch(/^error: ␛\]52;c;b3duZWQ=␇␛\[2J␀<U\+009B>31m.*\n$/);
});
