import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { hueOf, HUES } from "./name-hue.ts";

test("a name always has the same hue", () => {
  expect(["Ada", "Bob", "Eve", "ada", ""].map(hueOf)).toEqual([11, 4, 5, 7, 1]);
});

test("property: every name has a hue, and names are spread over all of them", () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 32 }), (name) => {
      const hue = hueOf(name);
      expect(Number.isInteger(hue) && hue >= 0 && hue < HUES).toBe(true);
      seen.add(hue);
    }),
    { numRuns: 1000 },
  );
  expect(seen.size).toBe(HUES);
});
