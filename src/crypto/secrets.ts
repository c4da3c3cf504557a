// Secrets → tokens → name: docs/encryption.md.
import { toBase64url, type Bytes } from "./bytes.ts";
import {
  derive,
  importSecret,
  importSigningKey,
  importVerifyKey,
  random,
  sha256,
  type SigningKey,
} from "./primitives.ts";
import { formatAccess } from "./access.ts";

/** What a link gives: each right includes those below. */
export type Right = "owner" | "writer" | "reader";

/** Size of what links and access tokens consist of, in bytes: secrets, tokens, hashes and public keys. */
export const PART_BYTES = 32;

/** Size of a root and of a base key, in bytes: the output of SHA-512. */
const SECRET_BYTES = 64;

export interface OwnerSecrets {
  readonly kind: "owner";
  readonly ownerSecret: Bytes;
}

interface WriterSecrets {
  readonly kind: "writer";
  readonly writeSecret: Bytes;
  /** SHA-256 of the owner's token. */
  readonly ownerHash: Bytes;
}

interface ReaderSecrets {
  readonly kind: "reader";
  readonly readSecret: Bytes;
  /** The public key that certifies senders. */
  readonly writeKey: Bytes;
  /** T: the tokens of owner and writer, hashed. */
  readonly tokensHash: Bytes;
}

/** What the link of a sealed stream contains. */
export type StreamSecrets = OwnerSecrets | WriterSecrets | ReaderSecrets;

/** Everything that follows from a link. The keys cannot be exported; the secrets remain, for links to share. */
export interface StreamKeys {
  readonly right: Right;
  /** 44 characters, beginning with `~`. */
  readonly name: string;
  /** The access token of this right, for the server. A secret. */
  readonly access: string;
  /** Secrets of this right and of those below, to make links of. */
  readonly secrets: {
    readonly owner?: OwnerSecrets;
    readonly writer?: WriterSecrets;
    readonly reader: ReaderSecrets;
  };
  /** Verifies the certificates of senders. */
  readonly verifyKey: CryptoKey;
  /** Certifies senders; readers have none. */
  readonly writeKey?: SigningKey;
  /** Root of all message keys. */
  readonly messageRoot: CryptoKey;
  /** Root of the keys for presence names. */
  readonly presenceRoot: CryptoKey;
}

/** Makes the secret of a new stream. */
export function createSecrets(): OwnerSecrets {
  return { kind: "owner", ownerSecret: random(PART_BYTES) };
}

/** Derives everything that these secrets give. @throws EncryptionError `insecure_context`, `unsupported` */
export async function deriveKeys(secrets: StreamSecrets): Promise<StreamKeys> {
  switch (secrets.kind) {
    case "owner": {
      const owner = await deriveOwner(secrets);
      const writer = await deriveWriter(owner.writer);
      const reader = await deriveReader(writer.reader);
      return {
        ...reader.keys,
        right: "owner",
        access: formatAccess("owner", owner.token, writer.hash, writer.writeKey.publicKey, reader.hash),
        secrets: { owner: secrets, writer: owner.writer, reader: writer.reader },
        writeKey: writer.writeKey,
      };
    }
    case "writer": {
      const writer = await deriveWriter(secrets);
      const reader = await deriveReader(writer.reader);
      return {
        ...reader.keys,
        right: "writer",
        access: formatAccess(
          "writer",
          writer.token,
          secrets.ownerHash,
          writer.writeKey.publicKey,
          reader.hash,
        ),
        secrets: { writer: secrets, reader: writer.reader },
        writeKey: writer.writeKey,
      };
    }
    case "reader": {
      const reader = await deriveReader(secrets);
      return {
        ...reader.keys,
        right: "reader",
        access: formatAccess("reader", reader.token, reader.commitment),
        secrets: { reader: secrets },
      };
    }
  }
}

async function deriveOwner({ ownerSecret }: OwnerSecrets): Promise<{ token: Bytes; writer: WriterSecrets }> {
  const root = await importSecret(ownerSecret);
  const token = await derive(root, "owner token", PART_BYTES);
  const writeSecret = await derive(root, "write secret", PART_BYTES);
  return { token, writer: { kind: "writer", writeSecret, ownerHash: await sha256(token) } };
}

async function deriveWriter({ writeSecret, ownerHash }: WriterSecrets): Promise<{
  token: Bytes;
  hash: Bytes;
  writeKey: SigningKey;
  reader: ReaderSecrets;
}> {
  const root = await importSecret(writeSecret);
  const token = await derive(root, "write token", PART_BYTES);
  const hash = await sha256(token);
  const seed = await derive(root, "write key", PART_BYTES);
  const writeKey = await importSigningKey(seed);
  seed.fill(0);
  const readSecret = await derive(root, "read secret", PART_BYTES);
  const tokensHash = await sha256(hash, ownerHash);
  return {
    token,
    hash,
    writeKey,
    reader: { kind: "reader", readSecret, writeKey: writeKey.publicKey, tokensHash },
  };
}

async function deriveReader({ readSecret, writeKey, tokensHash }: ReaderSecrets): Promise<{
  token: Bytes;
  hash: Bytes;
  commitment: Bytes;
  keys: Pick<StreamKeys, "name" | "verifyKey" | "messageRoot" | "presenceRoot">;
}> {
  const root = await importSecret(readSecret);
  const token = await derive(root, "read token", PART_BYTES);
  const hash = await sha256(token);
  const commitment = await sha256(tokensHash, writeKey);
  return {
    token,
    hash,
    commitment,
    keys: {
      name: `~${toBase64url(await sha256(hash, commitment))}`,
      verifyKey: await importVerifyKey(writeKey),
      messageRoot: await deriveSecret(root, "message root"),
      presenceRoot: await deriveSecret(root, "presence root"),
    },
  };
}

/** Derives a secret that only derives others. */
export async function deriveSecret(secret: CryptoKey, label: string, context?: Bytes): Promise<CryptoKey> {
  const bytes = await derive(secret, label, SECRET_BYTES, context);
  const key = await importSecret(bytes);
  bytes.fill(0);
  return key;
}
