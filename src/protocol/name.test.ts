import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { checkName, DEFAULT_STREAM, isNamePrefix } from "./name.ts";
import { Problem } from "./problem.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";

function passes(name: string): boolean {
  try {
    return checkName(name) === name;
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ code: "bad_name", status: 400 });
    return false;
  }
}

test("names have 1 to 64 unreserved characters and no others", () => {
  const unit = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...LETTERS.split("")) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 70 }), (name) => {
      const valid =
        name.length >= 1 && name.length <= 64 && Array.from(name).every((letter) => LETTERS.includes(letter));
      expect(passes(name)).toBe(valid);
      expect(isNamePrefix(name)).toBe(valid || name === "");
    }),
    { numRuns: 500 },
  );
});

test("each character of the grammar is a name by itself", () => {
  for (const letter of LETTERS) expect(passes(letter)).toBe(true);
  expect(passes(DEFAULT_STREAM)).toBe(true);
  expect(passes("a".repeat(64))).toBe(true);
});

test("invalid names are rejected", () => {
  const wrong = [
    "",
    "a".repeat(65),
    " a",
    "a ",
    "a b",
    "a\n",
    "\na",
    "a\0",
    "a/b",
    "a?b",
    "a#b",
    "a%20b",
    "a+b",
    "a@b",
  ];
  for (const name of [
    ...wrong,
    "é",
    "ａ",
    "а",
    "\u212a",
    "\u017f",
    "a\u200b",
    "\u{1f600}",
    '"',
    "<b>",
    "a,b",
    "a:b",
  ])
    expect(passes(name)).toBe(false);
});

test("a name needs no escape in a URL or in JSON", () => {
  expect(encodeURIComponent(LETTERS)).toBe(LETTERS);
  expect(JSON.stringify(LETTERS)).toBe(`"${LETTERS}"`);
});
