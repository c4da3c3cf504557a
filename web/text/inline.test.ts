import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { inlineParts } from "./inline.ts";

function parts(text: string): string[] {
  return inlineParts(text).map((part) => (part.isCode ? `code: ${part.text}` : part.text));
}

test("code is between two runs of equally many backticks in one line", () => {
  expect(parts("run `npm start` now")).toEqual(["run ", "code: npm start", " now"]);
  expect(parts("`` a ` b `` and ```c```")).toEqual(["code: a ` b", " and ", "code: c"]);
  expect(parts("a ` b\nc ` d")).toEqual(["a ` b\nc ` d"]);
  expect(parts("` ` and ``")).toEqual(["` ` and ``"]);
  expect(parts("``a`b`")).toEqual(["``a", "code: b"]);
});

test("of very many pieces of code, the last ones are text", () => {
  const found = inlineParts("`a` ".repeat(256));
  expect(found.filter((part) => part.isCode)).toHaveLength(64);
  expect(found.at(-1)).toEqual({ isCode: false, text: ` ${"`a` ".repeat(192)}` });
});

const piece = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("`", "``", "```", " ", "\n", "https://a.example/", "\u202e", "\u200d", "\u0301"),
);

test("only backticks and the spaces beside them are lost", () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      const found = inlineParts(text);
      const bare = (given: string): string => given.replaceAll(/[` ]/g, "");
      expect(bare(found.map((part) => part.text).join(""))).toBe(bare(text));
      if (!text.includes("`")) expect(found.map((part) => part.text).join("")).toBe(text);
    }),
  );
});

test("runs of backticks that nothing closes are passed over once", () => {
  // Each of another length: a search from each to the end would take a quarter of a billion steps.
  const runs = Array.from({ length: 22_000 }, (_, i) => "`".repeat((i % 700) + 1)).join("x\n");
  expect(parts(runs)).toEqual([runs]);
  const text = Array.from({ length: 700 }, (_, i) => "`".repeat(i + 1)).join(" ");
  expect(parts(text)).toEqual([text]);
});
