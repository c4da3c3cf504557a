import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { isEnvelope, MAX_ENVELOPE } from "./envelope.ts";
import { checkText } from "./text.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const base64url = fc.string({ unit: fc.constantFrom(...LETTERS.split("")), minLength: 1, maxLength: 100 });

test("an envelope is ~1. and base64url", () => {
  fc.assert(fc.property(base64url, (body) => expect(isEnvelope(`~1.${body}`)).toBe(true)));
});

test("one other character anywhere makes a text", () => {
  const other = fc
    .string({ unit: "binary", minLength: 1, maxLength: 2 })
    .filter((character) => !LETTERS.includes(character));
  fc.assert(
    fc.property(base64url, other, fc.nat(), (body, character, place) => {
      const at = place % (body.length + 1);
      expect(isEnvelope(`~1.${body.slice(0, at)}${character}${body.slice(at)}`)).toBe(false);
    }),
  );
});

test("an envelope has at most 8,192 characters", () => {
  expect(isEnvelope(`~1.${"A".repeat(MAX_ENVELOPE - 3)}`)).toBe(true);
  expect(isEnvelope(`~1.${"A".repeat(MAX_ENVELOPE - 2)}`)).toBe(false);
});

test("what only looks like an envelope is a text", () => {
  for (const text of [
    "",
    "~",
    "~1",
    "~1.",
    "~2.AA",
    "~1AA",
    " ~1.AA",
    "~1.AA ",
    "~1.AA\n",
    "~1.AA==",
    "~1.+/",
  ])
    expect(isEnvelope(text)).toBe(false);
});

test("an envelope that is short enough is a text like any other", () => {
  expect(checkText("~1.AA")).toEqual({ text: "~1.AA", escaped: "~1.AA" });
});
