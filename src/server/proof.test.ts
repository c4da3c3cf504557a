import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { RIGHTS, sealedStream } from "../../test-support/access-tokens.ts";
import { Problem } from "../protocol/problem.ts";
import { bearerToken, checkRight, type Right } from "./proof.ts";

function proves(stream: string, right: Right, token?: string): boolean {
  try {
    checkRight(stream, right, token);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ code: "not_found", detail: "No such stream", retryAfter: undefined });
    return false;
  }
}

test("each token proves its right and those below it", () => {
  const { name, tokens } = sealedStream();
  for (const [shown, token] of RIGHTS.entries()) {
    for (const [wanted, right] of RIGHTS.entries())
      expect([right, proves(name, right, tokens[token])]).toEqual([right, shown >= wanted]);
  }
});

test("streams that are not sealed need no proof", () => {
  for (const name of ["_", ".private", "a~b"]) expect(proves(name, "owner")).toBe(true);
});

test("no token, one of another stream, and any other text prove nothing", () => {
  const { name, tokens } = sealedStream();
  const other = sealedStream();
  for (const token of [
    undefined,
    "",
    ...Object.values(other.tokens),
    name,
    `${tokens.owner}A`,
    ` ${tokens.owner}`,
  ])
    expect(proves(name, "reader", token)).toBe(false);
  for (const token of Object.values(tokens)) expect(proves(other.name, "reader", token)).toBe(false);
});

test("a token with any other character, or with parts exchanged, proves nothing", () => {
  const { name, tokens } = sealedStream();
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const right = fc.constantFrom(...RIGHTS);
  fc.assert(
    fc.property(right, fc.nat(), fc.constantFrom(...letters.split("")), (given, place, letter) => {
      const token = tokens[given];
      const at = place % token.length;
      const changed = token.slice(0, at) + letter + token.slice(at + 1);
      expect(proves(name, "reader", changed)).toBe(changed === token);
    }),
  );
  fc.assert(
    fc.property(right, fc.nat(), fc.nat(), (given, first, second) => {
      const bytes = Buffer.from(tokens[given], "base64url");
      const swapped = Buffer.from(bytes);
      const count = (bytes.length - 1) / 32;
      const [one, two] = [first % count, second % count];
      const part = (i: number) => bytes.subarray(1 + 32 * i, 33 + 32 * i);
      swapped.set(part(two), 1 + 32 * one);
      swapped.set(part(one), 1 + 32 * two);
      expect(proves(name, "reader", swapped.toString("base64url"))).toBe(swapped.equals(bytes));
    }),
  );
});

test("a token of one kind does not become one of another kind", () => {
  const { name, tokens } = sealedStream();
  for (const right of RIGHTS) {
    const bytes = Buffer.from(tokens[right], "base64url");
    for (let kind = 0; kind < 256; kind++) {
      const changed = Buffer.from(bytes);
      changed[0] = kind;
      expect(proves(name, "reader", changed.toString("base64url"))).toBe(kind === bytes[0]);
    }
  }
});

test("only the name itself is proved, not one that means the same or looks alike", () => {
  const { name, tokens } = sealedStream();
  // Of the last character, two bits are not used.
  const alias = (bits: number) => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return name.slice(0, -1) + letters.charAt(letters.indexOf(name.slice(-1)) ^ bits);
  };
  for (const other of [
    alias(1),
    alias(2),
    alias(3),
    "~",
    `${name}=`,
    name.slice(0, -1),
    `${name}A`,
    `~${name}`,
  ])
    expect(proves(other, "reader", tokens.owner)).toBe(false);
  expect(proves(name, "reader", tokens.owner)).toBe(true);
});

test("reads the token of a header", () => {
  const read = (authorization: string) =>
    bearerToken(new Request("http://a", { headers: { authorization } }));
  expect(read("Bearer abc")).toBe("abc");
  expect(read("bearer   abc")).toBe("abc");
  expect(bearerToken(new Request("http://a"))).toBeUndefined();
  for (const header of [
    "",
    "Bearer",
    "Bearer ",
    "abc",
    "Basic abc",
    "Bearer a b",
    "Bearer a, Bearer a",
    "xBearer a",
  ])
    expect(read(header)).toBeUndefined();
});
