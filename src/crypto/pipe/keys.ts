// The key schedule of a pipe.
import { concat, type Bytes } from "../bytes.ts";
import { derive, importSecret, labelled, sha256 } from "../primitives.ts";
import { toWords, WORDS_BYTES } from "./words.ts";

/** Size of a secret of HKDF-SHA-512 and of SFrame's base keys (Nh), in bytes. */
const HASH_BYTES = 64;
const SECRET_BYTES = 32;
export const SESSION_ID_BYTES = 8;

/** What an end keeps of one root. The root itself is forgotten, so that these keys open nothing that was sent before them. */
export interface EpochKeys {
  /** SFrame's base key of the first frame that the opener sends. */
  readonly opener: CryptoKey;
  /** The same of the joiner. */
  readonly joiner: CryptoKey;
  /** Goes into the next root. */
  readonly next: Bytes;
  /** Hash of all that was said to agree on keys. */
  readonly transcript: Bytes;
}

/** SFrame's base keys of both directions, as one end sees them. */
export interface Chains {
  readonly send: CryptoKey;
  readonly receive: CryptoKey;
}

export function chainsOf({ opener, joiner }: EpochKeys, isOpener: boolean): Chains {
  return isOpener ? { send: opener, receive: joiner } : { send: joiner, receive: opener };
}

/** What both ends derive from the first root. */
export interface SessionSecrets {
  readonly keys: EpochKeys;
  readonly words: readonly string[];
  /** Tells the frames of this session from those of an earlier one. Public. */
  readonly id: Bytes;
}

/** The hash of all that was said: `parts` have fixed sizes. */
export function transcriptOf(...parts: Bytes[]): Promise<Bytes> {
  return sha256(labelled("pipe transcript", ...parts));
}

/** Derives the keys of an epoch from what the ends had before and from a fresh exchange. Both are erased. */
async function deriveRoot(before: Bytes, fresh: Bytes, transcript: Bytes): Promise<CryptoKey> {
  const input = concat(before, fresh);
  const ikm = await importSecret(input);
  const root = await derive(ikm, "pipe root", HASH_BYTES, transcript);
  const key = await importSecret(root);
  for (const secret of [before, fresh, input, root]) secret.fill(0);
  return key;
}

async function epochKeys(root: CryptoKey, transcript: Bytes): Promise<EpochKeys> {
  return {
    opener: await chain(root, "pipe opener"),
    joiner: await chain(root, "pipe joiner"),
    next: await derive(root, "pipe next", SECRET_BYTES),
    transcript,
  };
}

async function chain(root: CryptoKey, label: string): Promise<CryptoKey> {
  const base = await derive(root, label, HASH_BYTES);
  const key = await importSecret(base);
  base.fill(0);
  return key;
}

/** The keys after the handshake. */
export async function deriveSession(join: Bytes, accept: Bytes, transcript: Bytes): Promise<SessionSecrets> {
  const root = await deriveRoot(join, accept, transcript);
  return {
    keys: await epochKeys(root, transcript),
    words: await toWords(await derive(root, "pipe words", WORDS_BYTES)),
    id: await derive(root, "pipe session", SESSION_ID_BYTES),
  };
}

/** The keys after a fresh encapsulation. */
export async function deriveEpoch(next: Bytes, fresh: Bytes, transcript: Bytes): Promise<EpochKeys> {
  return epochKeys(await deriveRoot(next, fresh, transcript), transcript);
}
