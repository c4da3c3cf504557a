import { expect, test } from "bun:test";
import { isName, isUnlisted } from "../../src/protocol/name.ts";
import { randomName } from "./random-name.ts";

const NAMES = Array.from({ length: 5000 }, randomName);

test("names can be said aloud, and are listed", () => {
  for (const name of NAMES) {
    expect(name).toMatch(/^[a-z]{3,9}-[a-z]{3,9}-[1-9]\d$/);
    expect(isName(name) && !isUnlisted(name)).toBe(true);
  }
});

test("the words differ from each other", () => {
  for (const part of [0, 1]) {
    const words = new Set(NAMES.map((name) => name.split("-")[part]));
    // All are picked in 5,000 names, or nearly so: of 70, one is missed by one run in 10^29.
    expect(words.size).toBeGreaterThan(60);
  }
  // Of 5,000 out of 500,000, about 25 are the same.
  expect(new Set(NAMES).size).toBeGreaterThan(4800);
});

test("the words take less than 2 kB", async () => {
  expect(Bun.file(new URL("random-name.ts", import.meta.url)).size).toBeLessThan(2048);
  await Promise.resolve();
});
