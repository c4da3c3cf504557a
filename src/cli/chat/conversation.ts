import type { EncryptedEvent, EncryptedMessage, EncryptedStream } from "../../client/encrypted/index.ts";
import type { ClientStream, Limits, Message, StreamEvent } from "../../client/index.ts";
import { codePoints } from "../../protocol/characters.ts";
import { MAX_TEXT } from "../../protocol/limits.ts";
import { isSealed } from "../../protocol/name.ts";
import { checkPerson } from "../../protocol/presence.ts";
import { faultOf } from "../../protocol/text.ts";
import { explain, lowerCased } from "../explain.ts";
import { isolated, plain, visible, type Plain } from "../plain.ts";
import { unlessStopped, type Session } from "../session.ts";
import { split } from "../split.ts";
import { Transcript } from "../transcript.ts";
import { cut } from "../width.ts";
import { ChatWindow } from "./chat-window.ts";
import { HELP, readEntry } from "./commands.ts";
import { Outbox } from "./outbox.ts";
import { OwnPresence } from "./own-presence.ts";
import { People } from "./people.ts";
import { RemainingLife } from "./remaining-life.ts";
import { problemOf, statusLine } from "./status-line.ts";

/** Messages that are shown at the beginning. */
const HISTORY = 30;

/** Own messages on their way that are shown. */
const MAX_PENDING = 3;

/** The number of characters left is shown below this. */
const FEW_LEFT = 100;

/** A stream whose server has answered. */
interface Opened {
  readonly stream: ClientStream | EncryptedStream;
  readonly limits: Limits;
}

/** What people say in a stream, and what the user says. */
export class Conversation {
  private readonly stream: ClientStream | EncryptedStream;
  private readonly session: Session;
  private readonly transcript: Transcript;
  private readonly people: People;
  private readonly presence: OwnPresence;
  private readonly outbox: Outbox;
  private readonly window: ChatWindow;
  private readonly leaving = Promise.withResolvers<void>();
  private name: string | undefined;
  /** A text that is too long, and is sent in pieces if it is entered again. */
  private refused: string | undefined;
  private readonly life: RemainingLife;
  /** The senders of an encrypted stream that were seen. */
  private readonly senders = new Set<string>();

  constructor({ stream, limits }: Opened, session: Session) {
    const { output, signal } = session;
    this.stream = stream;
    this.life = new RemainingLife(limits.ttl);
    this.session = session;
    this.transcript = new Transcript(output, () => new Date(), true);
    this.people = new People(output);
    this.presence = new OwnPresence((person) => stream.setPresence(person));
    this.window = new ChatWindow(session, {
      pending: () => this.pending(),
      status: () => this.status(),
      prompt: () => this.prompt(),
      typed: (draft) => this.typed(draft),
      entered: (text) => this.entered(text),
      ended: () => this.leaving.resolve(),
      refused: (length) => this.window.tell(plain`what you pasted is too long: ${length} characters`),
    });
    this.outbox = new Outbox(
      // For as long as it takes: the user sees that it waits.
      (text) => stream.send(text, { name: this.name, timeout: Infinity, signal }),
      () => this.window.draw(),
      (text, error) => this.failed(text, error),
    );
  }

  /** Runs until the user leaves. @param name the user's name; asked for if it is undefined */
  async run(name: string | undefined): Promise<void> {
    const { signal } = this.session;
    try {
      await unlessStopped(Promise.race([this.talk(name), this.leaving.promise]), signal);
      if (this.outbox.texts.length > 0) this.window.tell(plain`sending what you wrote; Ctrl-C gives it up`);
      await unlessStopped(this.outbox.empty(), signal);
    } finally {
      this.presence[Symbol.dispose]();
      await this.window[Symbol.asyncDispose]();
    }
  }

  private async talk(name: string | undefined): Promise<void> {
    this.stream.onState(() => this.window.draw());
    this.take(name ?? (await this.askName()));
    const last = await this.showHistory();
    if ("right" in this.stream && this.stream.right === "reader")
      await this.printQuietly(plain`this link can only read: nobody sees what you write`);
    this.stream.onPresence((presence) => {
      for (const line of this.people.update(presence)) void this.print(line);
    });
    const { signal } = this.session;
    // If nothing is kept now, what comes before listening begins is new.
    for await (const event of this.stream.events({ since: last ?? "earliest", signal }))
      await this.receive(event);
  }

  private async askName(): Promise<string | undefined> {
    for (;;) {
      const given = await this.window.ask(plain`Your name (Enter for none): `);
      if (given.trim() === "") return undefined;
      const name = this.checkedName(given);
      if (name !== undefined) return name;
    }
  }

  /** Returns a name that the user gave; tells what is wrong with it. */
  private checkedName(given: string): string | undefined {
    try {
      return checkPerson(given);
    } catch (error) {
      this.window.tell(plain`${explain(error).message}`);
      return undefined;
    }
  }

  /** Prints the newest messages. Returns the cursor of the last one. */
  private async showHistory(): Promise<string | undefined> {
    const { signal } = this.session;
    for await (const page of this.stream.read({ limit: HISTORY, signal })) {
      if (page.length === HISTORY) await this.printQuietly(plain`earlier messages are not shown`);
      const messages: readonly (Message | EncryptedMessage)[] = page.toReversed();
      for (const message of messages) {
        if ("sender" in message) {
          this.senders.add(message.sender.id);
          for (const warning of message.warnings ?? []) await this.print(this.transcript.warning(warning));
        }
        await this.print(this.transcript.message(message));
      }
      return page[0]?.cursor;
    }
    await this.printQuietly(plain`no messages yet`);
    return undefined;
  }

  private async receive(event: StreamEvent | EncryptedEvent): Promise<void> {
    this.life.take(event, Date.now());
    switch (event.type) {
      case "message":
        if (event.message.name !== undefined) this.people.wrote(event.message.name);
        if ("sender" in event.message) await this.meet(event.message);
        return this.print(this.transcript.message(event.message));
      case "gap":
        return this.print(this.transcript.gap(event.gap));
      case "warning":
        return this.print(this.transcript.warning(event));
      case "expiring":
      case "ended":
        return this.print(this.transcript.event(event));
      // Others show them: the status line, and who joined and left.
      case "welcome":
      case "created":
      case "presence":
        return this.window.draw();
    }
  }

  /** Says that a sender is new, who may use the name of another. */
  private async meet(message: EncryptedMessage): Promise<void> {
    const { sender, own } = message;
    if (!this.senders.has(sender.id) && !own) await this.print(this.transcript.newSender(message));
    this.senders.add(sender.id);
  }

  private typed(draft: string): void {
    if (draft !== this.refused) this.refused = undefined;
    this.presence.typed(draft.trim() !== "" && readEntry(draft).kind === "text");
  }

  private entered(given: string): void {
    if (given.trim() === "") return;
    this.presence.typed(false);
    const entry = readEntry(given);
    switch (entry.kind) {
      case "text":
        return this.say(entry.text, given);
      case "who":
        return void this.printQuietly(this.people.all());
      case "name":
        return this.rename(entry.name);
      case "quit":
        return this.leaving.resolve();
      case "help":
        for (const line of HELP) void this.printQuietly(plain`${line}`);
        return;
      case "unknown":
        this.window.draft = given;
        return this.window.tell(
          plain`no command /${entry.word}; /help lists them, and // sends a text that begins with /`,
        );
    }
  }

  private say(text: string, given: string): void {
    const isConfirmed = this.refused === given;
    this.refused = undefined;
    const pieces = split(text);
    const fault = pieces.length === 1 || isConfirmed ? pieces.map(faultOf).find((found) => found) : undefined;
    if (pieces.length > 1 && !isConfirmed) {
      this.refused = given;
      this.window.draft = given;
      const over = codePoints(text) - MAX_TEXT;
      return this.window.tell(
        plain`${over} characters too many; Enter again sends ${pieces.length} messages`,
      );
    }
    if (fault !== undefined) {
      this.window.draft = given;
      return this.window.tell(plain`${lowerCased(fault.detail)}`);
    }
    for (const piece of pieces) this.outbox.add(piece);
  }

  private rename(given: string): void {
    const name = given === "" ? undefined : this.checkedName(given);
    if (given !== "" && name === undefined) return;
    this.take(name);
    const words =
      name === undefined ? plain`you have no name now` : plain`you are ${isolated(visible(name))} now`;
    void this.printQuietly(words);
  }

  private take(name: string | undefined): void {
    this.name = name;
    if (name !== undefined) this.people.own(name);
    this.presence.rename(name);
  }

  /** A message was not sent: the user can change it or send it again. */
  private failed(text: string, error: unknown): void {
    if (this.session.signal.aborted) return;
    const reason = explain(error).message;
    if (this.window.draft === "") this.window.draft = text;
    void this.print(this.session.output.warning(plain`not sent (${reason}): ${isolated(text)}`));
  }

  private print(line: Plain): Promise<void> {
    return this.window.print(line);
  }

  private printQuietly(line: Plain): Promise<void> {
    return this.print(this.session.output.dim(line));
  }

  private prompt(): Plain {
    const { output } = this.session;
    if (this.name === undefined) return plain`${output.dim(plain`you`)}: `;
    // The draft begins below it.
    const shown = cut(this.name, Math.max(Math.floor(output.columns / 3), 1));
    return plain`${output.coloured(this.name, shown)}: `;
  }

  /** Own messages on their way. */
  private pending(): Plain[] {
    const { output } = this.session;
    const { texts } = this.outbox;
    const rows = texts.slice(0, MAX_PENDING).map((text) => cut(`sending: ${text}`, output.columns - 1));
    if (texts.length > MAX_PENDING) rows.push(plain`and ${texts.length - MAX_PENDING} more`);
    return rows.map((row) => output.dim(row));
  }

  private status(): Plain {
    const { output } = this.session;
    const now = Date.now();
    const problem = lengthNotice(this.window.draft) ?? problemOf(this.stream.state, now);
    if (problem !== undefined) return output.warning(problem);
    const { count, typing } = this.people;
    // The name of an encrypted stream is computed from its keys, and says nothing.
    const title = isSealed(this.stream.name) ? "encrypted" : this.stream.name;
    const parts = [plain`${title}`, count && output.dim(count), typing];
    return statusLine({ parts: parts.filter((part) => part !== undefined), life: this.life.at(now) }, output);
  }
}

/** How many characters are left, or too many; undefined while there is room. */
function lengthNotice(draft: string): Plain | undefined {
  const left = MAX_TEXT - codePoints(draft);
  if (left < 0) return plain`${-left} characters too many`;
  return left < FEW_LEFT ? plain`${left} characters left` : undefined;
}
