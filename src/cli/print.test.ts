import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { HOSTILE } from "../../test-support/client/hostile-server.ts";
import type { EncryptedEvent } from "../client/encrypted/index.ts";
import { Output } from "./output.ts";
import { printer } from "./print.ts";

/** What is printed for an event: on standard output and standard error. */
async function print(
  event: EncryptedEvent,
  asJson: boolean,
  isTTY: boolean,
  isErrorsTTY = isTTY,
): Promise<[string, string]> {
  const { signal } = new AbortController();
  const streams = [isTTY, isErrorsTTY].map((each) => Object.assign(new PassThrough(), { isTTY: each }));
  const [output, errors] = streams.map((stream) => new Output(stream, { NO_COLOR: "1" }, signal));
  if (output === undefined || errors === undefined) throw new Error("two were made");
  const session = { version: "0", environment: {}, input: new PassThrough(), output, errors, signal };
  await printer(asJson, { ...session, terminal: () => {}, stopOn: () => {} })(event);
  const [out = "", err = ""] = streams.map((stream) => String(stream.read() ?? ""));
  return [out, err];
}

const MESSAGE = { id: "1", stream: "~x", own: false, created: "1", cursor: "1", time: new Date() };

function message(text: string, name: string | undefined, isNew: boolean): EncryptedEvent {
  const sender = { id: "k3v9x2mq", isNew };
  return { type: "message", message: { ...MESSAGE, text, sender, ...(name !== undefined && { name }) } };
}

test("a terminal shows who sent a message, and senders that are new", async () => {
  const [named] = await print(message("hello", "Ann", false), false, true);
  expect(named).toMatch(/^[0-9:]{8} Ann \(k3v9x2mq\): hello\n$/);
  const [out, err] = await print(message("hello", undefined, true), false, true);
  expect(out).toMatch(/^[0-9:]{8} \(k3v9x2mq\): hello\n$/);
  expect(err).toBe("new sender: (k3v9x2mq)\n");
});

test("a pipeline gets the texts alone", async () => {
  expect(await print(message("hello", "Ann", true), false, false)).toEqual(["hello\n", ""]);
});

test("who is listening is shown on a terminal only, not beside a pipeline", async () => {
  const presence: EncryptedEvent = { type: "presence", created: "1", observers: 1, people: [], more: 0 };
  expect(await print(presence, false, true)).toEqual(["", "1 listening\n"]);
  expect(await print(presence, false, false, true)).toEqual(["", ""]);
  const ended: EncryptedEvent = { type: "ended", reason: "idle" };
  expect(await print(ended, false, false, true)).toEqual(["", `── stream expired ${"─".repeat(62)}\n`]);
  expect(await print(ended, false, false, false)).toEqual(["", ""]);
});

test("warnings are on standard error, or records", async () => {
  const missing = {
    type: "warning",
    code: "missing",
    text: "Messages are missing, and the server does not say so",
    sender: "k3v9x2mq",
    count: 3,
  } as const;
  const line =
    "warning: messages are missing, and the server does not say so (3 messages, sender k3v9x2mq)\n";
  for (const isTTY of [true, false]) expect(await print(missing, false, isTTY)).toEqual(["", line]);
  const [out, err] = await print(missing, true, false);
  expect([JSON.parse(out), err]).toEqual([missing, ""]);
  const altered = { type: "warning", code: "altered", text: "Altered", count: 1 } as const;
  expect(await print(altered, false, false)).toEqual(["", "warning: altered\n"]);
});

test("nothing of it controls the terminal", async () => {
  const warning = { type: "warning", code: "altered", text: HOSTILE, sender: HOSTILE } as const;
  for (const event of [message(HOSTILE, HOSTILE, true), warning])
    for (const asJson of [true, false]) {
      const shown = (await print(event, asJson, true)).join("").replaceAll("\n", "");
      expect(/[\u0000-\u001f\u007f-\u009f]/.exec(shown)).toBeNull();
    }
});
