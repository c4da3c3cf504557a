// `malten pipe` between real processes: bytes, lines, words, and what goes wrong.
import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { RunningCommand, TerminalCommand } from "../../test-support/command.ts";
import { SOURCE } from "../../test-support/process.ts";
import { sharedServer } from "../../test-support/shared-server.ts";
import { Folder, onTerminal } from "../../test-support/shell-terminal.ts";

const server = sharedServer();
const url = (): string => server().url.origin;

const LINK = /http:\/\/localhost:[0-9]+\/#v1:[\w-]+/;

const QUESTION = "Link of a pipe to join (not shown; Enter opens a pipe): ";

/** Opens a pipe whose standard input and output are pipes. Resolves when it has its link. */
async function opened(line = 'exec "$@"'): Promise<{ end: RunningCommand; link: string }> {
  // The link is on the third line of standard error of the shell.
  const end = new RunningCommand(["pipe", "--new", "--link-fd", "3"], {
    server: url(),
    command: ["bash", "-c", `exec 3>&2; ${line}`, "bash", ...SOURCE],
  });
  const [label, link = ""] = (await end.errorLine()).split("\t");
  expect(label).toBe("pipe");
  return { end, link };
}

/** Joins a pipe. */
function joined(link: string, line = 'exec "$@"'): RunningCommand {
  return new RunningCommand(["pipe"], {
    variables: { MALTEN_LINK: link },
    command: ["bash", "-c", line, "bash", ...SOURCE],
  });
}

/** The words that an end prints on standard error. */
async function wordsOf(end: RunningCommand): Promise<string> {
  expect(await end.errorLine()).toBe("Connected. Both ends have these words:");
  expect(await end.errorLine()).toBe("");
  const words = await end.errorLine();
  expect(words).toMatch(/^ {2}([a-z]+ ){5}[a-z]+$/);
  expect(await end.errorLine()).toBe("");
  return words;
}

/** Opens and joins a pipe. Both have the same words. */
async function pair(here?: string, there?: string): Promise<[RunningCommand, RunningCommand]> {
  const { end, link } = await opened(here);
  const other = joined(link, there);
  expect(await wordsOf(end)).toBe(await wordsOf(other));
  return [end, other];
}

/** The rest of what an end prints on standard error. */
async function errorsOf(end: RunningCommand): Promise<string> {
  const lines: string[] = [];
  for (;;) {
    const line = await end.errorLine();
    if (line === "(the end)") return lines.join("\n");
    lines.push(line);
  }
}

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

describe("bytes", () => {
  test("arrive as they are, in both directions at once, also while one end does not read", async () => {
    await using folder = await Folder.create();
    const [large, small] = [randomBytes(5_000_000), randomBytes(100_000)];
    await writeFile(folder.file("large"), large);
    await writeFile(folder.file("small"), small);
    const { end, link } = await opened(`exec "$@" <${folder.file("large")} >${folder.file("got-small")}`);
    await using here = end;
    // Its output is read when a line is typed.
    await using there = joined(
      link,
      `exec 4<&0; exec "$@" <${folder.file("small")} > >(read -r _ <&4; cat >${folder.file("got-large")}; echo done >&2)`,
    );
    expect(await wordsOf(here)).toBe(await wordsOf(there));
    there.type("go\n");
    expect(await Promise.all([here.child.exited, there.child.exited])).toEqual([0, 0]);
    expect(await there.errorLine()).toBe("done");
    expect(sha256(await readFile(folder.file("got-large")))).toBe(sha256(large));
    expect(sha256(await readFile(folder.file("got-small")))).toBe(sha256(small));
  }, 60_000);

  test("of tar, on terminals: no byte and no link is where it does not belong", async () => {
    await using folder = await Folder.create();
    await mkdir(folder.file("dir"));
    await writeFile(folder.file("dir/file"), randomBytes(100_000));
    await using sender = onTerminal(
      `cd ${folder.path}; tar c dir | "$@"; echo "code \${PIPESTATUS[1]}"`,
      ["pipe"],
      { server: url() },
    );
    await sender.until(QUESTION);
    sender.type("\r");
    const shown = await sender.until("Waiting for the other end…");
    await using receiver = onTerminal(
      `mkdir ${folder.file("there")}; cd ${folder.file("there")}; "$@" | tar x; echo "code \${PIPESTATUS[0]}"`,
      ["pipe"],
      { server: url() },
    );
    await receiver.until(QUESTION);
    receiver.type(`${LINK.exec(shown)?.[0]}\r`);
    const [sent, received] = await Promise.all([sender.until("code 0"), receiver.until("code 0")]);
    expect(received).not.toMatch(LINK);
    const words = /^ {2}([a-z]+ ){5}[a-z]+\r$/m;
    expect(words.exec(sent)?.[0]).toBe(words.exec(received)?.[0]);
    expect(sent).toMatch(/sent 10\d\.\d kB, /);
    expect(received).toMatch(/received 10\d\.\d kB, /);
    expect(sha256(await readFile(folder.file("there/dir/file")))).toBe(
      sha256(await readFile(folder.file("dir/file"))),
    );
  }, 30_000);

  test("words are on the terminal even if no standard stream is", async () => {
    await using folder = await Folder.create();
    const { end, link } = await opened();
    await using here = end;
    await using there = onTerminal('"$@" 2>"$ERR" </dev/null | cat >"$OUT"; echo over', ["pipe"], {
      variables: { MALTEN_LINK: link, OUT: folder.file("out"), ERR: folder.file("err") },
    });
    expect(await there.until("Both ends have these words")).not.toContain("over");
    await here.child.stdin.end();
    await there.until("over");
    expect(await folder.text("err")).toBe("");
  });
});

test("a closed standard error does not end a pipe", async () => {
  const { end, link } = await opened();
  await using here = end;
  await using there = joined(link, 'exec 2> >(true); wait $!; exec "$@" </dev/null');
  await wordsOf(here);
  here.type(`${"x".repeat(100_000)}\n`);
  await here.child.stdin.end();
  expect(await there.line()).toHaveLength(100_000);
  expect(await Promise.all([here.child.exited, there.child.exited])).toEqual([0, 0]);
});

describe("lines", () => {
  test("are carried between terminals, and control nothing there", async () => {
    await using one = new TerminalCommand(["pipe", "--new"], { server: url(), variables: { NO_COLOR: "1" } });
    const shown = await one.until("Waiting for the other end…");
    await using other = new TerminalCommand(["pipe"], { variables: { NO_COLOR: "1" } });
    await other.until(QUESTION);
    other.type(`${LINK.exec(shown)?.[0]}\r`);
    await Promise.all([one.until("these words"), other.until("these words")]);
    one.type("hello there\n");
    expect(await other.until("hello there")).toMatch(/\d\d:\d\d:\d\d hello there\r\n/);
    other.type("and here\n");
    expect(await one.until("and here")).toMatch(/\d\d:\d\d:\d\d and here\r\n/);
    one.type("\u0004");
    other.type("\u0004");
    expect(await Promise.all([one.exited, other.exited])).toEqual([0, 0]);
  });

  test("of bytes are shown on a terminal without their control characters", async () => {
    const { end, link } = await opened();
    await using here = end;
    await using there = new TerminalCommand(["pipe"], { variables: { MALTEN_LINK: link, NO_COLOR: "1" } });
    await there.until("these words");
    here.type("a\tb\u001b]0;owned\u0007\r\n");
    expect(await there.until("owned")).not.toContain("\u001b]0;");
    await here.child.stdin.end();
    there.type("\u0004");
    expect(await Promise.all([here.child.exited, there.exited])).toEqual([0, 0]);
    expect(await here.line()).toBe("(the end)");
  });
});

describe("an end that stops", () => {
  test("is noticed by the other one, which does not take what it has for everything", async () => {
    const [here, there] = await pair();
    here.type("one\n");
    expect(await there.line()).toBe("one");
    expect(await here.stop("SIGINT")).toBe(130);
    expect(await there.child.exited).toBe(1);
    expect(await errorsOf(there)).toBe("error: the other end was interrupted");
  });

  test("before it has taken everything makes the other one fail, also if that has sent everything", async () => {
    // Its output is never read, and more than a pipe holds.
    const [here, there] = await pair('exec "$@"', 'exec 4<&0; exec "$@" </dev/null > >(read -r _ <&4)');
    here.type("x".repeat(500_000));
    await here.child.stdin.end();
    expect(await there.stop("SIGTERM")).toBe(143);
    expect(await here.child.exited).toBe(1);
    there.type("go\n");
    expect(await errorsOf(here)).toStartWith("error: the other end ");
  });

  test("because its output is closed makes the other one fail", async () => {
    const [here, there] = await pair('exec "$@"', '"$@" </dev/null | head -c 3');
    here.type("x".repeat(500_000));
    expect(await there.child.stdout.text()).toBe("xxx");
    expect(await here.child.exited).toBe(1);
    await here.stop("SIGKILL");
  });

  test("before anyone joins leaves nothing behind", async () => {
    const { end } = await opened();
    expect(await end.stop("SIGINT")).toBe(130);
  });
});

test("someone else with the link is refused, and everyone learns it: 77", async () => {
  const { end, link } = await opened();
  await using here = end;
  await using there = joined(link);
  expect(await wordsOf(here)).toBe(await wordsOf(there));
  await using third = joined(link);
  expect(await third.child.exited).toBe(77);
  expect(await errorsOf(third)).toContain("error: someone else joined this pipe before you");
  const warning = "warning: someone else tried to use the link, and was refused";
  for (const each of [here, there]) expect(await each.errorLine()).toStartWith(warning);
  here.type("all the same\n");
  expect(await there.line()).toBe("all the same");
  for (const each of [here, there]) await each.child.stdin.end();
  expect(await Promise.all([here.child.exited, there.child.exited])).toEqual([77, 77]);
});

test("--verify sends nothing before the words are confirmed", async () => {
  for (const [answer, codes] of [
    ["y", [0, 0]],
    ["n", [1, 1]],
  ] as const) {
    const { end, link } = await opened();
    await using here = end;
    await using there = onTerminal('echo text | "$@"; exit "${PIPESTATUS[1]}"', ["pipe", "--verify"], {
      variables: { MALTEN_LINK: link },
    });
    await there.until("Are they the same there? [y/N] ");
    // The input of the other end stays open, and nothing comes from there.
    there.type(`${answer}\n`);
    expect(await Promise.all([here.child.exited, there.exited])).toEqual([...codes]);
    expect(await here.line()).toBe(answer === "y" ? "text" : "(the end)");
  }
});

test("no secret of the link is in arguments, output or environment of who opened it", async () => {
  const { end, link } = await opened();
  await using here = end;
  const secret = link.slice(link.indexOf("#v1:") + 4).slice(0, 16);
  const about = ["cmdline", "environ"].map((name) => readFile(`/proc/${here.child.pid}/${name}`, "latin1"));
  expect((await Promise.all(about)).join("")).not.toContain(secret);
  await here.stop("SIGINT");
  expect((await errorsOf(here)) + (await here.child.stdout.text())).not.toContain(secret);
});
