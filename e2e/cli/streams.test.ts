// `malten streams`, `malten new` and `malten end`: listing, creating and deleting streams.
import { describe, expect, test } from "bun:test";
import { malten, RunningCommand, TerminalCommand } from "../../test-support/command.ts";
import { ServerProcess, SOURCE } from "../../test-support/process.ts";
import { ScreenCommand } from "../../test-support/screen.ts";
import { sharedServer } from "../../test-support/shared-server.ts";

const server = sharedServer();
const url = (): string => server().url.origin;

/** Creates a stream. */
async function created(
  args: string[],
): Promise<{ link: string; name: string; private: boolean; ttl: number; owner: string }> {
  const { out } = await malten(["new", "--json", ...args], { server: url() });
  return JSON.parse(out) as Awaited<ReturnType<typeof created>>;
}

async function post(stream: string): Promise<void> {
  await fetch(`${url()}/messages?stream=${stream}&text=x`, { method: "POST" });
}

describe("streams", () => {
  test("prints a line per stream, filtered by prefix", async () => {
    await malten(["send", "list.a", "x"], { server: url() });
    await malten(["send", "list.b", "x"], { server: url() });
    const { out, code } = await malten(["streams", "list."], { server: url() });
    expect(code).toBe(0);
    expect(out).toMatch(/^list\.b\t0\t\d{4}-.*Z\t1024\nlist\.a\t0\t\d{4}-.*Z\t1024\n$/);
    const records = (await malten(["streams", "list.a", "--json"], { server: url() })).out;
    expect(JSON.parse(records)).toMatchObject({ name: "list.a", observers: 0, ttl: 1024 });
  });

  test("on a terminal prints all of them, even if they do not fit the screen", async () => {
    for (let number = 10; number <= 40; number++) await post(`tall.${number}`);
    await using list = new TerminalCommand(["streams", "tall."], { server: url() });
    await list.until("tall.10");
    expect(await list.exited).toBe(0);
  }, 20_000);

  test("--watch prints changes", async () => {
    const { owner } = await created(["--name", "watch.a"]);
    await using watch = new RunningCommand(["streams", "watch.", "--watch"], { server: url() });
    expect(await watch.line()).toStartWith("watch.a\t0\t");
    await malten(["send", "watch.b", "x"], { server: url() });
    expect(await watch.line()).toStartWith("watch.b\t0\t");
    await malten(["end", "watch.a"], { server: url(), variables: { MALTEN_OWNER: owner } });
    expect(await watch.line()).toBe("watch.a");
    expect(await watch.stop("SIGTERM")).toBe(143);
  }, 20_000);

  test("--watch is a table that fits the window, and leaves no trace", async () => {
    for (let number = 10; number <= 30; number++) await post(`table.${number}`);
    const command = ["bash", "-c", 'echo before; "$@"; echo "after $?"', "bash", ...SOURCE];
    await using watch = new ScreenCommand(
      ["streams", "table.", "-w"],
      { server: url(), command },
      { columns: 80, rows: 10 },
    );
    await watch.row(/^13 more · q quits$/);
    expect(watch.rows[0]).toStartWith("STREAM");
    expect(watch.rows[1]).toStartWith("table.30 ");
    await post("table.new");
    await watch.see((rows) => rows[1]?.startsWith("table.new ") === true);
    watch.resize({ columns: 20, rows: 5 });
    await watch.row(/^19 more · q quits$/);
    expect(watch.rows[0]?.trimEnd()).toBe("STREAM       LEFT");
    expect(watch.isAlternate).toBe(true);
    watch.type("q");
    await watch.row("after 0");
    expect(watch.isAlternate).toBe(false);
    expect(watch.history).toBe("before\nafter 0");
    const shown = await watch.until("after 0");
    expect(shown.lastIndexOf("\u001b[?25h")).toBeGreaterThan(shown.lastIndexOf("\u001b[?25l"));
  }, 60_000);

  test("--watch restores the terminal on Ctrl-C, too, and says when the server is away", async () => {
    await using first = await ServerProcess.start();
    const command = ["bash", "-c", '"$@"; echo "after $?"', "bash", ...SOURCE];
    await using watch = new ScreenCommand(["streams", "-w"], { server: first.url, command });
    await watch.row("No public streams");
    first.signal("SIGKILL");
    await first.stop();
    await watch.row("server unreachable, trying again");
    watch.type("\u0003");
    await watch.row("after 130");
    expect(watch.history).toBe("after 130");
  }, 60_000);
});

describe("new and end", () => {
  test("new prints a link and a line with the owner token", async () => {
    const { out, err, code } = await malten(["new", "--name", "mine", "--ttl", "2h"], { server: url() });
    expect([err, code]).toEqual(["", 0]);
    expect(out).toMatch(new RegExp(`^${url()}/#mine\nMALTEN_OWNER=[a-z0-9]{26}\n$`));
    expect(await malten(["new", "--name", "mine"], { server: url() })).toEqual({
      out: "",
      err: 'error: stream "mine" already exists\n',
      code: 1,
    });
  });

  test("the link does not contain the password of --server", async () => {
    const { link } = await created(["--server", url().replace("://", "://ada:secret@")]);
    expect(link).toStartWith(`${url()}/#`);
  });

  test("--private, --ttl and --qr", async () => {
    const { name, ...rest } = await created(["--private", "--ttl", "15m"]);
    expect(name).toMatch(/^\.[a-z0-9]{26}$/);
    expect(rest).toMatchObject({ private: true, ttl: 900, link: `${url()}/#${name}` });
    expect((await malten(["new", "--qr"], { server: url() })).out).toContain("█▀▀▀▀▀▀▀█");
  });

  test("--private takes no --name: the name is all that protects the stream", async () => {
    const { out, err, code } = await malten(["new", "--private", "--name", "party"], { server: url() });
    expect([out, code]).toEqual(["", 2]);
    expect(err).toStartWith("error: --name cannot be used with --private");
  });

  test("end reads the owner token from the environment or standard input, and rejects a wrong one", async () => {
    const one = await created([]);
    const two = await created([]);
    const wrong = await malten(["end", one.name], { server: url(), input: `${two.owner}\n` });
    expect(wrong).toEqual({ out: "", err: `error: invalid owner token for "${one.name}"\n`, code: 1 });
    expect(await malten(["end", one.name], { server: url(), input: `MALTEN_OWNER=${one.owner}\n` })).toEqual({
      out: "",
      err: "",
      code: 0,
    });
    const variables = { MALTEN_OWNER: two.owner };
    expect((await malten(["end", two.name], { server: url(), variables })).code).toBe(0);
    const gone = await malten(["end", two.name], { server: url(), variables });
    expect([gone.code, gone.err]).toEqual([
      1,
      `error: stream "${two.name}" not found: it expired, never existed, or is private and the owner token is wrong\n`,
    ]);
    for (const MALTEN_OWNER of ["", "two\nlines", "tökens"]) {
      const { err, code } = await malten(["end", two.name], { server: url(), variables: { MALTEN_OWNER } });
      expect(code).toBe(1);
      expect(err).toBe("error: owner token required: set MALTEN_OWNER or pipe it on stdin\n");
    }
  });
});
