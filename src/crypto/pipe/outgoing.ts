import type { Bytes } from "../bytes.ts";
import { deriveSFrameKey, encryptFrame, ratchet } from "../sframe.ts";
import { encodePayload, frame, Kind, toEnvelope, type FrameType, type Payload } from "./frame.ts";

/** Frames of data that may be on the way. A stream keeps 1024 messages, which both directions and strangers share. */
export const WINDOW = 256;

/** Every key encrypts one frame, so that the counter never counts. */
export const COUNTER = 0n;

export function isData(kind: Kind): boolean {
  return kind === Kind.Text || kind === Kind.Bytes || kind === Kind.End;
}

/** Encrypts the frames of one direction, and keeps them until the other end has taken them. */
export class Outgoing {
  readonly #type: FrameType;
  readonly #id: Bytes;
  /** SFrame's base key of the next frame. */
  #chain: CryptoKey;
  #next = 0;
  #oldest = 0;
  #data = 0;
  readonly #kept = new Map<number, { text: string; isData: boolean }>();

  constructor(type: FrameType, id: Bytes, chain: CryptoKey) {
    this.#type = type;
    this.#id = id;
    this.#chain = chain;
  }

  /** How many more frames of data may be sent. */
  get capacity(): number {
    return Math.max(0, WINDOW - this.#data);
  }

  /** How many frames besides data are kept. */
  get controls(): number {
    return this.#kept.size - this.#data;
  }

  /** Encrypts with the key of this frame alone, and forgets it. Returns the envelope. */
  async seal(payload: Payload): Promise<string> {
    const sequence = this.#next++;
    const chain = this.#chain;
    const [key, next] = await Promise.all([deriveSFrameKey(chain, BigInt(sequence)), ratchet(chain)]);
    this.#chain = next;
    const head = frame(this.#type, this.#id);
    const sealed = await encryptFrame(key, COUNTER, head, encodePayload(payload));
    const text = toEnvelope(frame(this.#type, this.#id, sealed));
    const counts = isData(payload.kind);
    if (counts) this.#data++;
    this.#kept.set(sequence, { text, isData: counts });
    return text;
  }

  /** Goes on with the keys of another epoch. */
  renew(chain: CryptoKey): void {
    this.#chain = chain;
  }

  /** Forgets the frames below `ack`. Returns false if there are not that many. */
  acknowledge(ack: number): boolean {
    if (ack > this.#next) return false;
    for (; this.#oldest < ack; this.#oldest++) {
      if (this.#kept.get(this.#oldest)?.isData === true) this.#data--;
      this.#kept.delete(this.#oldest);
    }
    return true;
  }

  /** The envelopes of the frames from a number on, to be published again. */
  again(from: number): string[] {
    return Array.from(this.#kept)
      .filter(([sequence]) => sequence >= from)
      .map(([, { text }]) => text);
  }
}
