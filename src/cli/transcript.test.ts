import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import type { Message } from "../client/index.ts";
import { Terminal } from "@xterm/headless";
import { Output } from "./output.ts";
import { plain, type Plain } from "./plain.ts";
import { Transcript } from "./transcript.ts";
import { hanging } from "./wrap.ts";

const INDENT = " ".repeat(9);
const NOW = new Date(2026, 10, 26, 12, 0, 0);
const MESSAGE = { id: "1", stream: "foo", own: false, created: "1", cursor: "1", time: NOW };

function transcript(environment = { NO_COLOR: "1" }, isTalk = false): Transcript {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 50 });
  return new Transcript(new Output(terminal, environment, new AbortController().signal), () => NOW, isTalk);
}

function message(text: string, given: Partial<Message> = {}): Message {
  return { ...MESSAGE, text, ...given };
}

test("a rule says when a message is of another day than the one before it", () => {
  const before = new Date(2026, 10, 25, 23, 59, 59);
  const shown = transcript();
  expect(shown.message(message("late", { time: before })).text).toBe(
    "── Wednesday 25 November 2026 ────────────────────\n23:59:59 late",
  );
  expect(shown.message(message("later", { time: before })).text).toBe("23:59:59 later");
  expect(shown.message(message("today")).text).toBe(
    "── Thursday 26 November 2026 ─────────────────────\n12:00:00 today",
  );
});

test("further lines of a text are indented, and so are the rows of one that is wider than the window", () => {
  const long = "word ".repeat(12);
  expect(transcript().message(message(`one\n\n${long}`)).text).toBe(
    `12:00:00 one\n${INDENT}\n${INDENT}${long.slice(0, 41)}\n${INDENT}${long.slice(41)}`,
  );
});

test("no text looks like the line of another message", async () => {
  const imitation = "12:00:00 Ada: yes";
  const texts = [
    " ".repeat(60),
    "\t".repeat(9),
    "\u241b[31m".repeat(9),
    "\u0301",
    "👩‍👩‍👧‍👦".repeat(9),
    "你".repeat(60),
    "❤️".repeat(30),
  ];
  for (const text of texts)
    for (let padding = 0; padding < 60; padding++) {
      const rows = await rowsOf(
        transcript({ NO_COLOR: "1" }, true).message(message(`${text}${" ".repeat(padding)}${imitation}`)),
      );
      expect(rows.filter((row) => !row.startsWith(" "))).toHaveLength(1);
    }
});

test("nor does a name, wherever it is shown", async () => {
  const name = (padding: number) => `B${" ".repeat(padding)}12:00:00 Ada: yes`;
  for (let padding = 0; padding < 60; padding++) {
    const shown = transcript({ NO_COLOR: "1" }, true);
    const person = { name: name(padding), status: "online" } as const;
    const presence = { type: "presence", created: "1", observers: 1, people: [person], more: 0 } as const;
    const sent = { ...message("hi"), name: name(padding), sender: { id: "k3v9", isNew: true } };
    for (const line of [
      shown.message(sent),
      shown.newSender(sent),
      shown.event(presence),
      hanging(plain`by ${name(padding)}`, 50),
    ])
      expect((await rowsOf(line)).filter((row) => !row.startsWith("  "))).toHaveLength(1);
  }
});

test("elsewhere than on a terminal, long lines stay whole", () => {
  const pipe = new Output(new PassThrough(), {}, new AbortController().signal);
  const long = "word ".repeat(40);
  expect(new Transcript(pipe, () => NOW).message(message(long)).text).toBe(`12:00:00 ${long}`);
});

test("nobody's name looks like the words for those without one", () => {
  const shown = transcript({ NO_COLOR: "1" }, true);
  const own = shown.message(message("hi", { own: true })).text;
  const nameless = shown.message(message("hi")).text;
  expect([own, nameless]).toEqual(["12:00:00 (you): hi", "12:00:00 (anonymous): hi"]);
  const author = (name: string) => shown.message(message("hi", { name })).text.slice(9, -4);
  for (const name of ["you", "Zoë 你", "Bob (work)", "@ann", "🙂"]) expect(author(name)).toBe(name);
  for (const name of ["(you)", "\u200b(you)", "（you）", "❨anonymous❩", "‹you›", "<you>"])
    expect(author(name)).toBe(`"${name}"`);
});

test("gaps and ends are rules of the terminal's width", () => {
  const shown = transcript();
  expect(shown.gap({ from: "0", to: `${Number(NOW)}000000` }).text).toBe(
    "── some messages before 12:00:00 may be missing ──",
  );
  expect(shown.event({ type: "ended", reason: "owner" }).text).toBe(
    "── stream deleted by its owner ───────────────────",
  );
});

test("colours of a log are shown where there are colours, and end with the line", () => {
  const log = message("\u241b[31mred\nplain\u241b[0m \u241b[2J");
  expect(transcript().message(log).text).toBe("12:00:00 red\n         plain \u241b[2J");
  const [first = "", second] = transcript({ NO_COLOR: "" }).message(log).text.split("\n");
  expect(first).toEndWith(" \u001b[31mred\u001b[0m");
  expect(second).toBe("         plain\u001b[0m \u241b[2J\u001b[0m");
});

test("nothing in a log is hidden by its colours", () => {
  const shown = (text: string) =>
    transcript({ NO_COLOR: "" })
      .message(message(text))
      .text.replace(/^.*12:00:00\u001b\[0m /, "");
  for (const hiding of ["8", "08", "8:1", "5", "38", "38;9;8"])
    expect(shown(`\u241b[${hiding}mtext`)).toBe("text");
  expect(shown("\u241b[1;8;31mtext")).toBe("\u001b[1;31mtext\u001b[0m");
  expect(shown("\u241b[38;5;8mtext")).toBe("\u001b[38;5;8mtext\u001b[0m");
  for (const [colour, ground] of [
    ["31", "41"],
    ["91", "101"],
    ["31", "48;5;1"],
    ["38:5:9", "101"],
    ["38;2;1;2;3", "48:2::1:2:3"],
  ])
    expect(shown(`\u241b[${ground}mx\u241b[${colour}mtext`)).toBe(
      `\u001b[${ground}mx\u001b[${colour};49mtext\u001b[0m`,
    );
});

test("a colour goes on in the next row of its line, and not before it", () => {
  const log = message(`\u241b[1;31m${"x".repeat(45)}`);
  expect(transcript({ NO_COLOR: "" }).message(log).text.split("\n")[1]).toBe(
    `${INDENT}\u001b[1;31mxxxx\u001b[0m`,
  );
});

/** What a terminal of this width shows. */
async function rowsOf({ text }: Plain): Promise<string[]> {
  const terminal = new Terminal({ cols: 50, rows: 50, allowProposedApi: true });
  await new Promise<void>((resolve) => {
    terminal.write(text.replaceAll("\n", "\r\n"), resolve);
  });
  const { active } = terminal.buffer;
  const rows = Array.from({ length: 50 }, (_, i) => active.getLine(i)?.translateToString(true) ?? "");
  return rows.filter((row) => row !== "");
}
