import { toBase64url, type Bytes } from "./bytes.ts";
import { importVerifyKey, verify } from "./primitives.ts";
import { certified, type SealedEnvelope } from "./sealed-format.ts";
import { deriveSecret, type StreamKeys } from "./secrets.ts";
import { deriveSFrameKey, type SFrameKey } from "./sframe.ts";

/** Each sender has keys of its own, so one key identifier is enough. */
const KID = 0n;

/** Bytes of its public key that name a sender. */
const ID_BYTES = 12;

/** Keys to open the messages of one sender. */
export interface SenderKeys {
  readonly verifyKey: CryptoKey;
  readonly frameKey: SFrameKey;
}

/** The pseudonym of a sender: 16 characters. */
export function senderId(senderKey: Bytes): string {
  return toBase64url(senderKey.subarray(0, ID_BYTES));
}

/** Derives the key for the messages of a sender. All who can read can derive it. */
export async function deriveFrameKey(keys: StreamKeys, senderKey: Bytes): Promise<SFrameKey> {
  return deriveSFrameKey(await deriveSecret(keys.messageRoot, "sender", senderKey), KID);
}

/** Derives the keys of the sender of an envelope. Returns undefined if the write key did not certify it. */
export async function openSender(
  keys: StreamKeys,
  { senderKey, certificate }: SealedEnvelope,
): Promise<SenderKeys | undefined> {
  if (!(await verify(keys.verifyKey, certificate, certified(keys.name, senderKey)))) return undefined;
  // Some platforms refuse a key that is no point of the curve; a writer can certify such a key.
  const verifyKey = await importVerifyKey(senderKey).catch(() => null);
  return verifyKey ? { verifyKey, frameKey: await deriveFrameKey(keys, senderKey) } : undefined;
}
