import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseAccess, type Access } from "./access.ts";

const part = fc.uint8Array({ minLength: 32, maxLength: 32 });

const access: fc.Arbitrary<Access> = fc.oneof(
  fc.record({
    right: fc.constant("owner"),
    token: part,
    writerHash: part,
    writeKey: part,
    readerHash: part,
  } as const),
  fc.record({
    right: fc.constant("writer"),
    token: part,
    ownerHash: part,
    writeKey: part,
    readerHash: part,
  } as const),
  fc.record({ right: fc.constant("reader"), token: part, writerCommitment: part } as const),
);

/** The grammar, written a second time. */
function format(given: Access): string {
  const kind = { owner: 1, writer: 2, reader: 3 }[given.right];
  const parts =
    given.right === "reader"
      ? [given.token, given.writerCommitment]
      : [
          given.token,
          given.right === "owner" ? given.writerHash : given.ownerHash,
          given.writeKey,
          given.readerHash,
        ];
  return Buffer.concat([Uint8Array.of(kind), ...parts]).toString("base64url");
}

test("a token gives its right and its parts", () => {
  fc.assert(fc.property(access, (given) => expect(parseAccess(format(given))).toEqual(given)));
});

test("a token is parsed only if it is written exactly as it would be written again", () => {
  const anything = fc.string({ unit: "binary" });
  const bytes = fc
    .oneof(
      fc.uint8Array({ minLength: 0, maxLength: 140 }),
      fc
        .constantFrom(0, 1, 2, 3, 4, 255)
        .chain((kind) =>
          fc
            .constantFrom(0, 1, 64, 65, 127, 128, 129, 160)
            .map((length) => Uint8Array.of(kind, ...Array.from({ length }, () => 7))),
        ),
    )
    .map((given) => Buffer.from(given).toString("base64url"));
  const changed = fc.tuple(access, fc.nat(), anything, fc.nat(3)).map(([given, place, text, removed]) => {
    const characters = Array.from(format(given));
    characters.splice(place % (characters.length + 1), removed, text);
    return characters.join("");
  });
  fc.assert(
    fc.property(fc.oneof(anything, bytes, changed), (text) => {
      const parsed = parseAccess(text);
      if (parsed !== undefined) expect(format(parsed)).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test("of the last character of a reader's token, the bits that are not used are 0", () => {
  const token = format({
    right: "reader",
    token: new Uint8Array(32),
    writerCommitment: new Uint8Array(32),
  });
  expect(parseAccess(token)?.right).toBe("reader");
  for (const last of "BCDEFGHIJ") {
    const right = parseAccess(`${token.slice(0, -1)}${last}`)?.right;
    expect(right).toBe(last === "E" || last === "I" ? "reader" : undefined);
  }
});

test("padding, spaces and the other alphabet are not accepted", () => {
  const token = Buffer.alloc(129, 0xff).fill(1, 0, 1).toString("base64url");
  expect(parseAccess(token)?.right).toBe("owner");
  for (const text of [`${token}=`, `${token}\n`, ` ${token}`, token.replaceAll("_", "/"), ""])
    expect(parseAccess(text)).toBeUndefined();
});
