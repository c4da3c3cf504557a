// `malten send` as people and scripts use it: arguments, pipes, terminals, and servers that refuse or are gone.
import { describe, expect, test } from "bun:test";
import { ScriptedServer } from "../../test-support/client/scripted-server.ts";
import { EventReader } from "../../test-support/clients.ts";
import { malten, RunningCommand, TerminalCommand } from "../../test-support/command.ts";
import type { WireMessage } from "../../src/protocol/message.ts";
import { ServerProcess } from "../../test-support/process.ts";
import { sharedServer } from "../../test-support/shared-server.ts";

const server = sharedServer();
const url = (): string => server().url.origin;

/** The texts that the stream keeps, oldest first. */
async function textsOf(stream: string): Promise<string[]> {
  const answer = await fetch(`${url()}/messages?stream=${stream}&limit=1024`);
  return ((await answer.json()) as { Text: string }[]).map(({ Text }) => Text);
}

describe("send", () => {
  const send = (args: string[], input?: string | Uint8Array<ArrayBuffer>) =>
    malten(["send", ...args], { server: url(), ...(input !== undefined && { input }) });

  test("sends its arguments as one message", async () => {
    expect(await send(["words", "hello", "my  world"])).toEqual({ out: "", err: "", code: 0 });
    expect(await send(["words", "--", "--not", "an option"])).toMatchObject({ err: "", code: 0 });
    expect(await textsOf("words")).toEqual(["hello my  world", "--not an option"]);
  });

  test("sends a name with each message, from --name or MALTEN_NAME", async () => {
    const sent = async (stream: string) => {
      const answer = await fetch(`${url()}/messages?stream=${stream}`);
      return ((await answer.json()) as WireMessage[]).map(({ Text, Name }) => [Text, Name]);
    };
    expect(await send(["named", "--name", " Ada ", "hello"])).toMatchObject({ err: "", code: 0 });
    const variables = { MALTEN_NAME: "Bob" };
    await malten(["send", "named"], { server: url(), input: "one\ntwo\n", variables });
    await malten(["send", "named", "--name", "Ada", "last"], { server: url(), variables });
    expect(await sent("named")).toEqual([
      ["hello", "Ada"],
      ["one", "Bob"],
      ["two", "Bob"],
      ["last", "Ada"],
    ]);
    expect(await send(["named", "--name", "x".repeat(33), "hello"])).toMatchObject({
      err: expect.stringContaining("one line of 1 to 32 characters") as string,
      code: 2,
    });
  });

  test("sends each line and counts blank ones", async () => {
    const { err, code } = await send(["lines"], "one\r\n\n  two\n\t \nthree 😀");
    expect([err, code]).toEqual(["skipped 2 blank lines\n", 0]);
    expect(await textsOf("lines")).toEqual(["one", "  two", "three 😀"]);
  });

  test("sends a line as soon as it is read", async () => {
    await using watcher = await EventReader.open(url(), "typed");
    await using command = new RunningCommand(["send", "typed"], { server: url() });
    command.type("first\n");
    expect(await watcher.texts(1)).toEqual(["first"]);
    command.type("second\nthi");
    expect(await watcher.texts(1)).toEqual(["second"]);
    await command.child.stdin.end();
    expect(await watcher.texts(1)).toEqual(["thi"]);
    expect(await command.child.exited).toBe(0);
  });

  test("stops at a line that is too long, after sending the lines before it", async () => {
    const { err, code } = await send(["long"], `a\nb\n${"x".repeat(1025)}\nc\n`);
    expect(code).toBe(1);
    expect(err).toBe(
      "sent 2 messages\nerror: line 3: text is longer than 1024 characters. Use --split to send it as several messages\n",
    );
    expect(await textsOf("long")).toEqual(["a", "b"]);
  });

  test("--split sends it as several messages", async () => {
    const line = "word ".repeat(500).trimEnd();
    expect(await send(["split", "--split"], `${line}\nend\n`)).toEqual({ out: "", err: "", code: 0 });
    const texts = await textsOf("split");
    expect(texts).toHaveLength(4);
    expect(texts.slice(0, -1).join("")).toBe(line);
    expect(await send(["split", "--split", line])).toMatchObject({ code: 0 });
    expect(await textsOf("split")).toEqual([...texts, ...texts.slice(0, -1)]);
    expect(await send(["split", line])).toEqual({
      out: "",
      err: "error: text is longer than 1024 characters. Use --split to send it as several messages\n",
      code: 1,
    });
  });

  test("stops at invalid text", async () => {
    const invalid = await send(["bad"], Uint8Array.of(0x61, 0x0a, 0xff, 0x0a));
    expect([invalid.code, invalid.err]).toEqual([1, "sent 1 message\nerror: line 2: not valid UTF-8\n"]);
    const control = await send(["bad"], "fine\n\u009b31mred\n");
    expect(control.code).toBe(1);
    expect(control.err).toContain("error: line 2: text contains a control character");
    expect(await textsOf("bad")).toEqual(["a", "fine"]);
  });

  test("sends control characters as symbols, so that the colours of programs can be seen", async () => {
    expect(await send(["colours"], "\u001b[32mok\u001b[0m\n10%\r20%\r\n")).toEqual({
      out: "",
      err: "",
      code: 0,
    });
    expect(await send(["colours", "\u001b[31mred"])).toEqual({ out: "", err: "", code: 0 });
    expect(await textsOf("colours")).toEqual(["␛[32mok␛[0m", "10%␍20%", "␛[31mred"]);
  });

  test("stops when the server rejects a message, while the input is open", async () => {
    await using strict = new ScriptedServer({
      frame({ Type, Ref, Text }, reply) {
        if (Type === "message" && Text === "b")
          reply({ Type: "error", Ref, Code: "bad_request", Text: "No" });
        return Text === "b";
      },
    });
    await using command = new RunningCommand(["send", "foo"], { server: strict.url });
    command.type("a\nb\n");
    expect(await command.child.exited).toBe(1);
    expect(await command.errorLine()).toBe("sent 1 message, 1 more not confirmed");
    expect(await command.errorLine()).toBe("error: line 2: no");
  });

  test("waits as long as the server asks, says so once, and sends the lines in order", async () => {
    let refused = 0;
    await using slow = new ScriptedServer({
      http: ({ url: there }) =>
        there.endsWith("/limits?") ? Response.json({ server: "me", rateLimit: 10, byteRate: 1024 }) : null,
      frame({ Type, Ref, Text = "" }, reply) {
        if (Type !== "message" || refused > 2 || Number(Text) < 2) return false;
        refused++;
        reply({ Type: "error", Ref, Code: "rate_limited", Text: "Too fast", RetryAfter: 1 });
        return true;
      },
    });
    const { out, err, code } = await malten(["send", "foo"], { server: slow.url, input: "1\n2\n3\n4\n" });
    expect([out, code]).toEqual(["", 0]);
    expect(err).toBe("sending is limited by the server: 10 messages a second; sending continues by itself\n");
    const texts = slow.frames.filter(({ Type }) => Type === "message").map(({ Text }) => Text);
    expect(texts).toEqual(["1", "2", "3", "4", "2", "3", "4"]);
  });

  test("stopped by Ctrl-C, says how many messages are not confirmed; a server that is too busy: 75", async () => {
    const read = Promise.withResolvers<void>();
    await using silent = new ScriptedServer({
      frame({ Type, Text }) {
        if (Text === "2") read.resolve();
        return Type === "message";
      },
      http: ({ method }) =>
        method === "POST"
          ? Response.json(
              { code: "rate_limited", detail: "Too many streams" },
              { status: 429, headers: { "retry-after": "7" } },
            )
          : null,
    });
    await using command = new RunningCommand(["send", "foo"], { server: silent.url });
    command.type("1\n2\n");
    await read.promise;
    expect(await command.stop("SIGINT")).toBe(130);
    expect(await command.errorLine()).toBe("sent 0 messages, 2 more not confirmed");
    expect(await malten(["new"], { server: silent.url })).toEqual({
      out: "",
      err: "error: too many streams. Try again in 7 s\n",
      code: 75,
    });
  });

  test("waits while the memory of the server is full, and says so once", async () => {
    await using small = await ServerProcess.start({
      args: ["--port", "0", "--max-memory", "1m", "--rate-limit", "0"],
    });
    await using command = new RunningCommand(["send", "foo"], { server: small.url });
    const owners = new Map<string, string>();
    const full = async (stream: string) => {
      const there = new URL(`/messages?stream=${stream}`, small.url);
      const body = () => new URLSearchParams({ text: "x".repeat(1000) });
      for (let i = 0; i < 100; i++)
        if ((await fetch(there, { method: "POST", body: body() })).status === 503) return true;
      return false;
    };
    for (;;) {
      const answer = await fetch(new URL("/streams", small.url), { method: "POST" });
      if (!answer.ok) break;
      const { stream, owner } = (await answer.json()) as { stream: string; owner: string };
      owners.set(stream, owner);
      if (await full(stream)) break;
    }
    command.type(`${"y".repeat(1000)}\n`.repeat(60));
    expect(await command.errorLine()).toBe("the server's memory is full; sending continues by itself");
    for (const [stream, owner] of owners) {
      const there = new URL(`/streams?stream=${stream}`, small.url);
      await fetch(there, { method: "DELETE", headers: { authorization: `Bearer ${owner}` } });
    }
    await command.child.stdin.end();
    expect(await command.child.exited).toBe(0);
    expect(await command.errorLine()).toBe("(the end)");
    const kept = await fetch(new URL("/messages?stream=foo&limit=1024", small.url));
    expect((await kept.json()) as object[]).toHaveLength(60);
  }, 60_000);

  test("resumes after a restart of the server", async () => {
    await using first = await ServerProcess.start();
    await using command = new RunningCommand(["send", "away"], { server: first.url });
    {
      await using watcher = await EventReader.open(first.url.origin, "away");
      command.type("before\n");
      expect(await watcher.texts(1)).toEqual(["before"]);
    }
    first.signal("SIGKILL");
    await first.stop();
    await using second = await ServerProcess.start({
      args: ["--port", String(first.port), "--rate-limit", "0"],
    });
    await using watcher = await EventReader.open(second.url.origin, "away");
    command.type("after\n");
    expect(await watcher.texts(1)).toEqual(["after"]);
    await command.child.stdin.end();
    expect(await command.child.exited).toBe(0);
  }, 30_000);

  test("stops immediately on SIGINT, while the input is idle", async () => {
    await using watcher = await EventReader.open(url(), "silent");
    await using command = new RunningCommand(["send", "silent"], { server: url() });
    command.type("one\n");
    expect(await watcher.texts(1)).toEqual(["one"]);
    expect(await command.stop("SIGINT")).toBe(130);
  });

  test("sends lines typed on a terminal", async () => {
    await using command = new TerminalCommand(["send", "keys"], { server: url() });
    await using watcher = await EventReader.open(url(), "keys");
    // Otherwise it would wait without a word.
    await command.until("type messages, one per line; Ctrl-D ends");
    command.type("by hand\n");
    expect(await watcher.texts(1)).toEqual(["by hand"]);
    command.type("\u0004");
    expect(await command.exited).toBe(0);
  });
});
