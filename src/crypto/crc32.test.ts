import { expect, test } from "bun:test";
import { crc32 as zlib } from "node:zlib";
import * as fc from "fast-check";
import { crc32 } from "./crc32.ts";

test("the CRC-32 of zlib", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(crc32(new Uint8Array(bytes))).toBe(zlib(bytes));
    }),
  );
});
