// Which keys and counters were used, by what clients sent.
import { expect } from "bun:test";
import { readHeader } from "../../src/crypto/sframe.ts";

/** First bytes of envelopes: messages, and the frames of both ends of a pipe. */
const [MESSAGE, FROM_OPENER, FROM_JOINER] = [0x01, 0x14, 0x15];

/** Size of sender key and certificate, and of a session id. */
const [SENDER, SESSION] = [96, 8];

/**
 * Expects that no key was used twice with a counter, but for the same message sent again. Returns the number of messages of each sender
 * key, and of each direction of each pipe.
 */
export function expectUniqueNonces(sent: readonly string[]): number[] {
  const envelopes = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const [, text = ""] of sent.join("\n").matchAll(/(?:~|%7E)1\.([\w-]+)/g)) {
    const bytes = Buffer.from(text, "base64url");
    const [type = 0] = bytes;
    if (type !== MESSAGE && type !== FROM_OPENER && type !== FROM_JOINER) continue;
    const start = 1 + (type === MESSAGE ? SENDER : SESSION);
    const header = readHeader(new Uint8Array(bytes.subarray(start)));
    // Names in the presence list are envelopes, too, and shorter.
    if (!header || bytes.length < start + 256) continue;
    const key = bytes.toString("hex", 0, type === MESSAGE ? 33 : start);
    const nonce = `${key} ${header.kid} ${header.ctr}`;
    if (!envelopes.has(nonce)) counts.set(key, (counts.get(key) ?? 0) + 1);
    expect([nonce, envelopes.get(nonce) ?? text]).toEqual([nonce, text]);
    envelopes.set(nonce, text);
  }
  return Array.from(counts.values());
}
