import { codePoints } from "../../protocol/characters.ts";
import { MAX_TEXT } from "../../protocol/limits.ts";
import { isSealed } from "../../protocol/name.ts";
import { checkPerson } from "../../protocol/presence.ts";
import { faultOf } from "../../protocol/text.ts";
import { explain, lowerCased } from "../explain.ts";
import { isolated, plain, visible, type Plain } from "../plain.ts";
import { unlessStopped, type Session } from "../session.ts";
import { split } from "../split.ts";
import { cut } from "../width.ts";
import { hanging } from "../wrap.ts";
import { ChatWindow } from "./chat-window.ts";
import { HELP, readEntry } from "./commands.ts";
import { Outbox } from "./outbox.ts";
import { OwnPresence } from "./own-presence.ts";
import { Reader, type Opened } from "./reader.ts";
import { problemOf, statusLine } from "./status-line.ts";

/** Own messages on their way that are shown. */
const MAX_PENDING = 3;

/** The number of characters left is shown below this. */
const FEW_LEFT = 100;

/** What people say in a stream, and what the user says. */
export class Conversation {
  private readonly stream: Opened["stream"];
  private readonly session: Session;
  private readonly reader: Reader;
  private readonly presence: OwnPresence;
  private readonly outbox: Outbox;
  private readonly window: ChatWindow;
  private readonly leaving = Promise.withResolvers<void>();
  private name: string | undefined;
  /** A text that is too long, and is sent in pieces if it is entered again. */
  private refused: string | undefined;

  constructor(opened: Opened, session: Session) {
    const { stream } = opened;
    this.stream = stream;
    this.session = session;
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
    this.reader = new Reader(opened, session, this.window);
    this.outbox = new Outbox(
      // For as long as it takes: the user sees that it waits.
      (text) => stream.send(text, { name: this.name, timeout: Infinity, signal: session.signal }),
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
    await this.reader.run();
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
        return void this.printQuietly(this.reader.people.all());
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
    if (name !== undefined) this.reader.people.own(name);
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
    return this.window.print(hanging(line, this.session.output.columns));
  }

  private printQuietly(line: Plain): Promise<void> {
    return this.print(this.session.output.dim(line));
  }

  private prompt(): Plain {
    const { output } = this.session;
    if (this.name === undefined) return plain`${output.dim(plain`(you)`)}: `;
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
    const { count, typing } = this.reader.people;
    // The name of an encrypted stream is computed from its keys, and says nothing.
    const title = isSealed(this.stream.name) ? "encrypted" : this.stream.name;
    const parts = [plain`${title}`, count && output.dim(count), typing];
    return statusLine(
      { parts: parts.filter((part) => part !== undefined), life: this.reader.life.at(now) },
      output,
    );
  }
}

/** How many characters are left, or too many; undefined while there is room. */
function lengthNotice(draft: string): Plain | undefined {
  const left = MAX_TEXT - codePoints(draft);
  if (left < 0) return plain`${-left} characters too many`;
  return left < FEW_LEFT ? plain`${left} characters left` : undefined;
}
