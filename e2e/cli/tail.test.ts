// `malten tail` as people and scripts use it: pipes, terminals, and servers that restart or are hostile.
import { describe, expect, test } from "bun:test";
import type { WirePresence } from "../../src/protocol/presence.ts";
import { EventReader } from "../../test-support/clients.ts";
import { malten, RunningCommand, TerminalCommand } from "../../test-support/command.ts";
import { environment, ServerProcess, SOURCE } from "../../test-support/process.ts";
import { ScreenCommand } from "../../test-support/screen.ts";
import { sharedServer } from "../../test-support/shared-server.ts";

const server = sharedServer();
const url = (): string => server().url.origin;

/** Starts `malten tail` and waits until it is subscribed. */
async function startTail(stream: string, args: string[], gated = false): Promise<RunningCommand> {
  await using watcher = await EventReader.open(url(), stream);
  await watcher.nextEvent("connect");
  const command = new RunningCommand(["tail", stream, ...args], { server: url() }, gated);
  await watcher.nextEvent("connect");
  return command;
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

describe("tail", () => {
  test("prints history and new messages", async () => {
    await malten(["send", "both"], { server: url(), input: "one\ntwo\n" });
    await using tail = new RunningCommand(["tail", "both", "--since", "earliest"], { server: url() });
    expect(await tail.lines(2)).toEqual(["one", "two"]);
    await malten(["send", "both", "three\nfour"], { server: url() });
    expect(await tail.lines(2)).toEqual(["three", "four"]);
    expect(await tail.stop("SIGINT")).toBe(130);
    expect(await tail.errorLine()).toBe("(the end)");
  });

  test("--json prints a record per line, also for events", async () => {
    await using tail = new RunningCommand(
      ["tail", "records", "--json", "--name", "Ann", "--status", "away"],
      {
        server: url(),
      },
    );
    const parse = async () => JSON.parse(await tail.line()) as Record<string, unknown>;
    expect(await parse()).toMatchObject({ type: "presence", observers: 1 });
    const presence = (await (await fetch(`${url()}/presence?stream=records`)).json()) as WirePresence;
    expect(presence.People).toEqual([{ Name: "Ann", Status: "away" }]);
    await malten(["send", "records", "hello"], { server: url() });
    let record = await parse();
    while (record["type"] !== "message") record = await parse();
    for (const key of ["type", "id", "text", "created", "cursor", "own", "time", "stream"])
      expect(record).toHaveProperty(key);
    expect(record).toMatchObject({ text: "hello", stream: "records" });
  });

  test("--since starts at a cursor or a duration ago, and reports missing messages", async () => {
    await malten(["send", "since"], { server: url(), input: numbers(1, 3).join("\n") });
    const [, second] = (await (await fetch(`${url()}/messages?stream=since`)).json()) as {
      Created: string;
    }[];
    await using after = new RunningCommand(["tail", "since", "--since", second?.Created ?? ""], {
      server: url(),
    });
    expect(await after.line()).toBe("3");
    const { server: id } = (await (await fetch(`${url()}/limits`)).json()) as { server: string };
    const cursor = `${second?.Created}-${id}`;
    await using full = new RunningCommand(["tail", "since", "--since", cursor], { server: url() });
    expect(await full.line()).toBe("3");
    await using recent = new RunningCommand(["tail", "since", "--since", "1h"], { server: url() });
    expect(await recent.lines(3)).toEqual(["1", "2", "3"]);
    expect(await recent.errorLine()).toMatch(/^warning: some messages between .* and .* may be missing$/);
  });

  test("100,000 lines arrive in order", async () => {
    await using tail = await startTail("many", []);
    const lines = numbers(1, 100_000);
    const [sent, seen] = await Promise.all([
      malten(["send", "many"], { server: url(), input: lines.join("\n") }),
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
    await malten(["send", "slow"], { server: url(), input: numbers(1, count).join("\n") });
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
    await malten(["send", "head"], { server: url(), input: lines.join("\n") });
    const script = `"$@" | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const tail = [...SOURCE, "tail", "head", "--since", "earliest", "--server", url()];
    const { stdout, stderr } = Bun.spawn(["bash", "-c", script, "bash", ...tail], {
      env: environment(),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([stdout.text(), stderr.text()]);
    expect([out, err]).toEqual([`${lines[0]}\n0\n`, ""]);
  });

  test("on a terminal shows times, aligned lines and presence", async () => {
    await using tail = new TerminalCommand(["tail", "screen"], { server: url() });
    await tail.until('stream "screen" expired or never existed; waiting for new messages');
    await tail.until("1 listening");
    await malten(["send", "screen", "one\ntwo"], { server: url() });
    expect(await tail.until("two")).toMatch(/\d\d:\d\d:\d\d\u001b\[0m one\r\n {9}two/);
    tail.type("\u0003");
    expect(await tail.exited).toBe(130);
  });

  test("a name is in the record, before the text on a terminal, and nowhere in a pipe", async () => {
    const send = (...args: string[]) => malten(["send", "named", ...args], { server: url() });
    await send("--name", "Ada", "hello");
    await send("nobody");
    const since = ["tail", "named", "--since", "earliest"];
    await using records = new RunningCommand([...since, "--json"], { server: url() });
    const [named, nameless] = (await records.lines(2)).map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    expect(named).toMatchObject({ text: "hello", name: "Ada" });
    expect(nameless).not.toHaveProperty("name");
    await using pipe = new RunningCommand(since, { server: url() });
    expect(await pipe.lines(2)).toEqual(["hello", "nobody"]);
    await using terminal = new ScreenCommand(since, { server: url() });
    await terminal.row(/^\d\d:\d\d:\d\d Ada: hello$/);
    await terminal.row(/^\d\d:\d\d:\d\d nobody$/);
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
    await using tail = new TerminalCommand(["tail", "plain"], {
      server: url(),
      variables: { NO_COLOR: "1" },
    });
    await malten(["send", "plain", "hello"], { server: url() });
    await tail.until("listening");
    await malten(["send", "plain", "again"], { server: url() });
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
