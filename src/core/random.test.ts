import { expect, test } from "bun:test";
import { checkName } from "../protocol/name.ts";
import { randomLetters, randomSecret, sameSecret } from "./random.ts";

test("random letters are valid stream names of the given length and do not repeat", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 1000; i++) seen.add(checkName(randomLetters(8)));
  expect(seen.size).toBe(1000);
  expect([...seen].every((name) => name.length === 8)).toBe(true);
});

test("every letter is used about equally often", () => {
  const counts = new Map<string, number>();
  for (const letter of randomLetters(32_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(32);
  // A thousand each; 200 is more than six standard deviations.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200);
});

test("a secret equals only itself", () => {
  const secret = randomSecret();
  expect(sameSecret(secret, secret)).toBe(true);
  for (const other of ["", secret.slice(1), secret.slice(0, -1), `${secret}a`, randomSecret()]) {
    expect(sameSecret(other, secret)).toBe(false);
    expect(sameSecret(secret, other)).toBe(false);
  }
  expect(sameSecret("", "")).toBe(true);
});
