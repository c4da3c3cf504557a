import { areEqual, concat, fromUint, fromUtf8, uint, utf8, type Bytes } from "./bytes.ts";
import { decodeEnvelope, encodeEnvelope } from "./envelope.ts";
import { EncryptionError } from "./error.ts";
import { aesDecrypt, aesEncrypt, derive, hkdfToAesKey, labelled, sha256 } from "./primitives.ts";
import type { StreamKeys } from "./secrets.ts";

/** Longest name, in code points. */
const MAX_NAME = 256;

/** Sizes that names are padded to, in bytes, their length included. */
const SIZES = [64, 256, 1040];

const LENGTH_BYTES = 2;
const NONCE_BYTES = 12;

/**
 * Seals a name of the presence list. Equal names of a stream give equal texts, so that a server can count a person once without
 * reading the name. Like any presence name it proves nothing: every reader can seal any name.
 * @throws EncryptionError `name_invalid`
 */
export async function sealPresenceName(keys: StreamKeys, name: string): Promise<string> {
  const padded = pad(name);
  const nonce = await nonceOf(keys, padded);
  const ciphertext = await aesEncrypt(await keyOf(keys), nonce, aadOf(keys), padded);
  return encodeEnvelope(concat(nonce, ciphertext));
}

/** Opens {@link sealPresenceName}. Returns undefined if it does not open. */
export async function openPresenceName(keys: StreamKeys, sealed: string): Promise<string | undefined> {
  const bytes = decodeEnvelope(sealed);
  if (bytes === undefined) return undefined;
  const nonce = bytes.slice(0, NONCE_BYTES);
  if (nonce.length < NONCE_BYTES) return undefined;
  const padded = await aesDecrypt(await keyOf(keys), nonce, aadOf(keys), bytes.subarray(NONCE_BYTES));
  if (padded === undefined || padded.length < LENGTH_BYTES) return undefined;
  const length = Number(fromUint(padded.subarray(0, LENGTH_BYTES)));
  const name = fromUtf8(padded.slice(LENGTH_BYTES, LENGTH_BYTES + length));
  // One name has one sealed form: otherwise the same person could appear twice.
  if (name === undefined || !isValid(name) || !areEqual(pad(name), padded)) return undefined;
  return areEqual(await nonceOf(keys, padded), nonce) ? name : undefined;
}

function isValid(name: string): boolean {
  return name !== "" && name.isWellFormed() && Array.from(name).length <= MAX_NAME;
}

function pad(name: string): Bytes {
  if (!isValid(name)) {
    throw new EncryptionError("name_invalid", `A name has 1 to ${MAX_NAME} characters`);
  }
  const bytes = utf8(name);
  const size = SIZES.find((most) => LENGTH_BYTES + bytes.length <= most);
  const padded = new Uint8Array(size ?? 0);
  padded.set(uint(bytes.length, LENGTH_BYTES));
  padded.set(bytes, LENGTH_BYTES);
  return padded;
}

/** The nonce is a pseudorandom function of the name, as in a SIV mode: only equal names have equal nonces. */
async function nonceOf(keys: StreamKeys, padded: Bytes): Promise<Bytes> {
  // Hashed first, since OpenSSL limits the info of HKDF to 1024 bytes in some versions.
  return derive(keys.presenceRoot, "presence nonce", NONCE_BYTES, await sha256(padded));
}

function keyOf(keys: StreamKeys): Promise<CryptoKey> {
  return hkdfToAesKey(keys.presenceRoot, labelled("presence key"));
}

function aadOf(keys: StreamKeys): Bytes {
  return labelled("presence name", utf8(keys.name));
}
