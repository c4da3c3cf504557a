import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { blocksOf } from "./blocks.ts";

function kinds(text: string): string[] {
  return blocksOf(text).map((block) => `${block.kind}: ${block.text}`);
}

test("a text without marks is one block, unchanged", () => {
  for (const text of [
    "hello",
    "",
    "  a\n\n\n b \n",
    ">not a quote",
    ">>> python",
    "``` one line",
    "a ``` b\nc",
  ])
    expect(blocksOf(text)).toEqual([{ kind: "text", text }]);
});

test("lines that begin with > and a space are a quote", () => {
  expect(kinds("> Ada: shall we?\n>\n> At eight.\n\nYes.")).toEqual([
    "quote: Ada: shall we?\n\nAt eight.",
    "text: Yes.",
  ]);
  expect(kinds("First.\n> one\nSecond.\n> two")).toEqual([
    "text: First.",
    "quote: one",
    "text: Second.",
    "quote: two",
  ]);
});

test("lines between fences are code, without the name of its language", () => {
  expect(kinds("Try\n```js\nfor (;;) {\n\n  x();\n}\n```\nthen wait")).toEqual([
    "text: Try",
    "code: for (;;) {\n\n  x();\n}",
    "text: then wait",
  ]);
  // As people write it.
  expect(kinds("```let x = 1;\nx++```")).toEqual(["code: let x = 1;\nx++"]);
  expect(kinds("````\n```\ninner\n```\n````")).toEqual(["code: ```\ninner\n```"]);
  expect(kinds("```\n> no quote")).toEqual(["code: > no quote"]);
});

test("marks around nothing are text", () => {
  for (const text of ["```", "```\n```", "```\n\n \n```", ">", "> \n>\n>", "`".repeat(1024), "a\n```"])
    expect(blocksOf(text)).toEqual([{ kind: "text", text }]);
});

test("a text of very many blocks is one, unchanged", () => {
  const text = "> a\nb\n".repeat(100);
  expect(blocksOf(text)).toEqual([{ kind: "text", text }]);
  expect(blocksOf("> a\nb\n".repeat(32))).toHaveLength(64);
});

const line = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    " ",
    "```",
    "```ts",
    "````",
    "x```",
    "> ",
    ">",
    "> a",
    "> ```",
    "`",
    "\u202e",
    "\u200b",
    "e\u0301".repeat(9),
  ),
);

test("only marks and white space are lost, and nothing changes places", () => {
  const bare = (text: string): string => text.replaceAll(/[`>\s]|\bts\b/g, "");
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join("\n");
      const joined = blocksOf(text)
        .map((block) => block.text)
        .join("\n");
      // A language is at most 20 characters and has nothing else in its line.
      fc.pre(!/^`{3,}[\w+#.-]+\s*$/m.test(text.replaceAll("```ts", "")));
      expect(bare(joined)).toBe(bare(text));
    }),
  );
});

/** Counts how often lines are read. */
function reads(lines: readonly string[]): number {
  let count = 0;
  const text = {
    split: () =>
      new Proxy([...lines], {
        get(target, key, receiver) {
          if (typeof key === "string" && /^\d+$/.test(key)) count++;
          return Reflect.get(target, key, receiver) as unknown;
        },
      }),
  };
  blocksOf(text as unknown as string);
  return count;
}

test("the work grows with the number of lines, whatever they are", () => {
  const hostile = [
    ["```"],
    [">"],
    ["> ", ""],
    ["```", ""],
    ["````", "```"],
    ["```x", "x```"],
    ["`".repeat(9), "> "],
    [""],
  ];
  for (const pattern of hostile)
    for (const size of [512, 4096]) {
      const lines = Array.from({ length: size }, (_, i) => pattern[i % pattern.length] ?? "");
      expect(reads(lines)).toBeLessThan(size * 12);
    }
  const shrinking = Array.from({ length: 512 }, (_, i) => "`".repeat(515 - i));
  expect(reads(shrinking)).toBeLessThan(512 * 12);
});
