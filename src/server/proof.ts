import { sameSecret } from "../core/random.ts";
import { parseAccess, type Access } from "../protocol/access.ts";
import { isSealed } from "../protocol/name.ts";
import { Problem } from "../protocol/problem.ts";

/** What someone may do with a sealed stream. */
export type Right = Access["right"];

/** The least first: each includes those before. */
const RIGHTS: readonly Right[] = ["reader", "writer", "owner"];

/**
 * Checks that an access token proves a right to a stream, if the stream is sealed. The name of the stream is the hash of what is
 * to be proved, so nothing is looked up or kept, and the answer does not depend on whether the stream exists.
 * @throws Problem `not_found`, whatever is wrong with the token
 */
export function checkRight(stream: string, right: Right, token: string | null | undefined): void {
  if (!isSealed(stream)) return;
  const access = parseAccess(token ?? "");
  if (
    access === undefined ||
    RIGHTS.indexOf(access.right) < RIGHTS.indexOf(right) ||
    !sameSecret(nameOf(access), stream)
  )
    throw new Problem("not_found", "No such stream");
}

/** Returns the access token in the header of a request (RFC 6750 §2.1), if it has one. */
export function bearerToken({ headers }: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Returns the name of the stream that a token belongs to: see docs/encryption.md. */
function nameOf(access: Access): string {
  switch (access.right) {
    case "owner":
      return nameOfWriters(access, access.writerHash, hash(access.token));
    case "writer":
      return nameOfWriters(access, hash(access.token), access.ownerHash);
    case "reader":
      return nameFrom(hash(access.token), access.writerCommitment);
  }
}

function nameOfWriters(
  { writeKey, readerHash }: Exclude<Access, { right: "reader" }>,
  writerHash: Uint8Array,
  ownerHash: Uint8Array,
): string {
  return nameFrom(readerHash, hash(hash(writerHash, ownerHash), writeKey));
}

function nameFrom(readerHash: Uint8Array, writerCommitment: Uint8Array): string {
  return `~${hash(readerHash, writerCommitment).toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** SHA-256 (FIPS 180-4) of one part after the other. */
function hash(...parts: Uint8Array[]): Uint8Array {
  return Bun.CryptoHasher.hash("sha256", Buffer.concat(parts));
}
