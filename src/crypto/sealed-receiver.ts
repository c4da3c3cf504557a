import { renew } from "./bounded-map.ts";
import { concat, toBase64url, utf8, type Bytes } from "./bytes.ts";
import { KnownSenders } from "./known-senders.ts";
import { sha256, verify } from "./primitives.ts";
import {
  decodePayload,
  HASH_BYTES,
  MAX_COUNTER,
  MESSAGE,
  metadataOf,
  readEnvelope,
  SIGNATURE_BYTES,
  signed,
  type Payload,
  type SealedEnvelope,
} from "./sealed-format.ts";
import type { StreamKeys } from "./secrets.ts";
import { openSender, senderId, type SenderKeys } from "./sender-keys.ts";
import { SeenMessages } from "./seen-messages.ts";
import { decryptFrame, readHeader } from "./sframe.ts";

/** Senders whose keys are kept ready. */
const MAX_READY = 256;

/**
 * What a message or its absence shows:
 * - `missing`: `count` messages of this sender were not delivered, and the server does not say so.
 * - `gap`: `count` messages of this sender were not delivered; the server said that messages are missing.
 * - `voided`: `count` messages reported as `missing` were never sent: their sender gave them up.
 * - `reordered`: this message was delivered late.
 * - `replayed`: a message was delivered again, and refused.
 * - `altered`: a text was changed, or is of another stream, or not sealed, and was refused.
 * - `split`: its sender saw a message that was not delivered here, or in another order: the server tells people different stories.
 * - `unsupported`: an authentic envelope of a type that this version does not know.
 */
type FindingCode =
  | "missing"
  | "gap"
  | "voided"
  | "reordered"
  | "replayed"
  | "altered"
  | "split"
  | "unsupported";

export interface Finding {
  readonly code: FindingCode;
  /** Pseudonym of the sender; undefined where it is not authentic. */
  readonly sender?: string;
  /** Number of messages. */
  readonly count?: number;
}

interface SealedMessage {
  readonly text: string;
  /** The name that its sender gave. Proves nothing; the pseudonym does. */
  readonly name: string | undefined;
  readonly counter: number;
  readonly sender: {
    /** Pseudonym of a page or process that writes: 16 characters. */
    readonly id: string;
    /** Whether this is its first message here. */
    readonly isNew: boolean;
  };
}

export interface Received {
  /** Undefined if it was refused. */
  readonly message: SealedMessage | undefined;
  readonly findings: readonly Finding[];
}

export interface ReceiverOptions {
  /** Whether nothing was published to the stream before the first message that is received, as when this program creates it. */
  readonly isComplete?: boolean;
}

/** An authentic envelope. */
interface Opened {
  readonly senderKey: Bytes;
  readonly counter: number;
  readonly hash: Bytes;
  /** Undefined for a type of envelope that this version does not know. */
  readonly payload: Payload | undefined;
}

/**
 * Opens the messages of a stream, in the order in which the server delivers them, and notices what the server does to them. It cannot
 * notice that the newest messages are withheld, nor the oldest from someone who joins late.
 */
export class SealedReceiver {
  private readonly keys: StreamKeys;
  private readonly senders: KnownSenders;
  private readonly ready = new Map<string, Promise<SenderKeys | undefined>>();
  private readonly seen: SeenMessages;
  private latest: Bytes = new Uint8Array(HASH_BYTES);
  private previous: Promise<unknown> = Promise.resolve();

  constructor(keys: StreamKeys, { isComplete = false }: ReceiverOptions = {}) {
    this.keys = keys;
    this.senders = new KnownSenders(isComplete);
    this.seen = new SeenMessages(isComplete);
  }

  /** The beginning of the hash of the latest message, for `SealedSender.seal`. */
  get lastSeen(): Bytes {
    return this.latest;
  }

  /** Receives the next text of the stream. May be called before the previous call has finished. */
  receive(text: string): Promise<Received> {
    const opening = this.open(text);
    // It may fail before its turn; it is awaited then.
    opening.catch(() => {});
    return this.inOrder(async () => this.admit(await opening));
  }

  /** The server said that messages are missing here. */
  gap(): Promise<void> {
    return this.inOrder(() => {
      this.senders.gap();
      this.seen.gap();
    });
  }

  private inOrder<T>(run: () => T | Promise<T>): Promise<T> {
    const result = this.previous.then(run);
    this.previous = result.catch(() => {});
    return result;
  }

  /** Checks that an envelope is authentic. Changes nothing, since its place in the stream is not known yet. */
  private async open(text: string): Promise<Opened | undefined> {
    const envelope = readEnvelope(text);
    const header = envelope && readHeader(envelope.frame);
    if (envelope === undefined || header === undefined || header.ctr > MAX_COUNTER) return undefined;
    const sender = await this.senderOf(envelope);
    if (sender === undefined) return undefined;
    const metadata = metadataOf(this.keys.name, envelope);
    const plaintext = await decryptFrame(sender.frameKey, envelope.frame, metadata);
    if (plaintext === undefined) return undefined;
    const signature = plaintext.slice(0, SIGNATURE_BYTES);
    const payload = plaintext.slice(SIGNATURE_BYTES);
    const content = signed(envelope.frame.slice(0, header.length), metadata, payload);
    if (!(await verify(sender.verifyKey, signature, content))) return undefined;
    const decoded = envelope.type === MESSAGE ? decodePayload(payload) : undefined;
    if (envelope.type === MESSAGE && decoded === undefined) return undefined;
    const hash = (await sha256(utf8(text))).slice(0, HASH_BYTES);
    return { senderKey: envelope.senderKey, counter: Number(header.ctr), hash, payload: decoded };
  }

  private senderOf(envelope: SealedEnvelope): Promise<SenderKeys | undefined> {
    const id = toBase64url(concat(envelope.senderKey, envelope.certificate));
    const keys = this.ready.get(id) ?? this.prepare(id, envelope);
    void renew(this.ready, id, keys, MAX_READY);
    return keys;
  }

  private prepare(id: string, envelope: SealedEnvelope): Promise<SenderKeys | undefined> {
    const keys = openSender(this.keys, envelope);
    // A fault of the platform is no reason to refuse this sender for ever.
    keys.catch(() => this.ready.delete(id));
    return keys;
  }

  private admit(opened: Opened | undefined): Received {
    if (opened === undefined) return { message: undefined, findings: [{ code: "altered" }] };
    const { senderKey, counter, hash, payload } = opened;
    const id = toBase64url(senderKey);
    const sender = senderId(senderKey);
    const known = this.senders.get(id);
    const state = known ?? this.senders.create(counter);
    const verdict = state.counters.take(counter, payload?.voided ?? []);
    if (verdict.kind === "replayed") {
      return { message: undefined, findings: [{ code: "replayed", sender }] };
    }

    const findings: Finding[] = [];
    let isLate = verdict.kind === "late";
    if (verdict.kind === "next") {
      const { missing, voided } = verdict;
      if (voided > 0) findings.push({ code: "voided", sender, count: voided });
      if (missing > 0) {
        findings.push({ code: state.hadGap ? "gap" : "missing", sender, count: missing });
      }
      if (payload !== undefined) {
        const { isSplit, position } = this.seen.compare(payload.lastSeen, state.position);
        if (isSplit) findings.push({ code: "split", sender });
        state.position = position;
      }
      state.hadGap = false;
    }
    if (this.seen.add(hash)) isLate = true;
    if (isLate) findings.push({ code: "reordered", sender });
    this.latest = hash;
    this.senders.remember(id, state);
    if (payload === undefined)
      return { message: undefined, findings: [...findings, { code: "unsupported", sender }] };
    const { text, name } = payload;
    return { message: { text, name, counter, sender: { id: sender, isNew: known === undefined } }, findings };
  }
}
