import type { CheckedMessage } from "../../protocol/checked-message.ts";
import { MAX_ENVELOPE } from "../../protocol/envelope.ts";
import type { ClientLimits } from "./client-limits.ts";
import { rateOf, type Rate } from "./gcra.ts";

/** The rates of every client. */
export interface Rates {
  /** Messages to listed streams. */
  readonly messages: Rate;
  /** Bytes of messages to unlisted streams. */
  readonly bytes: Rate;
  readonly streams: Rate;
  /** WebSocket frames that publish nothing. */
  readonly frames: Rate;
}

/** What is counted of a message. */
export type BilledMessage = Pick<CheckedMessage, "text" | "name">;

/** A burst of messages, in seconds of the rate. */
const MESSAGE_BURST = 10;

/** A burst of bytes, in seconds of the rate. */
const BYTE_BURST = 16;

/** Messages that a client may be ahead of the rate over WebSocket: the SDK has at most as many unacknowledged. */
export const DEBT = 256;

/** Frames that a client may be ahead of the rate until its WebSocket is closed. */
export const FRAME_DEBT = 1024;

/** What a malformed request costs, in messages. */
export const MALFORMED_REQUEST = 5;

/** What a malformed WebSocket frame costs, in frames. */
export const MALFORMED_FRAME = 10;

/** A message to an unlisted stream costs at least this many bytes: a client could send a million short ones per second. */
const LEAST_BYTES = 256;

/** UTF-8 bytes of the longest text: of an envelope. */
export const LONGEST_TEXT = MAX_ENVELOPE;

/** Refused connections of a client that is not blocked: far more than any client that waits before it tries again. */
export const REFUSED_CONNECTIONS = rateOf(100, 100);

const FRAMES_PER_MESSAGE = 10;

/** A client that reconnects subscribes to all of its streams again. */
const FRAME_BURST = 2048;

/** Returns how much a client may send at once: messages to listed streams, bytes to unlisted ones, and new streams. */
export function burstsOf({
  rateLimit,
  byteRate,
  streamRate,
}: ClientLimits): Record<"messages" | "bytes" | "streams", number> {
  return { messages: MESSAGE_BURST * rateLimit, bytes: BYTE_BURST * byteRate, streams: streamRate };
}

export function ratesOf(limits: ClientLimits): Rates {
  const { rateLimit, byteRate, streamRate } = limits;
  const bursts = burstsOf(limits);
  const enabled = rateLimit > 0;
  return {
    messages: rateOf(rateLimit, bursts.messages),
    bytes: rateOf(enabled ? byteRate : 0, bursts.bytes),
    streams: rateOf(enabled ? streamRate / 60 : 0, bursts.streams),
    frames: rateOf(FRAMES_PER_MESSAGE * rateLimit, FRAME_BURST),
  };
}

/** Returns what a message to an unlisted stream costs, in bytes. */
export function byteCost({ text, name = "" }: BilledMessage): number {
  return Math.max(LEAST_BYTES, Buffer.byteLength(text) + Buffer.byteLength(name));
}
