import { expect, test } from "bun:test";
import { Writable } from "node:stream";
import { Terminal } from "@xterm/headless";
import { Output } from "../output.ts";
import { plain } from "../plain.ts";
import { Footer, type FooterView } from "./footer.ts";

/** A terminal of this size, and what is written to it. */
function terminalOf(cols: number): { output: Output; rows: () => string[] } {
  const terminal = new Terminal({ cols, rows: 8, allowProposedApi: true });
  const target = new Writable({
    write: (chunk: Buffer, _encoding, done) => terminal.write(chunk, () => done()),
  });
  const output = new Output(
    Object.assign(target, { isTTY: true, columns: cols, rows: 8 }),
    {},
    new AbortController().signal,
  );
  const line = (i: number) => terminal.buffer.active.getLine(i)?.translateToString(true) ?? "";
  return { output, rows: () => Array.from({ length: 8 }, (_, i) => line(i)).filter((row) => row !== "") };
}

test("a footer that is wider than the window takes nothing from what is above it", async () => {
  const { output, rows } = terminalOf(12);
  let view: FooterView = { rows: [], row: 0, beforeCursor: plain`` };
  const footer = new Footer(output, () => view);
  for (let i = 0; i < 3; i++) await footer.print(plain`line ${i}`);
  for (let i = 0; i < 4; i++) {
    const prompt = plain`Your name (Enter for none): ${"x".repeat(i)}`;
    view = { rows: [plain`a stream with a long name`, prompt], row: 1, beforeCursor: prompt };
    await footer.draw();
    await output.flush();
    expect(rows()).toHaveLength(5);
    expect(rows().slice(0, 3)).toEqual(["line 0", "line 1", "line 2"]);
  }
  await footer.close();
  await output.flush();
  expect(rows()).toEqual(["line 0", "line 1", "line 2"]);
});
