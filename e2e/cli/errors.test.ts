// What goes wrong for the commands: exit codes and one line of advice.
import { describe, expect, test } from "bun:test";
import { malten } from "../../test-support/command.ts";
import { environment, ServerProcess, SOURCE } from "../../test-support/process.ts";
import { sharedServer } from "../../test-support/shared-server.ts";

const server = sharedServer();
const url = (): string => server().url.origin;

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
      await malten(["send", "broken", "x"], { server: url() });
      const child = Bun.spawn(["bash", "-c", `"$@" ${line}`, "bash", ...SOURCE], {
        env: { ...environment(), MALTEN_SERVER: url() },
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
