import { concat, type Bytes } from "./bytes.ts";
import { CounterRanges, type CounterRange } from "./counter-ranges.ts";
import { encodeEnvelope } from "./envelope.ts";
import { EncryptionError } from "./error.ts";
import { generateSigningKey, sign, type SigningKey } from "./primitives.ts";
import {
  certified,
  checkContent,
  encodePayload,
  HASH_BYTES,
  MAX_VOIDED,
  MAX_VOIDED_RANGE,
  MESSAGE,
  metadataOf,
  signed,
} from "./sealed-format.ts";
import type { StreamKeys } from "./secrets.ts";
import { deriveFrameKey, senderId } from "./sender-keys.ts";
import { encodeHeader, encryptFrame, type SFrameKey } from "./sframe.ts";

/** A sealed message. To send it again, send the same text again. */
export interface Sealed {
  /** The envelope: the text to publish. */
  readonly text: string;
  readonly counter: number;
  /** Counters given up that this message tells of. */
  readonly voided: readonly CounterRange[];
}

export interface SealOptions {
  /** Name of the sender: at most 32 characters. */
  readonly name?: string | undefined;
  /** `SealedReceiver.lastSeen` of the same stream: shows others whether the server tells them the same. */
  readonly lastSeen?: Bytes;
}

/**
 * Seals messages for a stream. Each instance has a fresh key, which is never stored: a page that is duplicated or loaded again is
 * another sender, so no counter is ever used twice with a key.
 */
export class SealedSender {
  /** The pseudonym that receivers see. */
  readonly id: string;
  private readonly key: SigningKey;
  private readonly frameKey: SFrameKey;
  private readonly certificate: Bytes;
  private readonly metadata: Bytes;
  private next = 0;
  private readonly givenUp = new CounterRanges();

  private constructor(stream: string, key: SigningKey, certificate: Bytes, frameKey: SFrameKey) {
    this.id = senderId(key.publicKey);
    this.key = key;
    this.frameKey = frameKey;
    this.certificate = certificate;
    this.metadata = metadataOf(stream, { type: MESSAGE, senderKey: key.publicKey, certificate });
  }

  /** @throws EncryptionError `read_only`, `unsupported` */
  static async create(keys: StreamKeys): Promise<SealedSender> {
    if (keys.writeKey === undefined) {
      throw new EncryptionError("read_only", "This link can only read: writing needs another link");
    }
    const key = await generateSigningKey();
    const certificate = await sign(keys.writeKey.privateKey, certified(keys.name, key.publicKey));
    return new SealedSender(keys.name, key, certificate, await deriveFrameKey(keys, key.publicKey));
  }

  /**
   * Seals a message. Each call uses up a counter: seal once, when the message is about to be sent, in the order of sending.
   * @throws EncryptionError `text_invalid`, `name_invalid`
   */
  async seal(
    text: string,
    { name, lastSeen = new Uint8Array(HASH_BYTES) }: SealOptions = {},
  ): Promise<Sealed> {
    // What can be refused is refused before a counter is used, and that happens before anything is awaited.
    checkContent(text, name);
    const voided = this.givenUp.take(MAX_VOIDED, MAX_VOIDED_RANGE);
    const payload = encodePayload({ text, name, lastSeen, voided });
    const counter = this.next++;
    try {
      const ctr = BigInt(counter);
      const header = encodeHeader(this.frameKey.kid, ctr);
      const signature = await sign(this.key.privateKey, signed(header, this.metadata, payload));
      const frame = await encryptFrame(this.frameKey, ctr, this.metadata, concat(signature, payload));
      const envelope = concat(new Uint8Array([MESSAGE]), this.key.publicKey, this.certificate, frame);
      return { text: encodeEnvelope(envelope), counter, voided };
    } catch (error) {
      this.giveUp({ counter, voided });
      throw error;
    }
  }

  /** Gives up a message that is not sent any more: the next one says that its counter is not missing. */
  giveUp({ counter, voided }: Pick<Sealed, "counter" | "voided">): void {
    this.givenUp.add({ first: counter, last: counter });
    for (const range of voided) this.givenUp.add(range);
  }
}
