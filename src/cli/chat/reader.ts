import type { EncryptedEvent, EncryptedMessage, EncryptedStream } from "../../client/encrypted/index.ts";
import type { ClientStream, Limits, Message, StreamEvent } from "../../client/index.ts";
import { plain, type Plain } from "../plain.ts";
import type { Session } from "../session.ts";
import { Transcript } from "../transcript.ts";
import { hanging } from "../wrap.ts";
import { People } from "./people.ts";
import { Recent } from "./recent.ts";
import { RemainingLife } from "./remaining-life.ts";

/** Messages that are shown at the beginning. */
const HISTORY = 30;

/** Senders that are remembered: of one who was silent for longer, the next message is said to be of a new one. */
const MAX_SENDERS = 4096;

/** A stream whose server has answered. */
export interface Opened {
  readonly stream: ClientStream | EncryptedStream;
  readonly limits: Limits;
}

/** Where a reader shows what it reads. */
interface Target {
  /** Resolves when there is room for the next line. */
  print(line: Plain): Promise<void>;
  /** Something changed that is not a line. */
  draw(): void;
}

/** Prints what others do in a stream, and keeps what is known of it. */
export class Reader {
  readonly people: People;
  readonly life: RemainingLife;
  private readonly stream: Opened["stream"];
  private readonly session: Session;
  private readonly target: Target;
  private readonly transcript: Transcript;
  /** The senders of an encrypted stream that were seen. */
  private readonly senders = new Recent(MAX_SENDERS);

  constructor({ stream, limits }: Opened, session: Session, target: Target) {
    this.people = new People(session.output);
    this.life = new RemainingLife(limits.ttl);
    this.stream = stream;
    this.session = session;
    this.target = target;
    this.transcript = new Transcript(session.output, () => new Date(), true);
  }

  /** Reads the newest messages, then what happens, until the stream is closed. @throws MaltenError */
  async run(): Promise<void> {
    const { stream, target } = this;
    const last = await this.showHistory();
    if ("right" in stream && stream.right === "reader")
      await this.note(plain`this link can only read: nobody sees what you write`);
    stream.onPresence((presence) => {
      for (const line of this.people.update(presence))
        void target.print(hanging(line, this.session.output.columns));
      target.draw();
    });
    const { signal } = this.session;
    // If nothing is kept now, what comes before listening begins is new.
    for await (const event of stream.events({ since: last ?? "earliest", signal })) await this.receive(event);
  }

  /** Prints the newest messages. Returns the cursor of the last one. */
  private async showHistory(): Promise<string | undefined> {
    const { signal } = this.session;
    for await (const page of this.stream.read({ limit: HISTORY, signal })) {
      if (page.length === HISTORY) await this.note(plain`earlier messages are not shown`);
      const messages: readonly (Message | EncryptedMessage)[] = page.toReversed();
      for (const message of messages) {
        if ("sender" in message) {
          this.senders.add(message.sender.id);
          for (const warning of message.warnings ?? [])
            await this.target.print(this.transcript.warning(warning));
        }
        await this.target.print(this.transcript.message(message));
      }
      return page[0]?.cursor;
    }
    await this.note(plain`no messages yet`);
    return undefined;
  }

  private async receive(event: StreamEvent | EncryptedEvent): Promise<void> {
    const { target, transcript } = this;
    this.life.take(event, Date.now());
    switch (event.type) {
      case "message":
        if (event.message.name !== undefined) this.people.wrote(event.message.name);
        if ("sender" in event.message) await this.meet(event.message);
        return target.print(transcript.message(event.message));
      case "gap":
        return target.print(transcript.gap(event.gap));
      case "warning":
        return target.print(transcript.warning(event));
      case "expiring":
      case "ended":
        return target.print(transcript.event(event));
      // What they change is drawn, and who joins and leaves is told by the list of people.
      case "welcome":
      case "created":
      case "presence":
        return target.draw();
    }
  }

  /** Says that a sender is new, who may use the name of another. */
  private async meet(message: EncryptedMessage): Promise<void> {
    const { sender, own } = message;
    if (!this.senders.has(sender.id) && !own) await this.target.print(this.transcript.newSender(message));
    this.senders.add(sender.id);
  }

  private note(line: Plain): Promise<void> {
    return this.target.print(this.session.output.dim(line));
  }
}
