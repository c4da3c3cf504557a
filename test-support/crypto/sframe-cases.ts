// The official vectors of SFrame.
import { concat } from "../../src/crypto/bytes.ts";
import { importSecret } from "../../src/crypto/primitives.ts";
import {
  decryptFrame,
  deriveSFrameKey,
  encodeHeader,
  encryptFrame,
  ratchet,
  readHeader,
} from "../../src/crypto/sframe.ts";
import { equal, fromHex } from "./check.ts";
import vectors from "./rfc9605.json";

export const SFRAME_CASES: Record<string, () => void | Promise<void>> = {
  "SFrame: encodes and reads the headers of RFC 9605": () => {
    for (const [kid = "", ctr = "", encoded = ""] of vectors.header) {
      const header = fromHex(encoded);
      equal(encodeHeader(BigInt(kid), BigInt(ctr)), header);
      const read = { kid: BigInt(kid), ctr: BigInt(ctr), length: header.length };
      equal(readHeader(concat(header, new Uint8Array(3))), read);
      equal(readHeader(header.subarray(0, -1)), undefined);
    }
  },

  "SFrame: encrypts and decrypts the frames of RFC 9605": async () => {
    for (const vector of vectors.sframe) {
      const key = await deriveSFrameKey(await importSecret(fromHex(vector.base_key)), BigInt(vector.kid));
      equal(key.salt, fromHex(vector.sframe_salt));
      const [metadata, plaintext, frame] = [vector.metadata, vector.pt, vector.ct].map(fromHex);
      if (!metadata || !plaintext || !frame) throw new Error("incomplete vector");
      equal(await encryptFrame(key, BigInt(vector.ctr), metadata, plaintext), frame);
      equal(await decryptFrame(key, frame, metadata), plaintext);
    }
  },

  "SFrame: refuses a frame with any bit changed": async () => {
    const key = await deriveSFrameKey(await importSecret(new Uint8Array(32)), 300n);
    const metadata = new Uint8Array([1, 2, 3]);
    const frame = await encryptFrame(key, 1000n, metadata, new Uint8Array(4));
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const changed = frame.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      equal(await decryptFrame(key, changed, metadata), undefined);
    }
    equal(await decryptFrame(key, frame, new Uint8Array([1, 2])), undefined);
  },

  "SFrame: derives the next base key, and other keys from it": async () => {
    const first = await importSecret(new Uint8Array(32));
    const second = await ratchet(first);
    equal(first.extractable || second.extractable, false);
    const plaintext = new Uint8Array(4);
    const frame = await encryptFrame(await deriveSFrameKey(second, 1n), 0n, plaintext, plaintext);
    const old = await deriveSFrameKey(first, 1n);
    equal(await decryptFrame(old, frame, plaintext), undefined);
    const again = await deriveSFrameKey(await ratchet(first), 1n);
    equal(await decryptFrame(again, frame, plaintext), plaintext);
  },
};
