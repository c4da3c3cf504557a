import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { split } from "./split.ts";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const FAMILY = "👨‍👩‍👧";

test("splits after a space, else between graphemes, else between code points", () => {
  expect(split("one two three", 8)).toEqual(["one two ", "three"]);
  expect(split("aaaaa b c", 8)).toEqual(["aaaaa b ", "c"]);
  expect(split("one twothree", 8)).toEqual(["one twot", "hree"]);
  expect(split("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
  // Five code points each, joined by U+200D.
  expect(split(`${FAMILY}${FAMILY}`, 8)).toEqual([FAMILY, FAMILY]);
  expect(split("cafe\u0301", 4)).toEqual(["caf", "e\u0301"]);
  expect(split("e\u0301\u0301\u0301\u0301", 4)).toEqual(["e\u0301\u0301\u0301", "\u0301"]);
});

test("counts code points and does not split a text that fits", () => {
  expect(split("")).toEqual([""]);
  expect(split("a".repeat(1024))).toEqual(["a".repeat(1024)]);
  expect(split("😀".repeat(1024))).toEqual(["😀".repeat(1024)]);
  expect(split("😀".repeat(1025))).toEqual(["😀".repeat(1024), "😀"]);
});

test("property: the pieces join to the text, none is too long, and no grapheme that fits is split", () => {
  const character = fc.oneof(
    fc.constantFrom("a", " ", "\t", "é", "e\u0301", "😀", FAMILY, "🇩🇪", "한", "\u0301", "\r\n"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(
      fc.array(character, { maxLength: 60 }),
      fc.integer({ min: 8, max: 12 }),
      (characters, max) => {
        const text = characters.join("");
        const pieces = split(text, max);
        expect(pieces.join("")).toBe(text);
        const boundaries = new Set(Array.from(graphemes.segment(text), ({ index }) => index));
        let index = 0;
        for (const piece of pieces) {
          expect(Array.from(piece).length).toBeLessThanOrEqual(max);
          expect(piece.isWellFormed()).toBe(text.isWellFormed());
          const whole = graphemes.segment(text).containing(index)?.segment ?? "";
          if (Array.from(whole).length <= max) expect(boundaries.has(index) || index === 0).toBe(true);
          index += piece.length;
        }
      },
    ),
  );
});
