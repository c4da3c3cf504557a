// Sealed streams and the tokens that prove a right to them, for tests of the server: random bytes, hashed as docs/encryption.md says.
// Written apart from the server and from crypto/, which make and check the same.
import { createHash, randomBytes } from "node:crypto";

/** What someone may do with a sealed stream, from the least to the most. */
export const RIGHTS = ["reader", "writer", "owner"] as const;

export interface SealedStream {
  readonly name: string;
  /** The access token of each right. */
  readonly tokens: Readonly<Record<(typeof RIGHTS)[number], string>>;
  /** Everything that a server must not keep: secret tokens, hashes and the write key. */
  readonly parts: readonly Buffer[];
}

/** `seed`: for a stream that is always the same. */
export function sealedStream(seed: string = randomBytes(32).toString("hex")): SealedStream {
  const part = (label: string) => sha256(Buffer.from(`${seed} ${label}`));
  const [owner, writer, reader, writeKey] = [part("owner"), part("writer"), part("reader"), part("key")];
  const tokensHash = sha256(sha256(writer), sha256(owner));
  const writerCommitment = sha256(tokensHash, writeKey);
  const nameHash = sha256(sha256(reader), writerCommitment);
  return {
    name: `~${nameHash.toString("base64url")}`,
    tokens: {
      owner: encode(1, owner, sha256(writer), writeKey, sha256(reader)),
      writer: encode(2, writer, sha256(owner), writeKey, sha256(reader)),
      reader: encode(3, reader, writerCommitment),
    },
    parts: [owner, writer, reader, writeKey, sha256(owner), sha256(writer), sha256(reader), tokensHash],
  };
}

/** Returns an envelope of this many characters. */
export function envelope(length = 100): string {
  return `~1.${randomBytes(length).toString("base64url")}`.slice(0, length);
}

function encode(kind: number, ...parts: Buffer[]): string {
  return Buffer.concat([Buffer.from([kind]), ...parts]).toString("base64url");
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
