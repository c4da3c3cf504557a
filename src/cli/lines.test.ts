import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Failure } from "./failure.ts";
import { linesOf } from "./lines.ts";

function chunksOf(bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Uint8Array> {
  const starts = sizes.reduce((all, size) => [...all, (all.at(-1) ?? 0) + size], [0]);
  return new ReadableStream({
    start(controller) {
      for (const [i, start] of starts.entries()) controller.enqueue(bytes.subarray(start, starts[i + 1]));
      controller.close();
    },
  });
}

async function read(
  input: string | Uint8Array,
  sizes: number[] = [],
  longLines: "reject" | "split" = "reject",
) {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const lines: [number, string][] = [];
  try {
    for await (const { number, text } of linesOf(chunksOf(bytes, sizes), longLines))
      lines.push([number, text]);
  } catch (error) {
    if (error instanceof Failure) return { lines, error: error.message };
    throw error;
  }
  return { lines, error: undefined };
}

describe("lines", () => {
  test("end with LF or CR LF, the last one with the input", async () => {
    expect((await read("one\ntwo\r\n\n three \rfour")).lines).toEqual([
      [1, "one"],
      [2, "two"],
      [3, ""],
      [4, " three \rfour"],
    ]);
    expect((await read("one\n")).lines).toEqual([[1, "one"]]);
    expect((await read("")).lines).toEqual([]);
  });

  test("that are too long are rejected, even unfinished ones", async () => {
    const error = "line 2: text is longer than 1024 characters. Use --split to send it as several messages";
    expect(await read(`a\n${"😀".repeat(1024)}\r\n`)).toMatchObject({ error: undefined });
    expect(await read(`a\n${"😀".repeat(1025)}\nb\n`)).toEqual({ lines: [[1, "a"]], error });
    expect(await read(`a\n${"x".repeat(100_000)}`, [4, 50_000])).toEqual({ lines: [[1, "a"]], error });
  });

  test("that are too long can be split and keep their number", async () => {
    const { lines } = await read(`a\n${"x".repeat(2500)}\nb`, [], "split");
    expect(lines.map(([number, text]) => [number, text.length])).toEqual([
      [1, 1],
      [2, 1024],
      [2, 1024],
      [2, 452],
      [3, 1],
    ]);
  });

  test("that are not UTF-8 are rejected; the lines before them are read", async () => {
    const bad = Uint8Array.of(0x61, 0x0a, 0x62, 0xff, 0x0a, 0x63);
    expect(await read(bad)).toEqual({ lines: [[1, "a"]], error: "line 2: not valid UTF-8" });
    const cut = Uint8Array.of(0x61, 0x0a, 0xf0, 0x9f, 0x98);
    expect(await read(cut)).toEqual({ lines: [[1, "a"]], error: "line 2: not valid UTF-8" });
    // Refused before its end, and not as too long.
    const endless = new Uint8Array(20_000).fill(0x80);
    expect(await read(endless, [10_000], "split")).toEqual({ lines: [], error: "line 1: not valid UTF-8" });
  });

  test("property: the lines do not depend on the chunks of the input", async () => {
    const part = fc.oneof(
      fc.constantFrom("\n", "\r\n", "a", "ä", "😀", "\ufeff", "e\u0301", " "),
      fc.integer({ min: 900, max: 9000 }).map((length) => "word and ä ".repeat(length / 11)),
      fc.integer({ min: 900, max: 5000 }).map((length) => "😀".repeat(length)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 12 }).map((parts) => parts.join("")),
        fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 10 }),
        async (text, sizes) => {
          const whole = await read(text, [], "split");
          expect(whole.error).toBeUndefined();
          expect(await read(text, sizes, "split")).toEqual(whole);
          const joined: string[] = [];
          for (const [number, piece] of whole.lines) joined[number - 1] = (joined[number - 1] ?? "") + piece;
          expect(joined).toEqual(
            text
              .replace(/\n$/, "")
              .split("\n")
              .map((line) => line.replace(/\r$/, ""))
              .slice(0, joined.length),
          );
          expect(joined.length).toBe(text === "" ? 0 : text.replace(/\n$/, "").split("\n").length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
