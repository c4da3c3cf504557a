import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { codePoints } from "../../src/protocol/characters.ts";
import { blocksOf } from "./blocks.ts";
import { quoteOf } from "./quote.ts";

test("says who said what, in front of the answer", () => {
  expect(quoteOf("Shall we?", "Ada")).toBe("> Ada: Shall we?\n\n");
  expect(quoteOf("Shall we?\n\nAt eight.")).toBe("> Shall we?\n> At eight.\n\n");
});

test("leaves out what the message quotes, unless it is a quote alone", () => {
  expect(quoteOf("> Bob: when?\n\nAt eight.", "Ada")).toBe("> Ada: At eight.\n\n");
  expect(quoteOf("> Bob: when?")).toBe("> > Bob: when?\n\n");
});

test("is short", () => {
  expect(quoteOf("one\ntwo\nthree\nfour\nfive")).toBe("> one\n> two\n> three\n> four…\n\n");
  expect(codePoints(quoteOf("🎉".repeat(1024), "x".repeat(32)))).toBeLessThan(250);
});

test("is a quote, whatever was said", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (text, author) => {
      fc.pre(text.trim() !== "" && !author.includes("\n"));
      const blocks = blocksOf(`${quoteOf(text, author)}Yes.`);
      expect(blocks.map(({ kind }) => kind)).toEqual(["quote", "text"]);
    }),
  );
});
