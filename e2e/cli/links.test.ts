// Encrypted streams on the command line: where links come from and go to, and where they never are.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { create, open, pipe, type Links } from "../../src/client/encrypted/index.ts";
import { malten, RunningCommand, TerminalCommand, type Outcome } from "../../test-support/command.ts";
import { environment, SOURCE } from "../../test-support/process.ts";
import { sharedServer } from "../../test-support/shared-server.ts";
import { Folder, onTerminal } from "../../test-support/shell-terminal.ts";

const server = sharedServer();
const url = (): string => server().url.origin;

/** Creates a stream with the SDK. */
async function links(): Promise<Required<Links>> {
  const stream = await create(url());
  stream.close();
  return stream.links as Required<Links>;
}

/** The part of a link that is secret. */
const secretOf = (link: string): string => link.slice(link.indexOf("#v1:") + 4);

const LINK = /http:\/\/localhost:[0-9]+\/#v1:[\w-]+/g;

const withLink = (MALTEN_LINK: string) => ({ server: url(), variables: { MALTEN_LINK } });

async function textsOf(link: string): Promise<string[]> {
  const stream = await open(link);
  try {
    const pages = await Array.fromAsync(stream.read({ from: "oldest" }));
    return pages.flat().map(({ text }) => text);
  } finally {
    stream.close();
  }
}

describe("new --encrypted", () => {
  test("shows the links on the terminal, each in a line of its own", async () => {
    await using command = new TerminalCommand(["new", "-e", "--qr"], { server: url() });
    expect(await command.exited).toBe(0);
    const shown = await command.until("nobody can restore them.");
    expect(shown).toContain("█▀▀▀▀▀▀▀█");
    expect(shown).not.toContain("␊");
    const [writer = "", reader = "", owner = ""] = shown.match(LINK) ?? [];
    expect(shown).toContain(`Link to share (to read and write):\r\n\r\n  ${writer}\r\n`);
    const streams = await Promise.all([writer, reader, owner].map((link) => open(link)));
    expect(streams.map(({ right }) => right)).toEqual(["writer", "reader", "owner"]);
    for (const stream of streams) stream.close();
  });

  test("in a pipeline shows them on the terminal all the same, and prints the name", async () => {
    await using folder = await Folder.create();
    const line = `"$@" 2>${folder.file("err")} </dev/null | cat >${folder.file("out")}`;
    await using command = onTerminal(line, ["new", "--encrypted"], { server: url() });
    expect(await command.exited).toBe(0);
    const shown = await command.until("nobody can restore them.");
    const stream = await open(shown.match(LINK)?.[0] ?? "");
    expect([await folder.text("out"), await folder.text("err")]).toEqual([`${stream.name}\n`, ""]);
    stream.close();
  });

  test("writes them to a file descriptor, whose lines can be read again", async () => {
    await using folder = await Folder.create();
    const run = async (line: string, ...args: string[]): Promise<Outcome> => {
      const child = Bun.spawn(["bash", "-c", line, "bash", ...SOURCE, ...args], {
        env: { ...environment(), MALTEN_SERVER: url() },
        cwd: folder.path,
        stdout: "pipe",
        stderr: "pipe",
      });
      const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
      return { out, err, code };
    };
    const made = await run('umask 077; "$@" 3>links', "new", "-e", "--json", "--link-fd", "3");
    expect([made.err, made.code]).toEqual(["", 0]);
    expect(made.out).toMatch(/^\{"name":"~[\w-]{43}","encrypted":true\}\n$/);
    const [writer = "", reader = "", owner = ""] = (await folder.text("links")).split("\n");
    expect([writer, reader, owner].map((line) => line.split("\t")[0])).toEqual(["writer", "reader", "owner"]);
    const sent = await run('"$@" 3<links', "send", "--link-fd", "3", "hello", "world");
    expect(sent).toEqual({ out: "", err: "", code: 0 });
    expect(await textsOf(reader.slice("reader\t".length))).toEqual(["hello world"]);
    expect(await run('tail -n 1 links | "$@"', "end", "--link-fd", "0")).toMatchObject({ err: "", code: 0 });
    expect((await run('umask 022; "$@" 3>others', "new", "-e", "--link-fd", "3")).err).toBe(
      "warning: other users can read the file with the links\n",
    );
  });
});

describe("send and tail", () => {
  test("MALTEN_LINK takes the place of STREAM", async () => {
    const { writer, reader } = await links();
    expect(await malten(["send", "two", "words"], withLink(writer))).toEqual({ out: "", err: "", code: 0 });
    const input = `${"😀".repeat(1024)}\nlast\n`;
    expect((await malten(["send"], { ...withLink(writer), input })).code).toBe(0);
    await using tail = new RunningCommand(["tail", "--since", "earliest"], withLink(reader));
    expect(await tail.lines(3)).toEqual(["two words", "😀".repeat(1024), "last"]);
    await malten(["send", "more"], withLink(writer));
    expect(await tail.line()).toBe("more");
    expect(await tail.stop("SIGINT")).toBe(130);
    expect(await tail.errorLine()).toBe("(the end)");
  });

  test("--json tells the sender and the name; a terminal shows both, and who is new", async () => {
    const { writer, reader } = await links();
    await malten(["send", "--name", "Ann", "one\ntwo"], withLink(writer));
    await using tail = new RunningCommand(["tail", "--json", "--since", "earliest"], withLink(reader));
    const record = JSON.parse(await tail.line()) as { sender: { id: string } };
    expect(record).toMatchObject({ type: "message", text: "one\ntwo", name: "Ann", sender: { isNew: true } });
    await using shown = new TerminalCommand(["tail", "--since", "earliest"], {
      ...withLink(reader),
      variables: { MALTEN_LINK: reader, NO_COLOR: "1" },
    });
    const { id } = record.sender;
    expect(await shown.until("two")).toMatch(
      new RegExp(`new sender: Ann \\(${id}\\)\\r\\n\\d\\d:\\d\\d:\\d\\d Ann \\(${id}\\): one\\r\\n {9}two`),
    );
  });

  test("asks for the link on the terminal without showing it, whatever standard input is", async () => {
    const { writer, reader } = await links();
    await using folder = await Folder.create();
    await writeFile(folder.file("in"), "from a file\n");
    await using send = onTerminal('"$@" <"$IN" 2>/dev/null | cat', ["send", "-e"], {
      server: url(),
      variables: { IN: folder.file("in") },
    });
    await send.until("Link (not shown): ");
    send.type(`${writer}\r`);
    expect(await send.exited).toBe(0);
    expect(await send.until("\r\n")).not.toContain(secretOf(writer));
    expect(await textsOf(reader)).toEqual(["from a file"]);
  });

  test("Ctrl-C at the question ends it, and the terminal shows again what is typed", async () => {
    await using folder = await Folder.create();
    await using asked = onTerminal(
      `trap : INT; stty -a >${folder.file("before")}; "$@"; echo code $?; stty -a >${folder.file("after")}`,
      ["tail", "-e"],
      { server: url() },
    );
    await asked.until("Link (not shown): ");
    asked.type("secret\u0003");
    await asked.until("code 130");
    expect(await asked.exited).toBe(0);
    expect(await folder.text("after")).toBe(await folder.text("before"));
    expect(await asked.until("code")).not.toContain("secret");
  });
});

test("end needs the owner's link", async () => {
  const { owner, writer, reader } = await links();
  const denied = await malten(["end"], withLink(writer));
  expect(denied.code).toBe(1);
  expect(denied.err).toContain("owner");
  await malten(["send", "x"], withLink(writer));
  expect(await malten(["end"], withLink(owner))).toEqual({ out: "", err: "", code: 0 });
  expect(await textsOf(reader)).toEqual([]);
  expect(await malten(["end"], withLink(owner))).toEqual({
    out: "",
    err: "error: stream not found: it has expired, or was deleted\n",
    code: 1,
  });
});

describe("a link", () => {
  test("on the command line is refused, and not repeated", async () => {
    const { owner, reader } = await links();
    for (const args of [
      ["tail", reader],
      ["send", reader, "text"],
      ["send", "foo", `join ${reader}`],
      ["pipe", reader],
      ["end", owner],
      [reader],
      ["tail", "-e", `--link=${reader}`],
      ["streams", "--server", reader],
      ["tail", new URL(reader).hash.slice(1)],
    ]) {
      const { out, err, code } = await malten(args, { server: url() });
      expect([out, code]).toEqual(["", 2]);
      expect(err).toStartWith("error: a link is a key and must not be on the command line");
      expect(err).not.toContain(secretOf(reader).slice(0, 12));
      expect(err).not.toContain(secretOf(owner).slice(0, 12));
    }
  });

  test("in the wrong variable is neither sent nor printed", async () => {
    const { owner } = await links();
    for (const [args, name] of [
      [["end", "foo"], "MALTEN_OWNER"],
      [["new"], "MALTEN_STREAM"],
      [["streams"], "MALTEN_SERVER"],
    ] as const) {
      const { out, err } = await malten(args, { variables: { MALTEN_SERVER: url(), [name]: owner } });
      expect(out + err).not.toContain(secretOf(owner).slice(0, 12));
      if (name !== "MALTEN_SERVER") expect(err).toContain("this is the link of an encrypted stream, not a");
    }
  });

  test("that is wrong, cut, older, newer or of another kind has its own message, without the link", async () => {
    const { reader } = await links();
    const opened = await pipe.create(url());
    const version = (number: number) => reader.replace("#v1:", `#v${number}:`);
    const cases: [string, string[], string][] = [
      ["https://example.com/", ["tail"], "not the link of an encrypted stream"],
      [`${reader.slice(0, -5)}!!!!!`, ["tail"], "not the link of an encrypted stream"],
      [reader.slice(0, -5), ["tail"], "the end of the link is missing: copy all of it"],
      [version(0), ["tail"], "the link was made by an older version of Malten, and no longer works"],
      [version(2), ["send", "x"], "the link was made by a newer version of Malten: update this one"],
      [opened.link ?? "", ["tail"], "this is the link of a pipe. Join it with: malten pipe"],
      [reader, ["pipe"], "this is the link of a stream, not of a pipe. Use: malten tail --encrypted"],
      [reader, ["tail", "--server", url()], "--server cannot be used with a link, which names its server"],
    ];
    for (const [link, args, words] of cases)
      expect(await malten(args, withLink(link))).toEqual({ out: "", err: `error: ${words}\n`, code: 2 });
    const denied = await malten(["send", "x"], withLink(reader));
    expect([denied.out, denied.code]).toEqual(["", 1]);
    expect(denied.err).not.toContain(secretOf(reader).slice(0, 12));
    opened.close();
  });

  test.if(process.platform === "linux")(
    "that was asked for or read from a file is in no one's arguments or environment",
    async () => {
      const { reader, writer } = await links();
      await using folder = await Folder.create();
      await writeFile(folder.file("link"), reader);
      const stream = await open(reader);
      await using tail = new RunningCommand(["tail", "--link-fd", "3"], {
        server: url(),
        command: ["bash", "-c", `exec "$@" 3<${folder.file("link")}`, "bash", ...SOURCE],
      });
      await malten(["send", "x"], withLink(writer));
      for await (const message of stream.listen({ since: "earliest" })) if (message.text === "x") break;
      const about = ["cmdline", "environ"].map((name) =>
        readFileSync(`/proc/${tail.child.pid}/${name}`, "utf8"),
      );
      expect(about.join("")).toContain("link-fd");
      expect(about.join("")).not.toContain(secretOf(reader).slice(0, 12));
      stream.close();
    },
  );
});
