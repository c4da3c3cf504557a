/**
 * An access token, taken apart: the secret token of one right, and the hashes and the key from which, together with it, the name of
 * the stream follows. Each has 32 bytes.
 */
export type Access =
  | {
      readonly right: "owner";
      readonly token: Uint8Array;
      readonly writerHash: Uint8Array;
      readonly writeKey: Uint8Array;
      readonly readerHash: Uint8Array;
    }
  | {
      readonly right: "writer";
      readonly token: Uint8Array;
      readonly ownerHash: Uint8Array;
      readonly writeKey: Uint8Array;
      readonly readerHash: Uint8Array;
    }
  | {
      readonly right: "reader";
      readonly token: Uint8Array;
      /** What the name commits to besides the reader: the tokens of owner and writer, and the write key. */
      readonly writerCommitment: Uint8Array;
    };

const PART_BYTES = 32;

/** The first byte of a token. */
const OWNER = 1;
const WRITER = 2;
const READER = 3;

/**
 * Base64url (RFC 4648 §5) without padding, of a byte and four parts or of a byte and two parts. Of the last character of the latter
 * only four bits are used. The others must be 0 (§3.5), so that nothing can be written in two ways.
 */
const TOKEN = /^(?:[A-Za-z0-9_-]{172}|[A-Za-z0-9_-]{86}[AEIMQUYcgkosw048])$/;

/** Parses an access token; undefined for anything else. Checks its form, not what it proves. */
export function parseAccess(token: string): Access | undefined {
  if (!TOKEN.test(token)) return undefined;
  const bytes = Uint8Array.fromBase64(token, { alphabet: "base64url" });
  const part = (i: number) => bytes.subarray(1 + i * PART_BYTES, 1 + (i + 1) * PART_BYTES);
  const isLong = bytes.length === 1 + 4 * PART_BYTES;
  switch (bytes[0]) {
    case OWNER:
      if (!isLong) return undefined;
      return { right: "owner", token: part(0), writerHash: part(1), writeKey: part(2), readerHash: part(3) };
    case WRITER:
      if (!isLong) return undefined;
      return { right: "writer", token: part(0), ownerHash: part(1), writeKey: part(2), readerHash: part(3) };
    case READER:
      return isLong ? undefined : { right: "reader", token: part(0), writerCommitment: part(1) };
    default:
      return undefined;
  }
}
