// HPKE, RFC 9180, in PSK mode: X-Wing (ML-KEM-768 and X25519), HKDF-SHA-512, AES-256-GCM.
import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import type { Bytes } from "../bytes.ts";
import { labelled, random } from "../primitives.ts";

const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha512(), aead: new Aes256Gcm() });

/** Sizes of X-Wing's public keys and encapsulated keys, in bytes. */
export const PUBLIC_KEY_BYTES = 1216;
export const ENCAPSULATED_BYTES = 1120;

const EXPORT_BYTES = 32;
const EMPTY = new ArrayBuffer();

/** An X-Wing key. */
export interface KemKey {
  /** The private key, 32 bytes. Filled with zeros when it is no longer needed. */
  readonly seed: Bytes;
  readonly publicKey: Bytes;
}

/** What both sides of an encapsulation share. */
export interface Exchange {
  /** Derives 32 bytes, RFC 9180 §5.3. */
  export: (label: string) => Promise<Bytes>;
}

/** The pre-shared key of an exchange, and the public values that both sides must agree on. */
export interface ExchangeInput {
  readonly psk: Bytes;
  readonly label: string;
  readonly context: Bytes;
}

/** Makes a key; of a given private key only in tests. */
export async function generateKemKey(seed: Bytes = random(32)): Promise<KemKey> {
  const { publicKey } = await kem.generateKeyPairDerand(seed);
  return { seed, publicKey: new Uint8Array(await kem.serializePublicKey(publicKey)) };
}

/** Encapsulates to a public key and encrypts `plaintext` for its owner. */
export async function encapsulate(
  publicKey: Bytes,
  input: ExchangeInput,
  plaintext: Bytes,
): Promise<{ encapsulated: Bytes; ciphertext: Bytes; exchange: Exchange }> {
  const recipientPublicKey = await kem.deserializePublicKey(publicKey);
  const context = await suite.createSenderContext({ recipientPublicKey, ...parameters(input) });
  return {
    encapsulated: new Uint8Array(context.enc),
    ciphertext: new Uint8Array(await context.seal(plaintext, EMPTY)),
    exchange: exchangeOf(context),
  };
}

/** Returns undefined if it was not made for this key with the same input. */
export async function decapsulate(
  key: KemKey,
  encapsulated: Bytes,
  input: ExchangeInput,
  ciphertext: Bytes,
): Promise<{ plaintext: Bytes; exchange: Exchange } | undefined> {
  try {
    const recipientKey = await kem.deserializePrivateKey(key.seed);
    const context = await suite.createRecipientContext({
      recipientKey,
      enc: encapsulated,
      ...parameters(input),
    });
    const plaintext = new Uint8Array(await context.open(ciphertext, EMPTY));
    return { plaintext, exchange: exchangeOf(context) };
  } catch {
    // A wrong key or changed bytes: a KEM does not tell, and neither does AES-GCM.
    return undefined;
  }
}

function parameters({ psk, label, context }: ExchangeInput): {
  info: Bytes;
  psk: { id: Bytes; key: Bytes };
} {
  const id = labelled(label);
  return { info: labelled(label, context), psk: { id, key: psk } };
}

function exchangeOf(context: { export: (context: Bytes, length: number) => Promise<ArrayBuffer> }): Exchange {
  return {
    export: async (label) => new Uint8Array(await context.export(labelled(label), EXPORT_BYTES)),
  };
}
