// `malten chat` as people use it: on terminals, with others, with servers that go away.
import { describe, expect, test } from "bun:test";
import { malten, type CommandOptions } from "../../test-support/command.ts";
import { environment, ServerProcess, SOURCE } from "../../test-support/process.ts";
import { ScreenCommand } from "../../test-support/screen.ts";
import { sharedServer } from "../../test-support/shared-server.ts";

const server = sharedServer();
const url = (): string => server().url.origin;

/** Opens a chat and waits until it listens. */
async function chat(stream: string, name: string, options: CommandOptions = {}): Promise<ScreenCommand> {
  const screen = new ScreenCommand(["chat", stream, "--name", name], { server: url(), ...options });
  await screen.row(/^\S+ · \d+ here/);
  return screen;
}

function post(stream: string, text: string): Promise<Response> {
  return fetch(`${url()}/messages?stream=${stream}`, { method: "POST", body: new URLSearchParams({ text }) });
}

describe("chat", () => {
  test("shows what both say once, who is here, who types, who leaves", async () => {
    await using ann = await chat("two", "Ann");
    await ann.row("no messages yet");
    await using bob = await chat("two", "Bob");
    await ann.row("Bob joined");
    await bob.row("Ann here");
    bob.type("hel");
    await ann.row(/two · 2 here · Bob is typing…/);
    bob.type("lo\r");
    await ann.row(/^\d\d:\d\d:\d\d Bob: hello$/);
    await ann.see((rows) => !rows.some((row) => row.includes("typing")));
    ann.type("hi\r");
    await bob.row(/^\d\d:\d\d:\d\d Ann: hi$/);
    for (const screen of [ann, bob])
      for (const text of ["Bob: hello", "Ann: hi"]) {
        await screen.row(text);
        expect(screen.history.split(text)).toHaveLength(2);
      }
    bob.type("\u0004");
    expect(await bob.exited).toBe(0);
    await ann.row("Bob left");
  }, 60_000);

  test("what comes in does not disturb what is being typed, and nothing of a flood is lost", async () => {
    await using ann = await chat("flood", "Ann");
    ann.type("half a");
    await ann.see(() => ann.beforeCursor === "Ann: half a");
    const lines = Array.from({ length: 3000 }, (_, i) => `line ${i}`).join("\n");
    const sent = malten(["send", "flood"], { server: url(), input: lines });
    await ann.row("line ");
    ann.type(" sentence");
    await sent;
    await ann.row("line 2999");
    await ann.see(() => ann.beforeCursor === "Ann: half a sentence");
    const numbers = [...ann.history.matchAll(/\(anonymous\): line (\d+)$/gm)].map(([, number]) =>
      Number(number),
    );
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  }, 60_000);

  test("asks for a name, and what is no name again; Enter alone is none", async () => {
    await using screen = new ScreenCommand(["chat", "ask"], { server: url() });
    await screen.row("Your name (Enter for none):");
    screen.type(`${"x".repeat(33)}\r`);
    await screen.row("a name must be one line of 1 to 32 characters");
    screen.type("\r");
    await screen.row(/^ask · 1 here/);
    expect(screen.beforeCursor).toBe("(you): ");
    screen.type("hello\r");
    await screen.row(/ \(you\): hello$/);
  });

  test("commands begin with a slash, texts with two", async () => {
    await using screen = await chat("commands", "Ann");
    screen.type("/who\r");
    await screen.row(/^Ann$/);
    screen.type("/nix\r");
    await screen.row("no command /nix; /help lists them");
    screen.type("\u0015/name Zoë 你\r");
    await screen.row("you are Zoë 你 now");
    await screen.see(() => screen.beforeCursor === "Zoë 你: ");
    screen.type("/help\r");
    await screen.row(/^\/who +who is here$/);
    screen.type("//who\r");
    await screen.row(/^\d\d:\d\d:\d\d Zoë 你: \/who$/);
    expect(screen.history).not.toContain("Ann left");
    screen.type("/quit\r");
    expect(await screen.exited).toBe(0);
  });

  test("pasted lines and those after Alt+Enter are one message; what is pasted presses no keys", async () => {
    await using screen = await chat("lines", "Ann");
    screen.type("\u001b[200~one\r\ntwo\u0003\tthree\u001b[201~\u001b\rfour");
    await screen.see(() => screen.beforeCursor === "     four");
    screen.type("\r");
    await screen.row(/^ {9}four$/);
    const page = (await (await fetch(`${url()}/messages?stream=lines`)).json()) as { Text: string }[];
    expect(page.map(({ Text }) => Text)).toEqual(["one\ntwo␃\tthree\nfour"]);
  });

  test("a text that is too long is sent in pieces only when it is entered again", async () => {
    await using screen = await chat("long", "Ann");
    const text = "1234567 ".repeat(129);
    screen.type(`\u001b[200~${text}\u001b[201~`);
    await screen.row("8 characters too many");
    screen.type("\r");
    await screen.row("8 characters too many; Enter again sends 2 messages");
    expect(await (await fetch(`${url()}/messages?stream=long`)).json()).toEqual([]);
    screen.type("\r");
    await screen.see((rows) => rows.filter((row) => /^\d\d:\d\d:\d\d/.test(row)).length === 2);
    const page = (await (await fetch(`${url()}/messages?stream=long`)).json()) as { Text: string }[];
    expect(page.map(({ Text }) => Text).join("")).toBe(text);
  });

  test("wide characters, emoji and a narrow window: the cursor is where the text ends", async () => {
    await using screen = await chat("wide", "Ann");
    screen.type("你好 👍🏽 é");
    await screen.see(() => screen.beforeCursor === "Ann: 你好 👍🏽 é");
    // By graphemes, also backwards.
    screen.type("\u007f\u007f\u007f!");
    await screen.see(() => screen.beforeCursor === "Ann: 你好 !");
    screen.type("\u001b[D\u001b[D\u001b[Dx");
    await screen.see(() => screen.beforeCursor === "Ann: 你x");
    await post("wide", "before");
    await screen.row("before");
    screen.resize({ columns: 30, rows: 10 });
    screen.type(` ${"word ".repeat(10)}`);
    await screen.see((rows) => rows.filter((row) => row.startsWith("wide · 1 here")).length === 1);
    await post("wide", "after");
    await screen.row("after");
    expect(screen.history.split("wide · ")).toHaveLength(2);
  });

  test("while the server is away, says so; what is written meanwhile is sent when it is back", async () => {
    await using first = await ServerProcess.start();
    await using screen = await chat("away", "Ann", { server: first.url });
    first.signal("SIGKILL");
    await first.stop();
    await screen.row(/connection lost, trying again in|reconnecting…/);
    screen.type("are you there?\r");
    await screen.row("sending: are you there?");
    await using _ = await ServerProcess.start({ args: ["--port", String(first.port), "--rate-limit", "0"] });
    await screen.row(/ Ann: are you there\?$/);
    await screen.row(/^away · 1 here/);
    expect(screen.history).not.toContain("sending:");
  }, 60_000);

  test("works with the link of an encrypted stream, also when its name is left out", async () => {
    const links = await encryptedLinks();
    const options = { variables: { MALTEN_LINK: links.writer, MALTEN_NAME: "Ann" }, server: "" };
    await using ann = new ScreenCommand(["chat"], options);
    await ann.row(/^encrypted · 1 here/);
    ann.type("secret\r");
    await ann.row(/^\d\d:\d\d:\d\d Ann \([\w-]+\): secret$/);
    await using bob = new ScreenCommand(["chat", "--name", "Bob"], options);
    await bob.row(/ Ann \([\w-]+\): secret$/);
    await bob.row(/^encrypted · 2 here/);
    await ann.row("Bob joined");
    const reader = { variables: { MALTEN_LINK: links.reader, MALTEN_NAME: "Eve" }, server: "" };
    await using eve = new ScreenCommand(["chat"], reader);
    await eve.row("this link can only read");
    eve.type("may I?\r");
    await eve.row(/^not sent \(this link can only read.*\): may I\?$/);
    // It can be sent elsewhere.
    await eve.see(() => eve.beforeCursor === "Eve: may I?");
  }, 60_000);

  /** A chat in a shell that tells, afterwards, the process of it, how the terminal is and the exit code. */
  const LEAVING =
    'trap "" HUP QUIT; (trap - HUP QUIT; echo "process $BASHPID"; exec "$@"); code=$?; ' +
    'stty -a | tr " ;" "\\n\\n" | grep -cx -e icanon -e echo; echo "left $code"';

  /** Leaves a chat in some way; checks that the terminal is as it was. */
  async function leave(code: number, how: (screen: ScreenCommand, child: number) => void): Promise<void> {
    const command = ["bash", "-c", LEAVING, "bash", ...SOURCE];
    await using screen = await chat("leave", "Ann", { command });
    const [, child] = /process (\d+)/.exec(screen.history) ?? [];
    screen.type("unfinished");
    await screen.see(() => screen.beforeCursor === "Ann: unfinished");
    how(screen, Number(child));
    await screen.row(`left ${code}`);
    expect(screen.rows.slice(1, 5)).toEqual(["no messages yet", "2", `left ${code}`, ""]);
    const shown = await screen.until(`left ${code}`);
    expect(shown.lastIndexOf("\u001b[?2004l")).toBeGreaterThan(shown.lastIndexOf("\u001b[?2004h"));
  }

  test("Ctrl-C leaves with 130, and the terminal as it was", async () => {
    await leave(130, (screen) => screen.type("\u0003"));
  });

  test.each([
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
    ["SIGTERM", 143],
  ] as const)("%s leaves with %i, and the terminal as it was", async (signal, code) => {
    await leave(code, (_, child) => process.kill(child, signal));
  });

  test("needs a terminal", async () => {
    const { out, err, code } = await malten(["chat", "foo"], { server: url(), input: "hello\n" });
    expect([out, code]).toEqual(["", 2]);
    expect(err).toBe(
      "error: chat needs a terminal that can move the cursor. In scripts, use: malten tail, malten send\n",
    );
  });
});

async function encryptedLinks(): Promise<{ writer: string; reader: string }> {
  const line = '"$@" 3>&1 >/dev/null';
  const { stdout } = Bun.spawn(["bash", "-c", line, "bash", ...SOURCE, "new", "-e", "--link-fd", "3"], {
    env: { ...environment(), MALTEN_SERVER: url() },
    stdout: "pipe",
    stderr: "ignore",
  });
  const [, writer, reader] = /^writer\t(\S+)\nreader\t(\S+)$/m.exec(await stdout.text()) ?? [];
  if (writer === undefined || reader === undefined) throw new Error("no links");
  return { writer, reader };
}
