import { expect, test } from "bun:test";
import { Recent } from "./recent.ts";

test("forgets what was longest not seen", () => {
  const recent = new Recent(2);
  for (const key of ["a", "b", "a", "c"]) recent.add(key);
  expect(["a", "b", "c"].map((key) => recent.has(key))).toEqual([true, false, true]);
});
