// The bytes of a sealed message: docs/encryption.md.
import { concat, fromUint, fromUtf8, uint, utf8, type Bytes } from "./bytes.ts";
import { countIn, type CounterRange } from "./counter-ranges.ts";
import { decodeEnvelope } from "./envelope.ts";
import { EncryptionError } from "./error.ts";
import { labelled } from "./primitives.ts";

/** The version in the authenticated data, as in the prefix of envelopes. */
const VERSION = 1;

/** The type of a message. Types from 16 belong to pipes. */
export const MESSAGE = 1;

const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** Size of the beginning of the hash of a message that its successors name, in bytes. */
export const HASH_BYTES = 8;

/** Longest text and sender name, in code points. A code point has at most four bytes. */
const MAX_TEXT = 1024;
const MAX_NAME = 32;

/** Ranges of voided counters in a message, and counters in such a range. */
export const MAX_VOIDED = 16;
export const MAX_VOIDED_RANGE = 0xffff;

/** Counters have 48 bits. */
export const MAX_COUNTER = 2 ** 48 - 1;
const COUNTER_BYTES = 6;

/** Sizes that plaintexts are padded to, in bytes. The longest text and name with all voided counters have 4428. */
const SIZES = [256, 1024, 4608];

/** An envelope, taken apart. Nothing of it is authentic yet. */
export interface SealedEnvelope {
  readonly type: number;
  readonly senderKey: Bytes;
  readonly certificate: Bytes;
  readonly frame: Bytes;
}

/** What is inside a message. */
export interface Payload {
  readonly lastSeen: Bytes;
  readonly voided: readonly CounterRange[];
  readonly name: string | undefined;
  readonly text: string;
}

/** What the write key signs to certify a sender for a stream. */
export function certified(stream: string, senderKey: Bytes): Bytes {
  return labelled("certificate", utf8(stream), senderKey);
}

/** What is authenticated beside the frame. */
export function metadataOf(stream: string, envelope: Omit<SealedEnvelope, "frame">): Bytes {
  const { type, senderKey, certificate } = envelope;
  return concat(new Uint8Array([VERSION, type]), utf8(stream), senderKey, certificate);
}

/** What a sender signs. */
export function signed(header: Bytes, metadata: Bytes, payload: Bytes): Bytes {
  return labelled("message", header, metadata, payload);
}

export function readEnvelope(text: string): SealedEnvelope | undefined {
  const bytes = decodeEnvelope(text);
  const [type] = bytes ?? [];
  if (bytes === undefined || type === undefined) return undefined;
  const [keyEnd, certificateEnd] = [1 + KEY_BYTES, 1 + KEY_BYTES + SIGNATURE_BYTES];
  if (bytes.length <= certificateEnd) return undefined;
  return {
    type,
    senderKey: bytes.slice(1, keyEnd),
    certificate: bytes.slice(keyEnd, certificateEnd),
    frame: bytes.slice(certificateEnd),
  };
}

/** Checks what can be sealed. @throws EncryptionError `text_invalid`, `name_invalid` */
export function checkContent(text: string, name = ""): void {
  if (text === "" || !fits(text, MAX_TEXT)) {
    throw new EncryptionError("text_invalid", `A text has 1 to ${MAX_TEXT} characters`);
  }
  if (!fits(name, MAX_NAME)) {
    throw new EncryptionError("name_invalid", `The name of a sender has 1 to ${MAX_NAME} characters`);
  }
}

/** Encodes and pads what {@link checkContent} accepts, without a signature. */
export function encodePayload({ lastSeen, voided, name = "", text }: Payload): Bytes {
  const [nameBytes, textBytes] = [utf8(name), utf8(text)];
  const content = concat(
    lastSeen,
    uint(voided.length, 1),
    ...voided.flatMap((range) => [uint(range.first, COUNTER_BYTES), uint(countIn([range]), 2)]),
    uint(nameBytes.length, 1),
    nameBytes,
    uint(textBytes.length, 2),
    textBytes,
  );
  const size = SIZES.find((most) => SIGNATURE_BYTES + content.length <= most) ?? 0;
  const padded = new Uint8Array(size - SIGNATURE_BYTES);
  padded.set(content);
  return padded;
}

/** Reads {@link encodePayload}. Returns undefined for anything that it does not write. */
export function decodePayload(bytes: Bytes): Payload | undefined {
  if (!SIZES.includes(bytes.length + SIGNATURE_BYTES)) return undefined;
  let end = 0;
  const take = (length: number) => bytes.slice(end, (end += length));
  const takeUint = (length: number) => Number(fromUint(take(length)));
  const lastSeen = take(HASH_BYTES);
  const count = takeUint(1);
  if (count > MAX_VOIDED) return undefined;
  const voided = Array.from({ length: count }, () => {
    const first = takeUint(COUNTER_BYTES);
    return { first, last: first + takeUint(2) - 1 };
  });
  const name = fromUtf8(take(takeUint(1)));
  const text = fromUtf8(take(takeUint(2)));
  if (end > bytes.length || bytes.subarray(end).some((byte) => byte !== 0)) return undefined;
  if (text === undefined || text === "" || !fits(text, MAX_TEXT)) return undefined;
  if (name === undefined || !fits(name, MAX_NAME)) return undefined;
  return { lastSeen, voided, name: name === "" ? undefined : name, text };
}

/** Whether a text is well-formed Unicode of at most this many code points. */
function fits(text: string, most: number): boolean {
  return text.length <= 2 * most && text.isWellFormed() && Array.from(text).length <= most;
}
