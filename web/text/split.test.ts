import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { splitText } from "./split.ts";

test("cuts between paragraphs, lines, sentences, words, in this order", () => {
  expect(splitText("one two\n\nthree four", 12)).toEqual(["one two", "three four"]);
  expect(splitText("a line of this\nand one of that", 20)).toEqual(["a line of this", "and one of that"]);
  expect(splitText("It is so. It is not", 15)).toEqual(["It is so.", "It is not"]);
  expect(splitText("four five six", 11)).toEqual(["four five", "six"]);
});

test("never cuts a grapheme cluster", () => {
  const family = "👨‍👩‍👧‍👦"; // seven code points
  expect(splitText(family.repeat(3), 16)).toEqual([family.repeat(2), family]);
});

test("cuts a grapheme cluster that is too long itself", () => {
  expect(splitText(`Z${"\u0301".repeat(9)}`, 5)).toEqual([`Z${"\u0301".repeat(4)}`, "\u0301".repeat(5)]);
});

const text = fc
  .array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(" ", "\n\n", ". ", "👨‍👩‍👧‍👦", "e\u0301")))
  .map((all) => all.join(""));

test("loses nothing but white space, and no piece exceeds the limit", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (given, most) => {
      const pieces = splitText(given, most);
      expect(pieces.join("").replaceAll(/\s/g, "")).toBe(given.replaceAll(/\s/g, ""));
      for (const piece of pieces) {
        expect(Array.from(piece).length).toBeLessThanOrEqual(most);
        expect(piece.trim()).not.toBe("");
      }
    }),
  );
});
