// The bytes of a pipe's envelopes.
import { isEnvelope, MAX_ENVELOPE } from "../../protocol/envelope.ts";
import { concat, fromBase64url, fromUint, toBase64url, uint, type Bytes } from "../bytes.ts";

const PREFIX = "~1.";

/** The first byte of an envelope. Those of other encrypted streams are below 0x10. */
export const FrameType = {
  Hello: 0x10,
  Join: 0x11,
  Accept: 0x12,
  Refuse: 0x13,
  FromOpener: 0x14,
  FromJoiner: 0x15,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** What is inside of an encrypted frame. The first three are data, which waits for the window. */
export const Kind = {
  Text: 1,
  Bytes: 2,
  End: 3,
  /** Nothing but its acknowledgement. */
  Ack: 4,
  /** Asks for all frames from a number on. */
  Resend: 5,
  /** A public key for a fresh encapsulation. */
  Offer: 6,
  /** The encapsulation. The frames after it have new keys. */
  Answer: 7,
  /** The frames after it have new keys, too. */
  Switch: 8,
  /** Someone else tried to join. */
  Intruder: 9,
  Leave: 10,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

const KINDS: ReadonlyMap<number, Kind> = new Map(Object.values(Kind).map((kind) => [kind, kind]));

export interface Payload {
  readonly kind: Kind;
  /** All frames of the other end below this number have been taken. */
  readonly ack: number;
  readonly content: Bytes;
}

/** Bytes around a payload: type, session, the longest SFrame header that a sequence number needs, tag. */
const ENVELOPE_OVERHEAD = 1 + 8 + 7 + 16;
const SEQUENCE_BYTES = 6;
const HEADER_BYTES = 1 + SEQUENCE_BYTES + 2;

/** Sizes of payloads, so that the size of an envelope tells little. The largest one fills it. */
const FULL = Math.floor(((MAX_ENVELOPE - PREFIX.length) * 3) / 4) - ENVELOPE_OVERHEAD;
const SIZES = [256, 1024, 4608, FULL];

/** Bytes of a file or pipeline that fit one frame. */
export const BYTES_PER_FRAME = FULL - HEADER_BYTES;

export function frame(type: FrameType, ...parts: Bytes[]): Bytes {
  return concat(new Uint8Array([type]), ...parts);
}

export function toEnvelope(bytes: Bytes): string {
  return PREFIX + toBase64url(bytes);
}

/** The first byte of an envelope, without decoding the rest; undefined if the text is too short or none. */
export function typeOf(text: string): number | undefined {
  return text.startsWith(PREFIX)
    ? fromBase64url(text.slice(PREFIX.length, PREFIX.length + 4))?.[0]
    : undefined;
}

/** Returns undefined if the text is no envelope. Anyone with the link can have sent it. */
export function fromEnvelope(text: string): Bytes | undefined {
  return isEnvelope(text) ? fromBase64url(text.slice(PREFIX.length)) : undefined;
}

/** Encodes a payload: kind ‖ ack ‖ length ‖ content ‖ zeros. Bytes always fill an envelope. */
export function encodePayload({ kind, ack, content }: Payload): Bytes {
  const needed = kind === Kind.Bytes ? FULL : HEADER_BYTES + content.length;
  const size = SIZES.find((bound) => bound >= needed);
  if (size === undefined) throw new RangeError("The content does not fit a frame");
  const bytes = new Uint8Array(size);
  bytes[0] = kind;
  bytes.set(encodeSequence(ack), 1);
  bytes.set(uint(content.length, 2), 1 + SEQUENCE_BYTES);
  bytes.set(content, HEADER_BYTES);
  return bytes;
}

/** Returns undefined if the other end does not speak this version. */
export function decodePayload(bytes: Bytes): Payload | undefined {
  const kind = KINDS.get(bytes[0] ?? 0);
  const end = HEADER_BYTES + Number(fromUint(bytes.subarray(1 + SEQUENCE_BYTES, HEADER_BYTES)));
  if (kind === undefined || bytes.length < end) return undefined;
  const ack = decodeSequence(bytes.subarray(1, 1 + SEQUENCE_BYTES));
  return { kind, ack, content: bytes.slice(HEADER_BYTES, end) };
}

/** Sequence numbers have 48 bits: 8,900 years at 1,000 frames a second. */
export function encodeSequence(value: number): Bytes {
  return uint(value, SEQUENCE_BYTES);
}

export function decodeSequence(bytes: Bytes): number {
  return Number(fromUint(bytes));
}
