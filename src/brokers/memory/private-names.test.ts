import { expect, test } from "bun:test";
import { PrivateNames } from "./private-names.ts";

const MAX_NAMES = 65_536;
const DAY = 86_400_000;

test("remembers a name for a day after it was added last", () => {
  const names = new PrivateNames();
  expect(names.has("foo", 0)).toBe(false);
  names.add("foo", 1000);
  expect(names.has("foo", 1000)).toBe(true);
  expect(names.has("bar", 1000)).toBe(false);
  expect(names.has("foo", 1000 + DAY - 1)).toBe(true);
  expect(names.has("foo", 1000 + DAY)).toBe(false);
  names.add("foo", 1000 + DAY);
  expect(names.has("foo", 1000 + DAY)).toBe(true);
});

test("when full, forgets the name that was added first", () => {
  const names = new PrivateNames();
  for (let i = 0; i < MAX_NAMES; i++) names.add(`s${i}`, 0);
  expect(names.has("s0", 0)).toBe(true);
  names.add("one more", 0);
  expect(["s0", "s1", "one more"].map((name) => names.has(name, 0))).toEqual([false, true, true]);
});
