import { fromUtf8, utf8, type Bytes } from "../bytes.ts";
import { PipeFailed } from "./failed.ts";
import { BYTES_PER_FRAME, decodeSequence, encodeSequence, FrameType, Kind, type Payload } from "./frame.ts";
import { Incoming } from "./incoming.ts";
import { chainsOf, type SessionSecrets } from "./keys.ts";
import { isData, Outgoing, WINDOW } from "./outgoing.ts";
import { Rekey } from "./rekey.ts";
import type { PipeEndEvent } from "./types.ts";

/** An acknowledgement is sent for that many frames of data, if nothing else is sent. */
const ACK_EVERY = WINDOW / 4;

/** How often, at most, missing frames are asked for, and how long they may take, in milliseconds. */
const RESEND_REQUESTS = 6;
const RESEND_MS = 10_000;

/** Control frames that may be unconfirmed before no more requests are sent, on being told of a loss and without. */
const MAX_CONTROLS = 32;
const MAX_CONTROLS_UNTOLD = 8;

/** How long no later frame is checked after one that was a stranger's, in milliseconds: it would be a way to keep an end busy. */
const STRANGER_MS = 1000;

/** Altered frames are warned of once in that time, in milliseconds. */
const WARNING_MS = 10_000;

/** Longest reason, in UTF-16 units. */
const MAX_REASON = 200;
const NOTHING: Bytes = new Uint8Array();

/** What a step has collected so far. */
export interface Step {
  readonly frames: string[];
  readonly events: PipeEndEvent[];
}

/** The conversation, once both ends have its keys. */
export class Session {
  readonly words: readonly string[];
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming;
  readonly #type: FrameType;
  readonly #rekey: Rekey;
  readonly #now: () => number;
  /** Numbers of frames of data that were handed out, and have not been taken. */
  readonly #untaken: { readonly sequence: number; readonly isEnd: boolean }[] = [];
  #acked = 0;
  #sentAt = 0;
  #strangerAt = -Infinity;
  #warnedAt = -Infinity;
  /** Whether later frames came that were not checked. */
  #hasUnchecked = false;
  #hole: { requests: number; since: number } | undefined;

  constructor(isOpener: boolean, { keys, words, id }: SessionSecrets, now: () => number) {
    const { send, receive } = chainsOf(keys, isOpener);
    this.words = words;
    this.#type = isOpener ? FrameType.FromJoiner : FrameType.FromOpener;
    this.#outgoing = new Outgoing(isOpener ? FrameType.FromOpener : FrameType.FromJoiner, id, send);
    this.#incoming = new Incoming(id, receive);
    this.#rekey = new Rekey(isOpener, keys, now);
    this.#now = now;
  }

  get capacity(): number {
    return this.#outgoing.capacity;
  }

  get isDelivered(): boolean {
    return this.capacity === WINDOW;
  }

  /** Whether the other end has sent anything: then it has the keys. */
  get isConfirmed(): boolean {
    return this.#incoming.next > 0;
  }

  /** Sends one frame. */
  async send(step: Step, kind: Kind, content: Bytes = NOTHING): Promise<void> {
    this.#acked = this.#ack;
    this.#sentAt = this.#now();
    step.frames.push(await this.#outgoing.seal({ kind, ack: this.#acked, content }));
  }

  async sendBytes(step: Step, bytes: Bytes): Promise<void> {
    for (let at = 0; at < bytes.length; at += BYTES_PER_FRAME) {
      await this.send(step, Kind.Bytes, bytes.subarray(at, at + BYTES_PER_FRAME));
    }
  }

  leave(step: Step, reason: string): Promise<void> {
    this.#rekey.erase();
    return this.send(step, Kind.Leave, utf8(reason.slice(0, MAX_REASON)));
  }

  /** All frames of the other end below this number have been taken. */
  get #ack(): number {
    return this.#untaken[0]?.sequence ?? this.#incoming.next;
  }

  async consumed(step: Step, count: number): Promise<void> {
    const taken = this.#untaken.splice(0, count);
    const isEnd = taken.some((frame) => frame.isEnd);
    if (isEnd || this.#ack - this.#acked >= ACK_EVERY) await this.send(step, Kind.Ack);
  }

  /** Returns true if the other end has left. */
  async receive(step: Step, bytes: Bytes): Promise<boolean> {
    if (bytes[0] !== this.#type) return false;
    const checksLater = this.#hole === undefined && this.#now() - this.#strangerAt >= STRANGER_MS;
    const opened = await this.#incoming.open(bytes, checksLater);
    switch (opened.result) {
      case "ignored":
        return false;
      case "altered":
        this.#warnOfAltered(step);
        return false;
      case "stranger":
        this.#strangerAt = this.#now();
        // After a renewal of keys that was lost, the other end's frames look like a stranger's.
        this.#hasUnchecked = true;
        return false;
      case "unchecked":
        this.#hasUnchecked = true;
        return false;
      case "hole":
        await this.#requestMissing(step);
        return false;
      case "opened":
        this.#hole = undefined;
        this.#hasUnchecked = false;
        return this.#handle(step, opened.payload);
    }
  }

  #warnOfAltered(step: Step): void {
    if (this.#now() - this.#warnedAt < WARNING_MS) return;
    this.#warnedAt = this.#now();
    step.events.push({
      type: "warning",
      code: "altered",
      text: "A message could not be authenticated and was left out: it was changed on the way, or is from a stranger",
    });
  }

  async #handle(step: Step, { kind, ack, content }: Payload): Promise<boolean> {
    if (!this.#outgoing.acknowledge(ack)) throw broken();
    if (isData(kind)) {
      this.#untaken.push({ sequence: this.#incoming.next - 1, isEnd: kind === Kind.End });
      if (this.#untaken.length > WINDOW) throw broken();
    }
    switch (kind) {
      case Kind.Text: {
        const text = fromUtf8(content);
        if (text === undefined) throw broken();
        step.events.push({ type: "text", text });
        break;
      }
      case Kind.Bytes:
        step.events.push({ type: "bytes", bytes: content });
        break;
      case Kind.End:
        step.events.push({ type: "end" });
        break;
      case Kind.Ack:
        break;
      case Kind.Resend:
        step.frames.push(...this.#outgoing.again(decodeSequence(content)));
        break;
      case Kind.Offer: {
        const { content: answer, chain } = await this.#rekey.answer(content);
        await this.send(step, Kind.Answer, answer);
        this.#outgoing.renew(chain);
        break;
      }
      case Kind.Answer: {
        const { send, receive } = await this.#rekey.complete(content);
        this.#incoming.renew(receive);
        await this.send(step, Kind.Switch);
        this.#outgoing.renew(send);
        break;
      }
      case Kind.Switch:
        this.#incoming.renew(this.#rekey.switched());
        break;
      case Kind.Intruder:
        step.events.push({ type: "refused" });
        break;
      case Kind.Leave:
        this.#rekey.erase();
        step.events.push({ type: "left", reason: reasonOf(content) });
        return true;
    }
    return false;
  }

  /** Whether the other end owes an answer, so that the newest frame of either end may be lost. */
  get #isUnanswered(): boolean {
    const isWaiting = !this.isDelivered || this.#rekey.isPending;
    return isWaiting && this.#now() - this.#sentAt >= RESEND_MS;
  }

  /** Asks for frames that did not arrive. */
  async #requestMissing(step: Step): Promise<void> {
    const requests = (this.#hole?.requests ?? 0) + 1;
    if (requests > RESEND_REQUESTS) {
      throw new PipeFailed("missing", "Messages of the other end are missing and could not be recovered");
    }
    if (requests > 1) {
      step.events.push({
        type: "warning",
        code: "missing",
        text: "Messages of the other end are missing: asking for them again",
      });
      // The other end may miss some of ours, too, and then it cannot read the request.
      step.frames.push(...this.#outgoing.again(0));
    }
    this.#hole = { requests, since: this.#now() };
    await this.send(step, Kind.Resend, encodeSequence(this.#incoming.next));
  }

  /** After a gap or a lost connection: sends again what the other end has not confirmed, and asks it to do the same. */
  async recover(step: Step): Promise<void> {
    step.frames.push(...this.#outgoing.again(0));
    await this.#requestAgain(step, MAX_CONTROLS);
  }

  async #requestAgain(step: Step, maxControls: number): Promise<void> {
    // While the other end is away, more requests add nothing, and each is kept until it is confirmed.
    if (this.#outgoing.controls >= maxControls) return;
    await this.send(step, Kind.Resend, encodeSequence(this.#incoming.next));
  }

  async tick(step: Step): Promise<void> {
    if (this.#hole !== undefined) {
      if (this.#now() - this.#hole.since >= RESEND_MS) await this.#requestMissing(step);
    } else if (this.#hasUnchecked || this.#isUnanswered) {
      this.#hasUnchecked = false;
      await this.#requestAgain(step, MAX_CONTROLS_UNTOLD);
    }
    const offer = await this.#rekey.offer();
    if (offer !== undefined) await this.send(step, Kind.Offer, offer);
  }
}

/** A reason for people, who may read it on a terminal: the other end can send anything. */
function reasonOf(content: Bytes): string {
  return (fromUtf8(content) ?? "").replaceAll(/\p{C}/gu, "").slice(0, MAX_REASON);
}

function broken(): PipeFailed {
  return new PipeFailed(
    "protocol",
    "The other end of the pipe broke the protocol: is it another version of Malten?",
  );
}
