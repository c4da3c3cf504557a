import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { inlineParts } from "./inline.ts";

function parts(text: string): string[] {
  return inlineParts(text).map(({ kind, text: own }) => (kind === "text" ? own : `${kind}: ${own}`));
}

test("code is between two runs of equally many backticks in one line", () => {
  expect(parts("run `npm start` now")).toEqual(["run ", "code: npm start", " now"]);
  expect(parts("`` a ` b `` and ```c```")).toEqual(["code: a ` b", " and ", "code: c"]);
  expect(parts("a ` b\nc ` d")).toEqual(["a ` b\nc ` d"]);
  expect(parts("` ` and ``")).toEqual(["` ` and ``"]);
  expect(parts("``a`b`")).toEqual(["``a", "code: b"]);
});

test("links are found beside code, not in it", () => {
  expect(parts("`https://a.example` or https://b.example/`x`")).toEqual([
    "code: https://a.example",
    " or ",
    "link: https://b.example/",
    "code: x",
  ]);
  expect(parts("`javascript:alert(1)` javascript:alert(1)")).toEqual([
    "code: javascript:alert(1)",
    " javascript:alert(1)",
  ]);
});

const piece = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("`", "``", "```", " ", "\n", "https://a.example/", "\u202e", "\u200d", "\u0301"),
);

test("only backticks and the spaces beside them are lost, and links are of http and https", () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      const found = inlineParts(text);
      const bare = (given: string): string => given.replaceAll(/[` ]/g, "");
      expect(bare(found.map((part) => part.text).join(""))).toBe(bare(text));
      if (!text.includes("`")) expect(found.map((part) => part.text).join("")).toBe(text);
      for (const part of found)
        if (part.kind === "link") expect(new URL(part.text).protocol).toMatch(/^https?:$/);
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
