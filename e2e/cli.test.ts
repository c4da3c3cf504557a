// The commands as people and scripts use them: real processes, pipes, terminals and a real server.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ScriptedServer } from "../test-support/client/scripted-server.ts";
import { EventReader } from "../test-support/clients.ts";
import { malten, RunningCommand, TerminalCommand } from "../test-support/command.ts";
import { environment, expectNoProcessLeft, ServerProcess, SOURCE } from "../test-support/process.ts";
import type { WirePresence } from "../src/protocol/presence.ts";

let server: ServerProcess;
let url: string;

beforeAll(async () => {
  server = await ServerProcess.start();
  url = server.url.href.slice(0, -1);
});

afterAll(async () => {
  await server.stop();
  await expectNoProcessLeft();
});

/** The texts that the stream keeps, oldest first. */
async function textsOf(stream: string): Promise<string[]> {
  const answer = await fetch(`${url}/messages?stream=${stream}&limit=1024`);
  return ((await answer.json()) as { Text: string }[]).map(({ Text }) => Text);
}

/** Starts `malten tail` and waits until it is subscribed. */
async function startTail(stream: string, args: string[], gated = false): Promise<RunningCommand> {
  await using watcher = await EventReader.open(url, stream);
  await watcher.nextEvent("connect");
  const command = new RunningCommand(["tail", stream, ...args], { server: url }, gated);
  await watcher.nextEvent("connect");
  return command;
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

describe("send", () => {
  const send = (args: string[], input?: string | Uint8Array<ArrayBuffer>) =>
    malten(["send", ...args], { server: url, ...(input !== undefined && { input }) });

  test("sends its arguments as one message", async () => {
    expect(await send(["words", "hello", "my  world"])).toEqual({ out: "", err: "", code: 0 });
    expect(await send(["words", "--", "--not", "an option"])).toMatchObject({ err: "", code: 0 });
    expect(await textsOf("words")).toEqual(["hello my  world", "--not an option"]);
  });

  test("sends each line and counts blank ones", async () => {
    const { err, code } = await send(["lines"], "one\r\n\n  two\n\t \nthree 😀");
    expect([err, code]).toEqual(["skipped 2 blank lines\n", 0]);
    expect(await textsOf("lines")).toEqual(["one", "  two", "three 😀"]);
  });

  test("sends a line as soon as it is read", async () => {
    await using watcher = await EventReader.open(url, "typed");
    await using command = new RunningCommand(["send", "typed"], { server: url });
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
    const control = await send(["bad"], "fine\n\u001b[31mred\n");
    expect(control.code).toBe(1);
    expect(control.err).toContain("error: line 2: text contains a control character");
    expect(await textsOf("bad")).toEqual(["a", "fine"]);
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
    await using watcher = await EventReader.open(url, "silent");
    await using command = new RunningCommand(["send", "silent"], { server: url });
    command.type("one\n");
    expect(await watcher.texts(1)).toEqual(["one"]);
    expect(await command.stop("SIGINT")).toBe(130);
  });

  test("sends lines typed on a terminal", async () => {
    await using command = new TerminalCommand(["send", "keys"], { server: url });
    await using watcher = await EventReader.open(url, "keys");
    command.type("by hand\n");
    expect(await watcher.texts(1)).toEqual(["by hand"]);
    command.type("\u0004");
    expect(await command.exited).toBe(0);
  });
});

describe("tail", () => {
  test("prints history and new messages", async () => {
    await malten(["send", "both"], { server: url, input: "one\ntwo\n" });
    await using tail = new RunningCommand(["tail", "both", "--since", "earliest"], { server: url });
    expect(await tail.lines(2)).toEqual(["one", "two"]);
    await malten(["send", "both", "three\nfour"], { server: url });
    expect(await tail.lines(2)).toEqual(["three", "four"]);
    expect(await tail.stop("SIGINT")).toBe(130);
    expect(await tail.errorLine()).toBe("(the end)");
  });

  test("--json prints a record per line, also for events", async () => {
    await using tail = new RunningCommand(
      ["tail", "records", "--json", "--name", "Ann", "--status", "away"],
      {
        server: url,
      },
    );
    const parse = async () => JSON.parse(await tail.line()) as Record<string, unknown>;
    expect(await parse()).toMatchObject({ type: "presence", observers: 1 });
    const presence = (await (await fetch(`${url}/presence?stream=records`)).json()) as WirePresence;
    expect(presence.People).toEqual([{ Name: "Ann", Status: "away" }]);
    await malten(["send", "records", "hello"], { server: url });
    let record = await parse();
    while (record["type"] !== "message") record = await parse();
    for (const key of ["type", "id", "text", "created", "cursor", "own", "time", "stream"])
      expect(record).toHaveProperty(key);
    expect(record).toMatchObject({ text: "hello", stream: "records" });
  });

  test("--since starts at a cursor or a duration ago, and reports missing messages", async () => {
    await malten(["send", "since"], { server: url, input: numbers(1, 3).join("\n") });
    const [, second] = (await (await fetch(`${url}/messages?stream=since`)).json()) as { Created: string }[];
    await using after = new RunningCommand(["tail", "since", "--since", second?.Created ?? ""], {
      server: url,
    });
    expect(await after.line()).toBe("3");
    const { server: id } = (await (await fetch(`${url}/limits`)).json()) as { server: string };
    const cursor = `${second?.Created}-${id}`;
    await using full = new RunningCommand(["tail", "since", "--since", cursor], { server: url });
    expect(await full.line()).toBe("3");
    await using recent = new RunningCommand(["tail", "since", "--since", "1h"], { server: url });
    expect(await recent.lines(3)).toEqual(["1", "2", "3"]);
    expect(await recent.errorLine()).toMatch(/^warning: some messages between .* and .* may be missing$/);
  });

  test("100,000 lines arrive in order", async () => {
    await using tail = await startTail("many", []);
    const lines = numbers(1, 100_000);
    const [sent, seen] = await Promise.all([
      malten(["send", "many"], { server: url, input: lines.join("\n") }),
      tail.lines(lines.length),
    ]);
    expect(sent).toEqual({ out: "", err: "", code: 0 });
    // toEqual would print them all.
    expect(seen.findIndex((line, i) => line !== lines[i])).toBe(-1);
  }, 60_000);

  test("read slowly, it loses no message that the stream keeps, and reports the gap", async () => {
    const count = 100_000;
    await using tail = await startTail("slow", ["--json"], true);
    // Unread, the pipe fills up, then the queue of the client, which then stops listening.
    await malten(["send", "slow"], { server: url, input: numbers(1, count).join("\n") });
    tail.type("go\n");
    let last = 0;
    let missing = 0;
    let gaps = 0;
    let gap = false;
    while (last < count) {
      const { type, text } = JSON.parse(await tail.line()) as { type: string; text?: string };
      if (type === "gap") {
        gap = true;
        gaps++;
      }
      if (type !== "message") continue;
      const number = Number(text);
      if (!gap) expect(number).toBe(last + 1);
      missing += number - last - 1;
      gap = false;
      last = number;
    }
    expect(gaps).toBeGreaterThan(0);
    expect(missing).toBeGreaterThan(0);
    expect(missing).toBeLessThan(count - 1024);
  }, 60_000);

  test("reconnects after the server was killed and restarted, and warns of missing messages", async () => {
    await using first = await ServerProcess.start();
    const there = { server: first.url };
    await using tail = new RunningCommand(["tail", "again", "--since", "earliest"], there);
    await malten(["send", "again", "before"], there);
    expect(await tail.line()).toBe("before");
    first.signal("SIGKILL");
    await first.stop();
    await using _ = await ServerProcess.start({ args: ["--port", String(first.port), "--rate-limit", "0"] });
    await malten(["send", "again", "after"], there);
    expect(await tail.line()).toBe("after");
    expect(await tail.errorLine()).toMatch(/^warning: some messages .* may be missing$/);
  }, 60_000);

  test("exits with 0 when the reader of its output exits", async () => {
    // More than a pipe holds.
    const lines = numbers(1, 200).map((number) => number.padStart(1000, "0"));
    await malten(["send", "head"], { server: url, input: lines.join("\n") });
    const script = `"$@" | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const tail = [...SOURCE, "tail", "head", "--since", "earliest", "--server", url];
    const { stdout, stderr } = Bun.spawn(["bash", "-c", script, "bash", ...tail], {
      env: environment(),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([stdout.text(), stderr.text()]);
    expect([out, err]).toEqual([`${lines[0]}\n0\n`, ""]);
  });

  test("on a terminal shows times, aligned lines and presence", async () => {
    await using tail = new TerminalCommand(["tail", "screen"], { server: url });
    await tail.until('stream "screen" expired or never existed; waiting for new messages');
    await tail.until("1 listening");
    await malten(["send", "screen", "one\ntwo"], { server: url });
    expect(await tail.until("two")).toMatch(
      /\d\d:\d\d:\d\d\u001b\[0m \u2068one\u2069\r\n {9}\u2068two\u2069/,
    );
    tail.type("\u0003");
    expect(await tail.exited).toBe(130);
  });

  test("on a terminal reports when the connection is lost and restored", async () => {
    await using first = await ServerProcess.start();
    await using tail = new TerminalCommand(["tail", "lost"], { server: first.url });
    await tail.until("1 listening");
    first.signal("SIGKILL");
    await first.stop();
    await tail.until("connection lost, reconnecting…");
    await using _ = await ServerProcess.start({ args: ["--port", String(first.port), "--rate-limit", "0"] });
    await tail.until("reconnected");
  }, 30_000);

  test("NO_COLOR turns colours off", async () => {
    await using tail = new TerminalCommand(["tail", "plain"], { server: url, variables: { NO_COLOR: "1" } });
    await malten(["send", "plain", "hello"], { server: url });
    await tail.until("listening");
    await malten(["send", "plain", "again"], { server: url });
    expect(await tail.until("again")).not.toContain("\u001b");
  });

  test("a hostile server cannot control the terminal", async () => {
    const HOSTILE = "\u001b]0;owned\u0007\u009b2J\u202eabc";
    const event = {
      Id: "1-x",
      Type: "event",
      Created: "1795369196566001000",
      Stream: "foo",
      Metadata: null,
    };
    using hostile = Bun.serve({
      port: 0,
      fetch(request, its) {
        if (new URL(request.url).pathname === "/limits") return Response.json({ server: "x" });
        const headers = { "Malten-Server": "x" };
        return its.upgrade(request, { data: undefined }) ? undefined : Response.json([], { headers });
      },
      websocket: {
        open: (socket) => void socket.send(JSON.stringify({ Type: "welcome", Server: "x" })),
        message(socket, data) {
          const { Ref } = JSON.parse(String(data)) as { Ref: number };
          socket.send(JSON.stringify({ Type: "ack", Ref, Created: "1" }));
          const welcome = { Server: "x", Cursor: "1-x", TTL: 1024e9 };
          socket.send(JSON.stringify({ ...event, Text: "welcome", ...welcome }));
          socket.send(JSON.stringify({ ...event, Text: HOSTILE, Type: "message" }));
        },
      },
    });
    for (const args of [
      ["tail", "foo"],
      ["tail", "foo", "--json"],
    ]) {
      await using tail = new TerminalCommand(args, { server: hostile.url, variables: { NO_COLOR: "1" } });
      const shown = await tail.until("abc");
      expect(/[\u0007\u001b\u0080-\u009f]/.test(shown)).toBe(false);
    }
  });
});

describe("streams", () => {
  test("prints a line per stream, filtered by prefix", async () => {
    await malten(["send", "list.a", "x"], { server: url });
    await malten(["send", "list.b", "x"], { server: url });
    const { out, code } = await malten(["streams", "list."], { server: url });
    expect(code).toBe(0);
    expect(out).toMatch(/^list\.b\t0\t\d{4}-.*Z\t1024\nlist\.a\t0\t\d{4}-.*Z\t1024\n$/);
    const records = (await malten(["streams", "list.a", "--json"], { server: url })).out;
    expect(JSON.parse(records)).toMatchObject({ name: "list.a", observers: 0, ttl: 1024 });
  });

  test("on a terminal prints all of them, even if they do not fit the screen", async () => {
    for (const number of numbers(10, 40))
      await fetch(`${url}/messages?stream=tall.${number}&text=x`, { method: "POST" });
    await using list = new TerminalCommand(["streams", "tall."], { server: url });
    await list.until("tall.10");
    expect(await list.exited).toBe(0);
  }, 20_000);

  test("--watch prints changes", async () => {
    const { owner } = await created(["--name", "watch.a"]);
    await using watch = new RunningCommand(["streams", "watch.", "--watch"], { server: url });
    expect(await watch.line()).toStartWith("watch.a\t0\t");
    await malten(["send", "watch.b", "x"], { server: url });
    expect(await watch.line()).toStartWith("watch.b\t0\t");
    await malten(["end", "watch.a"], { server: url, variables: { MALTEN_OWNER: owner } });
    expect(await watch.line()).toBe("watch.a");
    expect(await watch.stop("SIGTERM")).toBe(143);
  }, 20_000);

  test("--watch redraws a terminal in place", async () => {
    await malten(["send", "redraw.a", "x"], { server: url });
    await using watch = new TerminalCommand(["streams", "redraw.", "-w"], { server: url });
    await watch.until("redraw.a");
    await malten(["send", "redraw.b", "x"], { server: url });
    expect(await watch.until("redraw.b")).toContain("\u001b[2A\u001b[J");
  }, 20_000);
});

/** Creates a stream. */
async function created(
  args: string[],
): Promise<{ link: string; name: string; private: boolean; ttl: number; owner: string }> {
  const { out } = await malten(["new", "--json", ...args], { server: url });
  return JSON.parse(out) as Awaited<ReturnType<typeof created>>;
}

describe("new and end", () => {
  test("new prints a link and a line with the owner token", async () => {
    const { out, err, code } = await malten(["new", "--name", "mine", "--ttl", "2h"], { server: url });
    expect([err, code]).toEqual(["", 0]);
    expect(out).toMatch(new RegExp(`^${url}/#mine\nMALTEN_OWNER=[a-z0-9]{26}\n$`));
    expect(await malten(["new", "--name", "mine"], { server: url })).toEqual({
      out: "",
      err: 'error: stream "mine" already exists\n',
      code: 1,
    });
  });

  test("the link does not contain the password of --server", async () => {
    const { link } = await created(["--server", url.replace("://", "://ada:secret@")]);
    expect(link).toStartWith(`${url}/#`);
  });

  test("--private, --ttl and --qr", async () => {
    const { name, ...rest } = await created(["--private", "--ttl", "15m"]);
    expect(name).toHaveLength(26);
    expect(rest).toMatchObject({ private: true, ttl: 900, link: `${url}/#${name}` });
    expect((await malten(["new", "--qr"], { server: url })).out).toContain("█▀▀▀▀▀▀▀█");
  });

  test("end reads the owner token from the environment or standard input, and rejects a wrong one", async () => {
    const one = await created([]);
    const two = await created([]);
    const wrong = await malten(["end", one.name], { server: url, input: `${two.owner}\n` });
    expect(wrong).toEqual({ out: "", err: `error: invalid owner token for "${one.name}"\n`, code: 1 });
    expect(await malten(["end", one.name], { server: url, input: `MALTEN_OWNER=${one.owner}\n` })).toEqual({
      out: "",
      err: "",
      code: 0,
    });
    const variables = { MALTEN_OWNER: two.owner };
    expect((await malten(["end", two.name], { server: url, variables })).code).toBe(0);
    const gone = await malten(["end", two.name], { server: url, variables });
    expect([gone.code, gone.err]).toEqual([
      1,
      `error: stream "${two.name}" not found: it expired, never existed, or is private and the owner token is wrong\n`,
    ]);
    for (const MALTEN_OWNER of ["", "two\nlines", "tökens"]) {
      const { err, code } = await malten(["end", two.name], { server: url, variables: { MALTEN_OWNER } });
      expect(code).toBe(1);
      expect(err).toBe("error: owner token required: set MALTEN_OWNER or pipe it on stdin\n");
    }
  });
});

describe("errors", () => {
  test("an unreachable server: 69, with advice", async () => {
    const gone = await ServerProcess.start();
    await gone.stop();
    const address = gone.url.origin;
    for (const args of [["send", "foo", "x"], ["tail", "foo"], ["streams"], ["new"]]) {
      expect(await malten(args, { server: gone.url })).toEqual({
        out: "",
        err: `error: cannot reach ${address} (connection refused). Is the server running? Start it with: malten\n`,
        code: 69,
      });
    }
  });

  test("a host that does not exist: 69", async () => {
    // RFC 6761: never resolves.
    const { err, code } = await malten(["streams"], { server: "http://malten.invalid" });
    expect(err).toStartWith("error: cannot reach http://malten.invalid (host not found).");
    expect(code).toBe(69);
  });

  test("another kind of server: 69", async () => {
    using other = Bun.serve({ port: 0, fetch: () => new Response("<p>hello") });
    const { err, code } = await malten(["streams"], { server: other.url });
    expect([err, code]).toEqual([`error: ${other.url.origin} is not a Malten server\n`, 69]);
  });

  for (const [line, reason] of [
    ["send broken < /", "EISDIR"],
    ["streams > /dev/full", "ENOSPC"],
  ] as const) {
    test.if(process.platform === "linux")(`malten ${line}: 1, and the reason`, async () => {
      await malten(["send", "broken", "x"], { server: url });
      const child = Bun.spawn(["bash", "-c", `"$@" ${line}`, "bash", ...SOURCE], {
        env: { ...environment(), MALTEN_SERVER: url },
        stderr: "pipe",
      });
      const [err, code] = await Promise.all([child.stderr.text(), child.exited]);
      expect(code).toBe(1);
      expect(err).toMatch(new RegExp(`^(sent 0 messages\\n)?error: ${reason}: .+\\n$`));
    });
  }

  const wrong: Record<string, string> = {
    send: "missing STREAM\nUsage: malten send STREAM [TEXT…] [OPTIONS]",
    sedn: 'unknown command "sedn". Did you mean "send"?',
    "help tial": 'unknown command "tial". Did you mean "tail"?',
    "tail foo --jsn": 'unknown option "--jsn". Did you mean "--json"?',
    "tail a/b": 'invalid stream name "a/b": use 1 to 64 characters of A-Z a-z 0-9 . _ ~ -',
    "tail foo --since yesterday": 'invalid --since "yesterday": use earliest, a cursor or a duration like 5m',
    "tail foo --since 1795363701902393000-": 'invalid --since "1795363701902393000-": use ',
    "tail foo --name=": 'invalid --name "": use one line of 1 to 32 characters',
    "tail foo --status asleep": 'invalid --status "asleep": use typing, online or away',
    "tail foo --status away": "--status requires --name",
    "tail foo --since --json": "--since requires a value (for one that begins with a dash: --since=--json)",
    "tail foo bar": 'unexpected argument "bar"\nUsage: malten tail STREAM [OPTIONS]',
    "streams a/b": 'invalid PREFIX "a/b": use the beginning of a stream name',
    "completion tcsh": 'invalid SHELL "tcsh": use bash, zsh or fish',
    "new --ttl 8d": 'invalid --ttl "8d": use a duration from 1s to 7d, like 90, 15m or 2h',
    "streams --server ftp://x": 'invalid --server "ftp://x": use an address like http://localhost:9090',
  };
  for (const [line, words] of Object.entries(wrong)) {
    test(`malten ${line}: 2`, async () => {
      const { out, err, code } = await malten(line.split(" "));
      expect([out, code]).toEqual(["", 2]);
      expect(err).toStartWith(`error: ${words}`);
      expect(err.endsWith("\n")).toBe(true);
    });
  }
});

test("the help of every client command fits a screen", async () => {
  for (const command of ["serve", "send", "tail", "streams", "new", "end", "completion", "help"]) {
    const { out, code } = await malten([command, "--help"]);
    expect(code).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toStartWith(`Usage: malten ${command}`);
    // The server has more options than a terminal has lines.
    if (command !== "serve") expect(lines.length).toBeLessThanOrEqual(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  }
});
