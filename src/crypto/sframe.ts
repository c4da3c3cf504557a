// SFrame, RFC 9605, cipher suite 5: AES_256_GCM_SHA512_128.
import { concat, fromUint, uint, utf8, type Bytes } from "./bytes.ts";
import { aesDecrypt, aesEncrypt, hkdf, hkdfToAesKey, importSecret } from "./primitives.ts";

const CIPHER_SUITE = uint(5, 2);

/** Size of a base key that the ratchet makes (Nh), in bytes. */
const HASH_BYTES = 64;
/** Size of salt and nonce (Nn), in bytes. */
const NONCE_BYTES = 12;

/** Largest key identifier and counter. */
const MAX = (1n << 64n) - 1n;

/** Keys of one sender and key identifier. None can be exported. */
export interface SFrameKey {
  readonly kid: bigint;
  readonly key: CryptoKey;
  readonly salt: Bytes;
}

export interface SFrameHeader {
  readonly kid: bigint;
  readonly ctr: bigint;
  /** Size of the header, in bytes: 1 to 17. */
  readonly length: number;
}

/** Encodes a header, RFC 9605 §4.3. @throws RangeError */
export function encodeHeader(kid: bigint, ctr: bigint): Bytes {
  const k = encodeField(kid);
  const c = encodeField(ctr);
  return concat(new Uint8Array([(k.bits << 4) | c.bits]), k.bytes, c.bytes);
}

/** Values under 8 are in the config byte itself. The others have 1 to 8 bytes, and the config byte has that number minus 1. */
function encodeField(value: bigint): { bits: number; bytes: Bytes } {
  if (value < 0n || value > MAX) throw new RangeError("An SFrame field has 64 bits");
  if (value < 8n) return { bits: Number(value), bytes: new Uint8Array() };
  const length = Math.ceil(value.toString(16).length / 2);
  return { bits: 8 | (length - 1), bytes: uint(value, length) };
}

/** Reads the header at the beginning of a frame. Returns undefined if it is cut. */
export function readHeader(frame: Bytes): SFrameHeader | undefined {
  const [config] = frame;
  if (config === undefined) return undefined;
  const kidBytes = fieldBytes(config >> 4);
  const length = 1 + kidBytes + fieldBytes(config);
  if (frame.length < length) return undefined;
  return {
    kid: kidBytes === 0 ? BigInt(config >> 4) : fromUint(frame.subarray(1, 1 + kidBytes)),
    ctr: length === 1 + kidBytes ? BigInt(config & 7) : fromUint(frame.subarray(1 + kidBytes, length)),
    length,
  };
}

function fieldBytes(bits: number): number {
  return (bits & 8) === 0 ? 0 : (bits & 7) + 1;
}

/** Derives the keys of a base key, RFC 9605 §4.4.2. `baseKey` is made by `importSecret`. */
export async function deriveSFrameKey(baseKey: CryptoKey, kid: bigint): Promise<SFrameKey> {
  const info = (label: string) => concat(utf8(`SFrame 1.0 Secret ${label} `), uint(kid, 8), CIPHER_SUITE);
  const [key, salt] = await Promise.all([
    hkdfToAesKey(baseKey, info("key")),
    hkdf(baseKey, info("salt"), NONCE_BYTES),
  ]);
  return { kid, key, salt };
}

/** The next base key, RFC 9605 §5.1. The previous one cannot be computed from it. */
export async function ratchet(baseKey: CryptoKey): Promise<CryptoKey> {
  const next = await hkdf(baseKey, utf8("SFrame 1.0 Ratchet"), HASH_BYTES);
  const key = await importSecret(next);
  next.fill(0);
  return key;
}

/** The counter XORed into the salt, RFC 9605 §4.4.3. */
function nonceOf({ salt }: SFrameKey, ctr: bigint): Bytes {
  const counter = uint(ctr, NONCE_BYTES);
  return salt.map((byte, i) => byte ^ (counter[i] ?? 0));
}

/**
 * Encrypts to a frame: header ‖ ciphertext ‖ tag, RFC 9605 §4.4.3. The caller never uses a counter twice with the same key: that
 * would reveal both plaintexts and the key of the authentication.
 */
export async function encryptFrame(
  key: SFrameKey,
  ctr: bigint,
  metadata: Bytes,
  plaintext: Bytes,
): Promise<Bytes> {
  const header = encodeHeader(key.kid, ctr);
  return concat(header, await aesEncrypt(key.key, nonceOf(key, ctr), concat(header, metadata), plaintext));
}

/**
 * Decrypts a frame of this key, RFC 9605 §4.4.4. Returns undefined if it is not authentic. Whether its counter was seen before is the
 * caller's to check.
 */
export async function decryptFrame(
  key: SFrameKey,
  frame: Bytes,
  metadata: Bytes,
): Promise<Bytes | undefined> {
  const header = readHeader(frame);
  if (header?.kid !== key.kid) return undefined;
  const aad = concat(frame.subarray(0, header.length), metadata);
  return aesDecrypt(key.key, nonceOf(key, header.ctr), aad, frame.subarray(header.length));
}
