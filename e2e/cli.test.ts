// The commands as people and scripts use them: real processes, pipes and terminals, and a real server.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { EventReader } from "../test-support/clients.ts";
import { malten, RunningCommand, TerminalCommand } from "../test-support/command.ts";
import { ServerProcess, SOURCE } from "../test-support/process.ts";
import type { WirePresence } from "../src/protocol/presence.ts";

let server: ServerProcess;
let url: string;

beforeAll(async () => {
  server = await ServerProcess.start();
  url = server.url.href.slice(0, -1);
});

afterAll(async () => {
  await server.stop();
});

/** What the stream keeps, oldest first. */
async function kept(stream: string): Promise<string[]> {
  const answer = await fetch(`${url}/messages?stream=${stream}&limit=1024`);
  return ((await answer.json()) as { Text: string }[]).map(({ Text }) => Text);
}

/** Starts a command that listens to the stream, and waits until it does. */
async function listening(stream: string, args: string[], gated = false): Promise<RunningCommand> {
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

  test("sends its words as one message", async () => {
    expect(await send(["words", "hello", "my  world"])).toEqual({ out: "", err: "", code: 0 });
    expect(await send(["words", "--", "--not", "an option"])).toMatchObject({ err: "", code: 0 });
    expect(await kept("words")).toEqual(["hello my  world", "--not an option"]);
  });

  test("sends each line, and says how many were blank", async () => {
    const { err, code } = await send(["lines"], "one\r\n\n  two\n\t \nthree 😀");
    expect([err, code]).toEqual(["malten: 2 blank lines were skipped\n", 0]);
    expect(await kept("lines")).toEqual(["one", "  two", "three 😀"]);
  });

  test("sends a line as soon as it comes", async () => {
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

  test("stops at a line that is too long, by its number; what stands before it is sent", async () => {
    const { err, code } = await send(["long"], `a\nb\n${"x".repeat(1025)}\nc\n`);
    expect(code).toBe(1);
    expect(err).toContain("malten: Line 3 is longer than 1024 characters.");
    expect(err).toContain("malten: 2 messages were sent");
    expect(await kept("long")).toEqual(["a", "b"]);
  });

  test("--split makes several messages of it", async () => {
    const line = "word ".repeat(500).trimEnd();
    expect(await send(["split", "--split"], `${line}\nend\n`)).toEqual({ out: "", err: "", code: 0 });
    const texts = await kept("split");
    expect(texts).toHaveLength(4);
    expect(texts.slice(0, -1).join("")).toBe(line);
    expect(await send(["split", "--split", line])).toMatchObject({ code: 0 });
    expect(await kept("split")).toEqual([...texts, ...texts.slice(0, -1)]);
    expect((await send(["split", line])).code).toBe(1);
  });

  test("stops at what is no text", async () => {
    const invalid = await send(["bad"], Uint8Array.of(0x61, 0x0a, 0xff, 0x0a));
    expect([invalid.code, invalid.err]).toEqual([
      1,
      "malten: 1 message was sent\nmalten: Line 2 is not valid UTF-8\n",
    ]);
    const control = await send(["bad"], "fine\n\u001b[31mred\n");
    expect(control.code).toBe(1);
    expect(control.err).toContain("malten: Line 2: ");
    expect(await kept("bad")).toEqual(["a", "fine"]);
  });

  test("stops where the server refuses, though the input goes on", async () => {
    await using full = await ServerProcess.start({
      args: ["--port", "0", "--max-memory", "1m", "--rate-limit", "0"],
    });
    await using command = new RunningCommand(["send", "foo"], { server: full.url });
    const streams = Array.from({ length: 40 }, (_, i) => `s${i}`);
    for (const stream of streams)
      await malten(["send", stream, "--split"], { server: full.url, input: "x".repeat(60_000) });
    command.type(`${"y".repeat(1000)}\n`.repeat(60));
    expect(await command.child.exited).toBe(1);
    expect(await command.complaint()).toMatch(/^malten: [0-9]+ messages? w/);
    expect(await command.complaint()).toMatch(/^malten: Line [0-9]+: .*memory/);
  }, 60_000);

  test("goes on when the server was away", async () => {
    const first = await ServerProcess.start();
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

  test("stops at once when it is told to, though the input is silent", async () => {
    await using watcher = await EventReader.open(url, "silent");
    await using command = new RunningCommand(["send", "silent"], { server: url });
    command.type("one\n");
    expect(await watcher.texts(1)).toEqual(["one"]);
    expect(await command.stop("SIGINT")).toBe(130);
  });

  test("on a terminal sends what is typed", async () => {
    await using command = new TerminalCommand(["send", "keys"], { server: url });
    await using watcher = await EventReader.open(url, "keys");
    command.type("by hand\n");
    expect(await watcher.texts(1)).toEqual(["by hand"]);
    command.type("\u0004");
    expect(await command.exited).toBe(0);
  });
});

describe("tail", () => {
  test("prints what is kept, and what comes", async () => {
    await malten(["send", "both"], { server: url, input: "one\ntwo\n" });
    await using tail = new RunningCommand(["tail", "both", "--since", "earliest"], { server: url });
    expect(await tail.lines(2)).toEqual(["one", "two"]);
    await malten(["send", "both", "three\nfour"], { server: url });
    expect(await tail.lines(2)).toEqual(["three", "four"]);
    expect(await tail.stop("SIGINT")).toBe(130);
    expect(await tail.complaint()).toBe("(the end)");
  });

  test("--json is a record a line, for events too", async () => {
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
    expect(Object.keys(record)).toEqual(["type", "id", "text", "created", "time", "stream"]);
    expect(record).toMatchObject({ text: "hello", stream: "records" });
  });

  test("--since a cursor or a time ago begins there, and says what is missing", async () => {
    await malten(["send", "since"], { server: url, input: numbers(1, 3).join("\n") });
    const [, second] = (await (await fetch(`${url}/messages?stream=since`)).json()) as { Created: string }[];
    await using after = new RunningCommand(["tail", "since", "--since", second?.Created ?? ""], {
      server: url,
    });
    expect(await after.line()).toBe("3");
    await using recent = new RunningCommand(["tail", "since", "--since", "1h"], { server: url });
    expect(await recent.lines(3)).toEqual(["1", "2", "3"]);
    expect(await recent.complaint()).toMatch(/^malten: missed what came between .* and .*, if anything did$/);
  });

  test("100,000 lines arrive as they were sent", async () => {
    await using tail = await listening("many", []);
    const lines = numbers(1, 100_000);
    const [sent, seen] = await Promise.all([
      malten(["send", "many"], { server: url, input: lines.join("\n") }),
      tail.lines(lines.length),
    ]);
    expect(sent).toEqual({ out: "", err: "", code: 0 });
    // Not by toEqual, which would print them all.
    expect(seen.findIndex((line, i) => line !== lines[i])).toBe(-1);
  }, 60_000);

  test("read slowly, it loses none that the stream holds, and says what it missed", async () => {
    const count = 100_000;
    await using tail = await listening("slow", ["--json"], true);
    // Nobody reads: the pipe fills, then the queue of the client, which then stops to listen.
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

  test("goes on after the server was killed and started again, and says that something may be missing", async () => {
    const first = await ServerProcess.start();
    const there = { server: first.url };
    await using tail = new RunningCommand(["tail", "again", "--since", "earliest"], there);
    await malten(["send", "again", "before"], there);
    expect(await tail.line()).toBe("before");
    first.signal("SIGKILL");
    await first.stop();
    await using _ = await ServerProcess.start({ args: ["--port", String(first.port), "--rate-limit", "0"] });
    await malten(["send", "again", "after"], there);
    expect(await tail.line()).toBe("after");
    expect(await tail.complaint()).toMatch(/^malten: missed what came /);
  }, 60_000);

  test("ends quietly when nobody reads any more", async () => {
    // More than a pipe holds.
    const lines = numbers(1, 200).map((number) => number.padStart(1000, "0"));
    await malten(["send", "head"], { server: url, input: lines.join("\n") });
    const script = `"$@" | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const tail = [...SOURCE, "tail", "head", "--since", "earliest", "--server", url];
    const { stdout, stderr } = Bun.spawn(["bash", "-c", script, "bash", ...tail], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([stdout.text(), stderr.text()]);
    expect([out, err]).toEqual([`${lines[0]}\n0\n`, ""]);
  });

  test("on a terminal shows times, lines below each other, and who comes", async () => {
    await using tail = new TerminalCommand(["tail", "screen"], { server: url });
    await tail.until("Stream screen expired, never existed or is new");
    await tail.until("1 listening");
    await malten(["send", "screen", "one\ntwo"], { server: url });
    expect(await tail.until("two")).toMatch(
      /\d\d:\d\d:\d\d\u001b\[0m \u2068one\u2069\r\n {9}\u2068two\u2069/,
    );
    tail.type("\u0003");
    expect(await tail.exited).toBe(130);
  });

  test("NO_COLOR takes the colours away", async () => {
    await using tail = new TerminalCommand(["tail", "plain"], { server: url, variables: { NO_COLOR: "1" } });
    await malten(["send", "plain", "hello"], { server: url });
    await tail.until("listening");
    await malten(["send", "plain", "again"], { server: url });
    expect(await tail.until("again")).not.toContain("\u001b");
  });

  test("a hostile server does not steer the terminal", async () => {
    const message = {
      Id: "1-x",
      Text: "\u001b]0;owned\u0007\u009b2J\u202eabc",
      Type: "message",
      Created: "1795369196566001000",
    };
    using hostile = Bun.serve({
      port: 0,
      fetch(request, its) {
        if (new URL(request.url).pathname === "/limits") return Response.json({ server: "x" });
        return its.upgrade(request, { data: undefined }) ? undefined : Response.json([]);
      },
      websocket: {
        open: (socket) => void socket.send(JSON.stringify({ Type: "welcome", Server: "x" })),
        message(socket, data) {
          const { Ref } = JSON.parse(String(data)) as { Ref: number };
          socket.send(JSON.stringify({ Type: "ack", Ref, Created: "1" }));
          socket.send(JSON.stringify({ ...message, Stream: "foo", Metadata: null }));
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
  test("lists a line for each, by prefix", async () => {
    await malten(["send", "list.a", "x"], { server: url });
    await malten(["send", "list.b", "x"], { server: url });
    const { out, code } = await malten(["streams", "list."], { server: url });
    expect(code).toBe(0);
    expect(out).toMatch(/^list\.b\t0\t\d{4}-.*Z\t1024\nlist\.a\t0\t\d{4}-.*Z\t1024\n$/);
    const records = (await malten(["streams", "list.a", "--json"], { server: url })).out;
    expect(JSON.parse(records)).toMatchObject({ name: "list.a", observers: 0, ttl: 1024 });
  });

  test("on a terminal lists them all, also those that do not fit", async () => {
    for (const number of numbers(10, 40))
      await fetch(`${url}/messages?stream=tall.${number}&text=x`, { method: "POST" });
    await using list = new TerminalCommand(["streams", "tall."], { server: url });
    await list.until("tall.10");
    expect(await list.exited).toBe(0);
  }, 20_000);

  test("--watch prints what changes", async () => {
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

/** Makes a stream. */
async function created(
  args: string[],
): Promise<{ link: string; name: string; private: boolean; ttl: number; owner: string }> {
  const { out } = await malten(["new", "--json", ...args], { server: url });
  return JSON.parse(out) as Awaited<ReturnType<typeof created>>;
}

describe("new and end", () => {
  test("print a link, and the token on a line of its own", async () => {
    const { out, err, code } = await malten(["new", "--name", "mine", "--ttl", "2h"], { server: url });
    expect([err, code]).toEqual(["", 0]);
    expect(out).toMatch(new RegExp(`^${url}/#mine\nMALTEN_OWNER=[a-z0-9]{26}\n$`));
    expect(await malten(["new", "--name", "mine"], { server: url })).toEqual({
      out: "",
      err: "malten: There is a stream mine already\n",
      code: 1,
    });
  });

  test("the link to share has no password of a proxy in it", async () => {
    const { link } = await created(["--server", url.replace("://", "://ada:secret@")]);
    expect(link).toStartWith(`${url}/#`);
  });

  test("--private, --ttl and --qr do what they say", async () => {
    const { name, ...rest } = await created(["--private", "--ttl", "15m"]);
    expect(name).toHaveLength(26);
    expect(rest).toMatchObject({ private: true, ttl: 900, link: `${url}/#${name}` });
    expect((await malten(["new", "--qr"], { server: url })).out).toContain("█▀▀▀▀▀▀▀█");
  });

  test("the token comes from the environment or the input, and only the right one ends", async () => {
    const one = await created([]);
    const two = await created([]);
    const wrong = await malten(["end", one.name], { server: url, input: `${two.owner}\n` });
    expect([wrong.code, wrong.out]).toEqual([1, ""]);
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
      `malten: Stream ${two.name} expired or never existed, or it is private and this is not its owner token\n`,
    ]);
    for (const MALTEN_OWNER of ["", "two\nlines", "tökens"]) {
      const { err, code } = await malten(["end", two.name], { server: url, variables: { MALTEN_OWNER } });
      expect(code).toBe(1);
      expect(err).toStartWith("malten: The owner token is missing");
    }
  });
});

describe("what goes wrong", () => {
  test("a server that is not there: 69, and what to do", async () => {
    const gone = await ServerProcess.start();
    await gone.stop();
    const address = gone.url.origin;
    for (const args of [["send", "foo", "x"], ["tail", "foo"], ["streams"], ["new"]]) {
      expect(await malten(args, { server: gone.url })).toEqual({
        out: "",
        err: `malten: Cannot reach ${address}: is it running? Start it with: malten\n`,
        code: 69,
      });
    }
  });

  test("a server that is something else: 69", async () => {
    using other = Bun.serve({ port: 0, fetch: () => new Response("<p>hello") });
    const { err, code } = await malten(["streams"], { server: other.url });
    expect([err, code]).toEqual([`malten: What answers at ${other.url.origin} is not a Malten server\n`, 69]);
  });

  for (const [line, reason] of [
    ["send broken < /", "EISDIR"],
    ["streams > /dev/full", "ENOSPC"],
  ] as const) {
    test.if(process.platform === "linux")(`malten ${line}: 1, and why in one line`, async () => {
      await malten(["send", "broken", "x"], { server: url });
      const child = Bun.spawn(["bash", "-c", `"$@" ${line}`, "bash", ...SOURCE], {
        env: { ...process.env, MALTEN_SERVER: url },
        stderr: "pipe",
      });
      const [err, code] = await Promise.all([child.stderr.text(), child.exited]);
      expect(code).toBe(1);
      expect(err).toMatch(new RegExp(`^(malten: 0 messages were sent\\n)?malten: ${reason}: .+\\n$`));
    });
  }

  const wrong: Record<string, string> = {
    send: "malten send STREAM [TEXT…]",
    "tail a/b": "A stream name is 1 to 64 characters of A-Z a-z 0-9 . _ ~ -, not a/b",
    "tail foo --since yesterday": "--since is earliest, a cursor, or a time ago like 5m, not yesterday",
    "tail foo --status asleep": "--status is one of ",
    "tail foo --status away": "--status is of somebody with a --name",
    "tail foo --since --json": "Option '--since' argument is ambiguous. Try malten tail --help",
    "new --ttl 8d": "--ttl is a time of 1s to 7d, like 90, 15m or 2h, not 8d",
    "streams --server ftp://x": "--server is an address like http://localhost:9090, not ftp://x",
  };
  for (const [line, words] of Object.entries(wrong)) {
    test(`malten ${line}: 2`, async () => {
      const { out, err, code } = await malten(line.split(" "));
      expect([out, code]).toEqual(["", 2]);
      expect(err).toMatch(/^malten: .+\n$/);
      expect(err).toContain(words);
    });
  }
});

test("the help of every command fits a screen", async () => {
  for (const command of ["serve", "send", "tail", "streams", "new", "end", "completion", "help"]) {
    const { out, code } = await malten([command, "--help"]);
    expect(code).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toStartWith(`Usage: malten ${command}`);
    expect(lines.length).toBeLessThanOrEqual(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  }
});
