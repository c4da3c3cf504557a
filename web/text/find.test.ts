import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { findIn } from "./find.ts";

test("finds words in any case", () => {
  expect(findIn("Ada, ADA and ada", "ada")).toEqual([
    [0, 3],
    [5, 8],
    [13, 16],
  ]);
  expect(findIn("ÄRGER", "är")).toEqual([[0, 2]]);
  expect(findIn("🎉🎉", "🎉")).toEqual([
    [0, 2],
    [2, 4],
  ]);
  expect(findIn("anything", "")).toEqual([]);
  // One letter, two in lower case.
  expect(findIn("İx needle", "needle")).toEqual([[3, 9]]);
});

test("takes what is typed as text, not as a pattern", () => {
  expect(findIn("a.b", "a.b")).toEqual([[0, 3]]);
  expect(findIn("axb", "a.b")).toEqual([]);
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary", minLength: 1 }),
      (before, words) => {
        expect(findIn(`${before}\n${words}`, words).length).toBeGreaterThan(0);
      },
    ),
  );
});
