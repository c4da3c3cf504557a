import { toBase64url, type Bytes } from "../bytes.ts";
import { sha256 } from "../primitives.ts";
import { End } from "./end.ts";
import { PipeFailed } from "./failed.ts";
import { FrameType, Kind } from "./frame.ts";
import { accept, hello, readJoin, refuse } from "./handshake.ts";
import { generateKemKey, type KemKey } from "./hpke.ts";
import { Session, type Step } from "./session.ts";
import type { PipeEndState, PipeOptions } from "./types.ts";

/** Joins that are looked at, since each costs some milliseconds. */
const MAX_JOINS = 64;

/** How long a join may stay unconfirmed, in milliseconds, before another one is admitted. */
const CONFIRMATION_MS = 60_000;

/** The opener's key is posted again after that many messages, since a stream keeps only the last 1024. */
const HELLO_EVERY = 256;

/** The end that opened the pipe: it decides who joined first, in the order of the stream. */
export class Opener extends End {
  protected readonly ownType = FrameType.FromOpener;
  /** Kept until the pipe ends, to recognise later joins. The conversation does not depend on it: see docs/encryption.md. */
  readonly #key: KemKey;
  readonly #joins = new Set<string>();
  #accepted: { readonly join: string; readonly bytes: Bytes } | undefined;
  #acceptedAt = 0;
  #sessions = 0;
  #sinceHello = 0;

  private constructor(options: PipeOptions, key: KemKey) {
    super(options);
    this.#key = key;
  }

  static async open(options: PipeOptions): Promise<{ end: Opener; keyHash: Bytes }> {
    const key = await generateKemKey();
    return { end: new Opener(options, key), keyHash: await sha256(key.publicKey) };
  }

  protected begin(step: Step): void {
    this.publish(step, hello(this.#key));
  }

  protected async handle(step: Step, bytes: Bytes): Promise<void> {
    if (bytes[0] === FrameType.Join) await this.#join(step, bytes);
    const { session } = this;
    if (session === undefined) return;
    const hasLeft = await session.receive(step, bytes);
    if (this.status === "joining" && session.isConfirmed) {
      this.status = "joined";
      step.events.unshift({ type: "joined", words: session.words, again: this.#sessions++ > 0 });
    }
    if (hasLeft) this.#forget("left");
  }

  protected passed(step: Step): void {
    if (++this.#sinceHello < HELLO_EVERY) return;
    this.#sinceHello = 0;
    this.begin(step);
  }

  protected async ticked(step: Step): Promise<void> {
    if (this.status !== "joining" || this.now() - this.#acceptedAt < CONFIRMATION_MS) return;
    await this.session?.leave(step, "This end did not answer in time");
    this.#forget("waiting");
  }

  protected async admitNext(step: Step): Promise<void> {
    if (this.status === "closed") return;
    await this.session?.leave(step, "The other end admits someone else now");
    this.#forget("waiting");
  }

  /** Gives up the other end. */
  #forget(status: PipeEndState): void {
    this.session = undefined;
    this.#accepted = undefined;
    this.status = status;
  }

  protected sendAgain(step: Step): void {
    if (this.session === undefined) this.begin(step);
    if (this.status === "joining" && this.#accepted !== undefined) {
      this.publish(step, this.#accepted.bytes);
    }
  }

  protected override close(): void {
    super.close();
    this.#key.seed.fill(0);
  }

  async #join(step: Step, bytes: Bytes): Promise<void> {
    const id = toBase64url(await sha256(bytes));
    if (this.#joins.has(id)) {
      // The one that was accepted, again: the answer was lost.
      if (this.#accepted?.join === id) this.sendAgain(step);
      return;
    }
    if (this.#joins.size >= MAX_JOINS) {
      if (this.session !== undefined) return;
      throw new PipeFailed("flooded", "Too many attempts to join this pipe");
    }
    this.#joins.add(id);
    const join = await readJoin(bytes, await this.invitation(), this.#key);
    if (join === undefined) return;
    if (this.session !== undefined) {
      this.publish(step, await refuse(join));
      await this.session.send(step, Kind.Intruder);
      step.events.push({ type: "refused" });
      return;
    }
    const accepted = await accept(await this.invitation(), this.#key, join);
    if (accepted === undefined) return;
    this.session = new Session(true, accepted.secrets, this.now);
    this.#accepted = { join: id, bytes: accepted.bytes };
    this.#acceptedAt = this.now();
    this.status = "joining";
    this.publish(step, accepted.bytes);
  }
}
