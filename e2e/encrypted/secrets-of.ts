// What a server must not know, computed from links as docs/encryption.md says, with another library than the program's.
import { hkdfSync } from "node:crypto";
import type { Secret } from "./detector.ts";

/** What clients show the server to prove their right. */
export type Token = "owner token" | "write token" | "read token";

/** Everything secret that follows from the link of an owner, of a writer or of a pipe. */
export function secretsOf(link: string): Record<string, Buffer> {
  const content = Buffer.from(link.slice(link.indexOf("#v1:") + 4), "base64url");
  const [kind] = content;
  const first = content.subarray(1, 33);
  const write = kind === 1 ? derive(first, "write secret") : first;
  const read = derive(write, "read secret");
  const presenceRoot = derive(read, "presence root", 64);
  return {
    ...(kind === 1 && { "owner secret": first, "owner token": derive(first, "owner token") }),
    "write secret": write,
    "write token": derive(write, "write token"),
    "write key": derive(write, "write key"),
    "read secret": read,
    "read token": derive(read, "read token"),
    "message root": derive(read, "message root", 64),
    "presence root": presenceRoot,
    "presence key": derive(presenceRoot, "presence key"),
    ...(kind === 4 && { "pipe secret": content.subarray(65, 97) }),
  };
}

/** The secrets of a link except for the tokens that clients show, under names that tell the streams apart. */
export function hiddenOf(stream: string, link: string, ...shown: Token[]): Secret[] {
  return Object.entries(secretsOf(link)).flatMap(([name, value]) =>
    shown.some((token) => token === name) ? [] : [{ name: `${stream}: ${name}`, value }],
  );
}

/** The keys of the messages of a sender, from the message root. */
export function senderKeysOf(messageRoot: Buffer, senderKey: Buffer): { base: Buffer; key: Buffer } {
  const base = derive(messageRoot, "sender", 64, senderKey);
  // RFC 9605 §4.4.2, with KID 0 and cipher suite 5.
  const info = Buffer.concat([Buffer.from("SFrame 1.0 Secret key "), Buffer.alloc(8), Buffer.of(0, 5)]);
  return { base, key: expand(base, info, 32) };
}

/** The public keys of the senders of all messages in what was captured. */
export function senderKeysIn(captured: Buffer): Buffer[] {
  const envelopes = captured.toString("latin1").matchAll(/(?:~|%7E)1\.(A[Q-Za-f][\w-]{300,})/g);
  const keys = Array.from(envelopes, ([, text = ""]) =>
    Buffer.from(text, "base64url").toString("latin1", 1, 33),
  );
  return Array.from(new Set(keys), (key) => Buffer.from(key, "latin1"));
}

/** The six words of a pipe, as they might be written somewhere. */
export function wordsOf(pipe: string, words: readonly string[]): Secret[] {
  if (words.length !== 6) throw new Error("a pipe has six words");
  const halves = [words.slice(0, 3), words.slice(3)];
  return [" ", ",", '","', "-", "\n"].flatMap((separator) =>
    halves.map((half) => ({ name: `${pipe}: words`, value: half.join(separator), isWhole: true })),
  );
}

function derive(secret: Buffer, label: string, length = 32, context: Buffer = Buffer.alloc(0)): Buffer {
  return expand(secret, Buffer.concat([Buffer.from(`malten/1 ${label}`), context]), length);
}

function expand(secret: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync("sha512", secret, Buffer.alloc(0), info, length));
}
