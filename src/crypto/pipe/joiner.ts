import type { Bytes } from "../bytes.ts";
import { End } from "./end.ts";
import { PipeFailed } from "./failed.ts";
import { FrameType, Kind } from "./frame.ts";
import { answers, isRefusal, join, readAccept, readHello, type SentJoin } from "./handshake.ts";
import { Session, type Step } from "./session.ts";
import type { JoinPipeOptions } from "./types.ts";

/** Accepts that are looked at though they turn out to be forged, since each costs some milliseconds. */
const MAX_FORGED = 64;

/** The end that joins, once: an end that was refused or has left is closed. */
export class Joiner extends End {
  protected readonly ownType = FrameType.FromJoiner;
  readonly #keyHash: Bytes;
  /** Until it is answered. */
  #join: SentJoin | undefined;
  #forged = 0;

  constructor(options: JoinPipeOptions) {
    super(options);
    this.#keyHash = options.keyHash;
  }

  protected begin(): void {
    // The opener's key comes first.
  }

  protected async handle(step: Step, bytes: Bytes): Promise<void> {
    if (this.session !== undefined) {
      if (await this.session.receive(step, bytes)) this.close();
    } else if (bytes[0] === FrameType.Hello) {
      await this.#answer(step, bytes);
    } else if (this.#join !== undefined && answers(bytes, this.#join)) {
      if (bytes[0] === FrameType.Accept) await this.#accepted(step, bytes, this.#join);
      if (bytes[0] === FrameType.Refuse) await this.#refused(bytes, this.#join);
    }
  }

  protected passed(): void {
    // Nothing is to be repeated.
  }

  protected ticked(): void {
    // The opener decides how long it waits.
  }

  protected admitNext(): void {
    // Only the opener admits.
  }

  protected sendAgain(step: Step): void {
    if (this.#join !== undefined) this.publish(step, this.#join.bytes);
  }

  protected override close(): void {
    super.close();
    this.#join?.key.seed.fill(0);
    this.#join = undefined;
  }

  async #answer(step: Step, bytes: Bytes): Promise<void> {
    const publicKey = await readHello(bytes, this.#keyHash);
    if (publicKey === undefined) return;
    // The opener repeats itself: it may have missed the join.
    if (this.#join !== undefined) return this.sendAgain(step);
    this.#join = await join(await this.invitation(), publicKey);
    this.status = "joining";
    this.publish(step, this.#join.bytes);
  }

  async #accepted(step: Step, bytes: Bytes, sent: SentJoin): Promise<void> {
    const secrets = await readAccept(bytes, await this.invitation(), sent);
    if (secrets === undefined) {
      if (++this.#forged > MAX_FORGED) {
        throw new PipeFailed("flooded", "Someone is flooding the stream of this pipe with invalid answers");
      }
      return;
    }
    this.#join = undefined;
    this.session = new Session(false, secrets, this.now);
    this.status = "joined";
    step.events.push({ type: "joined", words: secrets.words, again: false });
    // Shows the opener that this end has the keys.
    await this.session.send(step, Kind.Ack);
  }

  async #refused(bytes: Bytes, sent: SentJoin): Promise<void> {
    if (!(await isRefusal(bytes, sent))) return;
    throw new PipeFailed(
      "stolen",
      "Someone else joined this pipe before you: if it was not you, the link was stolen. Ask for a new one",
    );
  }
}
