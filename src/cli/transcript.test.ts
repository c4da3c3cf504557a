import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import type { Message } from "../client/index.ts";
import { Output } from "./output.ts";
import { Transcript } from "./transcript.ts";

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

test("further lines of a text are indented; long ones are left to the terminal", () => {
  const long = "word ".repeat(40);
  expect(transcript().message(message(`one\n\n${long}`)).text).toBe(
    `12:00:00 one\n         \n         ${long}`,
  );
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
