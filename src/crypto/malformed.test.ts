// What is parsed comes from servers and from people who paste: nothing of it may fail in an unexpected way.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { concat, toBase64url, uint, type Bytes } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import { EncryptionError } from "./error.ts";
import { formatLink, parseLink } from "./link.ts";
import { decodePayload, encodePayload, readEnvelope } from "./sealed-format.ts";
import { readHeader } from "./sframe.ts";

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength, maxLength }).map((array) => new Uint8Array(array));
}

const contents = fc.oneof(
  fc.string(),
  bytes(0, 140).map((content) => toBase64url(content)),
  // The right length for a kind, and the right checksum or another one.
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4), bytes(128, 128), fc.constantFrom(0, 0, 1))
    .map(([kind, rest, wrong]) => {
      const content = new Uint8Array([kind, ...rest.slice(0, 32 * kind)]);
      return toBase64url(concat(content, uint((crc32(content) ^ wrong) >>> 0, 4)));
    }),
);

test("a link is parsed or refused, and never shown in the error", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("https://a.example/", "http://[::1]:9/b/", ""),
      contents,
      (server, content) => {
        const link = `${server}#v1:${content}`;
        try {
          const parsed = parseLink(link);
          expect(formatLink(parsed.server, parsed.secrets)).toBe(link.trim());
        } catch (error) {
          if (!(error instanceof EncryptionError)) throw error;
          expect(error.code).toStartWith("link_");
          if (content.length > 8) expect(error.message).not.toContain(content);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a payload is what was encoded, or refused", () => {
  const payloads = fc
    .tuple(fc.constantFrom(192, 960, 4544), bytes(0, 40))
    .map(([size, beginning]) => new Uint8Array([...beginning, ...new Uint8Array(size - beginning.length)]));
  fc.assert(
    fc.property(fc.oneof(payloads, bytes(0, 300)), (given) => {
      const payload = decodePayload(given);
      if (payload === undefined) return;
      // A sender may pad more than it has to.
      const encoded = encodePayload(payload);
      expect(given.subarray(0, encoded.length)).toEqual(encoded);
    }),
    { numRuns: 500 },
  );
});

test("an envelope or a frame is taken apart or refused", () => {
  fc.assert(
    fc.property(bytes(0, 130), (given) => {
      const envelope = readEnvelope(`~1.${toBase64url(given)}`);
      expect(envelope?.frame.length).toBe(given.length > 97 ? given.length - 97 : undefined);
      const header = readHeader(given);
      if (header) expect(header.length).toBeLessThanOrEqual(Math.min(given.length, 17));
    }),
  );
});
