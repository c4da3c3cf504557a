// What the platform's WebCrypto does for us. Nothing here is an algorithm of our own.
import { concat, fromBase64url, utf8, type Bytes } from "./bytes.ts";
import { EncryptionError } from "./error.ts";

const NONE: Bytes = new Uint8Array();

/** What RFC 5869 §2.2 uses where no salt is provided. Not every platform takes an empty one. */
const NO_SALT: Bytes = new Uint8Array(64);

/** The algorithms are always the same, so a key that is made here cannot be used for another. */
const HKDF = "HKDF";
const ED25519 = "Ed25519";

/** PKCS #8 of an Ed25519 private key, up to the key itself: RFC 8410 §7. */
const PKCS8_PREFIX = new Uint8Array([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);

/** The platform's cryptography. @throws EncryptionError `insecure_context` */
function subtle(): typeof crypto.subtle {
  // The types know nothing of insecure contexts.
  const { subtle: available } = crypto as { subtle?: typeof crypto.subtle };
  if (available !== undefined) return available;
  throw new EncryptionError(
    "insecure_context",
    "Browsers encrypt only in a secure context: use HTTPS (--tls-cert, or a proxy) or localhost",
  );
}

/** Random bytes. */
export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

export async function sha256(...parts: Bytes[]): Promise<Bytes> {
  return new Uint8Array(await subtle().digest("SHA-256", concat(...parts)));
}

/** Input keying material for {@link hkdf}, which cannot be exported. */
export function importSecret(secret: Bytes): Promise<CryptoKey> {
  return subtle().importKey("raw", secret, HKDF, false, ["deriveBits", "deriveKey"]);
}

function hkdfParameters(info: Bytes): { name: string; hash: string; salt: Bytes; info: Bytes } {
  return { name: HKDF, hash: "SHA-512", salt: NO_SALT, info };
}

/** HKDF-SHA-512, RFC 5869, without salt. `length` is in bytes. */
export async function hkdf(secret: CryptoKey, info: Bytes, length: number): Promise<Bytes> {
  return new Uint8Array(await subtle().deriveBits(hkdfParameters(info), secret, length * 8));
}

/** HKDF-SHA-512 to a key of AES-256-GCM, which cannot be exported. */
export function hkdfToAesKey(secret: CryptoKey, info: Bytes): Promise<CryptoKey> {
  const target = { name: "AES-GCM", length: 256 };
  return subtle().deriveKey(hkdfParameters(info), secret, target, false, ["encrypt", "decrypt"]);
}

/** HKDF-SHA-512 with the info `malten/1 <label>` ‖ context. */
export function derive(secret: CryptoKey, label: string, length: number, context = NONE): Promise<Bytes> {
  return hkdf(secret, labelled(label, context), length);
}

/** The bytes of `malten/1 <label>` ‖ context: no label is the beginning of another. */
export function labelled(label: string, ...context: Bytes[]): Bytes {
  return concat(utf8(`malten/1 ${label}`), ...context);
}

/** AES-256-GCM with a 16-byte tag. */
export async function aesEncrypt(key: CryptoKey, nonce: Bytes, aad: Bytes, plaintext: Bytes): Promise<Bytes> {
  const parameters = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return new Uint8Array(await subtle().encrypt(parameters, key, plaintext));
}

/** Returns undefined if it is not authentic. */
export async function aesDecrypt(
  key: CryptoKey,
  nonce: Bytes,
  aad: Bytes,
  ciphertext: Bytes,
): Promise<Bytes | undefined> {
  try {
    const parameters = { name: "AES-GCM", iv: nonce, additionalData: aad };
    return new Uint8Array(await subtle().decrypt(parameters, key, ciphertext));
  } catch {
    // WebCrypto says no more than "OperationError".
    return undefined;
  }
}

export interface SigningKey {
  /** Cannot be exported. */
  readonly privateKey: CryptoKey;
  /** 32 bytes. */
  readonly publicKey: Bytes;
}

/** Makes an Ed25519 key. @throws EncryptionError `unsupported` */
export function generateSigningKey(): Promise<SigningKey> {
  return withEd25519(async () => {
    const pair = await subtle().generateKey(ED25519, false, ["sign", "verify"]);
    if (!("privateKey" in pair)) throw unsupported();
    return {
      privateKey: pair.privateKey,
      publicKey: new Uint8Array(await subtle().exportKey("raw", pair.publicKey)),
    };
  });
}

/** The Ed25519 key of a seed of 32 bytes (RFC 8032 §5.1.5). @throws EncryptionError `unsupported` */
export function importSigningKey(seed: Bytes): Promise<SigningKey> {
  return withEd25519(async () => {
    const pkcs8 = concat(PKCS8_PREFIX, seed);
    // WebCrypto tells the public key of a private one only by exporting it.
    const exportable = await subtle().importKey("pkcs8", pkcs8, ED25519, true, ["sign"]);
    const { x } = await subtle().exportKey("jwk", exportable);
    const publicKey = fromBase64url(x ?? "");
    if (publicKey === undefined) throw unsupported();
    const privateKey = await subtle().importKey("pkcs8", pkcs8, ED25519, false, ["sign"]);
    pkcs8.fill(0);
    return { privateKey, publicKey };
  });
}

export async function sign(key: CryptoKey, ...parts: Bytes[]): Promise<Bytes> {
  return new Uint8Array(await subtle().sign(ED25519, key, concat(...parts)));
}

/** Imports an Ed25519 public key. @throws EncryptionError `unsupported` */
export function importVerifyKey(publicKey: Bytes): Promise<CryptoKey> {
  return withEd25519(() => subtle().importKey("raw", publicKey, ED25519, false, ["verify"]));
}

export async function verify(key: CryptoKey, signature: Bytes, ...parts: Bytes[]): Promise<boolean> {
  try {
    return await subtle().verify(ED25519, key, signature, concat(...parts));
  } catch {
    // Some platforms notice only here that the public key is no point of the curve.
    return false;
  }
}

async function withEd25519<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw error instanceof Error && error.name === "NotSupportedError" ? unsupported() : error;
  }
}

function unsupported(): EncryptionError {
  return new EncryptionError(
    "unsupported",
    "Ed25519 is missing here: use Chromium 137, Firefox 129, Safari 17, Node.js 20 or later",
  );
}
