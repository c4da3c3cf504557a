import type { ComponentType } from "preact";
import { computed, signal, type Signal } from "@preact/signals";
import {
  MaltenError,
  type Message,
  type ClientStream,
  type ListenOptions,
  type StreamEvent,
  type StreamState,
} from "../../src/client/index.ts";
import type { WireMessage } from "../../src/protocol/message.ts";
import { isUnlisted } from "../../src/protocol/name.ts";
import type { Status } from "../../src/protocol/presence.ts";
import { ViewChoice } from "../logs/view-choice.ts";
import type { Entry, MessageEntry, WarningEntry } from "./entry.ts";
import { FIRST_PAGE, FIRST_PAGE_TIMEOUT, takeFirstPage } from "./first-page.ts";
import { Lifetime } from "./lifetime.ts";
import { MessageLog } from "./message-log.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import type { OwnMessages } from "./own-messages.ts";
import { PresenceList } from "./presence-list.ts";
import type { DialogName } from "./router.ts";

/** Older messages requested at a time. */
const PAGE = 100;

/** The room from which on messages are shown as leaving, in messages. */
const NEARLY_FULL = 64;

interface PageOptions {
  readonly limit: number;
  readonly last?: string;
  /** In milliseconds; default: the SDK's. */
  readonly timeout?: number;
}

/** What a session needs of a stream. */
export type SessionStream = Pick<
  ClientStream,
  "name" | "state" | "onState" | "send" | "read" | "onPresence" | "setPresence" | "close"
> & { events(options: ListenOptions): AsyncIterable<SessionEvent> };

export type SessionEvent = StreamEvent | { readonly type: "warning"; readonly entry: WarningEntry };

export interface SessionOptions {
  /** The user's name; empty for none. */
  readonly person: string;
  /** Called with messages from others once they are shown. */
  readonly onShown: (messages: readonly MessageEntry[]) => void;
  /** Returns the idle time-to-live in seconds of a stream that a message creates. */
  readonly defaultTtl: () => Promise<number>;
  /** Remembers the user's own messages beyond this session. */
  readonly own?: OwnMessages;
  /** Returns the line for a message. */
  readonly entryOf?: (message: Message) => MessageEntry;
  /** What is special about an encrypted stream. Its messages have to be received from the first one on, in order. */
  readonly parts?: SessionParts;
}

/** What an encrypted stream shows besides, or instead of, what others show. */
export interface SessionParts {
  /** Its name in the page's title. */
  readonly title: string;
  /** Ends the stream, if the user may. */
  readonly end: (() => Promise<void>) | undefined;
  readonly Lock: ComponentType;
  readonly Title: ComponentType;
  readonly Empty: ComponentType;
  /** What is known of a message's sender, or what is wrong between two messages. */
  readonly Note: ComponentType<{ readonly entry: Entry }>;
  /** Shown instead of the message box. */
  readonly ReadOnly: ComponentType | undefined;
  readonly dialogs: Readonly<Partial<Record<DialogName, ComponentType>>>;
}

/** An open stream: its messages, listeners and pending messages. */
export class StreamSession {
  readonly name: string;
  readonly parts: SessionParts | undefined;
  readonly log: MessageLog;
  readonly view: ViewChoice;
  readonly outgoing: OutgoingMessages;
  readonly people = new PresenceList();
  readonly connection: Signal<StreamState>;
  /** The messages sent before the stream was opened. */
  readonly history = signal<"loading" | "ready" | "failed">("loading");
  /** Whether messages older than the first entry exist and can be loaded. */
  readonly older = signal<"some" | "loading" | "none" | "failed">("some");
  readonly life: Lifetime;
  /** Whether the stream has expired or was ended, and nobody has written since. */
  readonly ended = computed(() => this.life.end.value !== undefined);
  /** The same of a private stream, which is not to be begun again: it would have no owner. */
  readonly over = computed(() => this.ended.value && this.parts === undefined && isUnlisted(this.name));
  /** Whether the oldest messages, which are shown, leave soon or with each new one. */
  readonly isLeaving = computed(() => this.life.room.value <= NEARLY_FULL && this.older.value === "none");
  /** Set if listening has failed permanently. */
  readonly failure = signal<MaltenError | undefined>();
  /** Whether the user searches the messages. */
  readonly finding = signal(false);
  private readonly stream: SessionStream;
  private readonly entryOf: (message: Message) => MessageEntry;
  private readonly own: OwnMessages | undefined;
  private readonly abort = new AbortController();
  private presence: { readonly name: string; readonly status: Status } | undefined;
  private gaps = 0;
  /** The id of the newest message that was sent before the stream was opened, if all are received by listening. */
  private lastOfHistory: string | undefined;

  constructor(stream: SessionStream, options: SessionOptions) {
    const { person, onShown, defaultTtl, own, entryOf = plainEntryOf, parts } = options;
    this.name = stream.name;
    this.parts = parts;
    this.stream = stream;
    this.own = own;
    this.entryOf = (message) => this.markOwn(entryOf(message));
    this.life = new Lifetime(defaultTtl);
    this.connection = signal(this.stream.state);
    this.stream.onState((state) => {
      this.connection.value = state;
      if (state.kind === "live" && this.history.peek() === "failed") this.history.value = "ready";
    });
    const { signal: aborted } = this.abort;
    this.log = new MessageLog((message) => this.withPendingKey(message), onShown);
    this.view = new ViewChoice(this.name, this.log.entries);
    this.outgoing = new OutgoingMessages(this.stream, aborted, (id) => {
      own?.add(id);
      return this.log.markOwn(id);
    });
    if (person !== "") this.presence = { name: person, status: document.hidden ? "away" : "online" };
    void this.run();
  }

  /** Closes the stream. Returns the texts of messages not confirmed as sent. */
  close(): readonly string[] {
    const unsent = this.outgoing.unsent;
    this.abort.abort();
    this.log.close();
    this.stream.close();
    return unsent;
  }

  /** Sets how others see this user; without a name, not at all. */
  setPresence(name: string, status: Status): void {
    if (this.presence?.name === name && this.presence.status === status) return;
    if (name === "" && this.presence === undefined) return;
    this.presence = name === "" ? undefined : { name, status };
    this.stream.setPresence(this.presence);
  }

  /** Loads the messages before the first one. */
  async loadOlder(): Promise<void> {
    const first = this.log.entries.peek().find((entry) => entry.kind === "message");
    if (first === undefined || this.older.peek() === "loading" || this.older.peek() === "none") return;
    this.older.value = "loading";
    try {
      const page = await this.read({ limit: PAGE, last: first.cursor });
      this.log.prepend(page.map(this.entryOf));
      this.older.value = page.length < PAGE ? "none" : "some";
    } catch {
      if (!this.abort.signal.aborted) this.older.value = "failed";
    }
  }

  private async run(): Promise<void> {
    if (this.parts === undefined) await this.readThenListen();
    else await this.listenToAll();
  }

  private async readThenListen(): Promise<void> {
    let since = "earliest";
    try {
      const entries = await this.readFirst();
      this.log.prepend(entries);
      this.outgoing.removeAccepted(false);
      this.older.value = entries.length < FIRST_PAGE ? "none" : "some";
      this.history.value = "ready";
      since = entries.at(-1)?.cursor ?? since;
    } catch {
      // Listening from the earliest message delivers it once there is a connection.
      this.history.value = "failed";
      this.older.value = "none";
    }
    await this.listen(since);
  }

  private async listenToAll(): Promise<void> {
    this.older.value = "none";
    try {
      const [newest] = await this.read({ limit: 1, timeout: FIRST_PAGE_TIMEOUT });
      this.lastOfHistory = newest?.id;
      if (newest === undefined) this.history.value = "ready";
    } catch {
      this.history.value = "failed";
    }
    await this.listen("earliest");
  }

  private async listen(since: string): Promise<void> {
    const { signal: aborted } = this.abort;
    try {
      const events = this.stream.events({ since, signal: aborted, ...this.presence });
      this.stream.onPresence((presence) => this.people.update(presence));
      for await (const event of events) this.onEvent(event);
    } catch (error) {
      if (!aborted.aborted) this.failure.value = asError(error);
    }
  }

  /** The page requested by first-request.ts; another one if that request failed or took too long. */
  private async readFirst(): Promise<MessageEntry[]> {
    try {
      const first = await takeFirstPage(this.name);
      if (first !== undefined)
        return first.messages.map((wire) => this.markOwn(entryOfWire(wire, first.server)));
    } catch {
      // Request another page.
    }
    const page = await this.read({ limit: FIRST_PAGE, timeout: FIRST_PAGE_TIMEOUT });
    return page.map(this.entryOf);
  }

  /** Reads the page before the cursor `last`, or the newest page. Oldest message first. */
  private async read({ timeout, ...options }: PageOptions): Promise<Message[]> {
    const signals = [this.abort.signal];
    if (timeout !== undefined) signals.push(AbortSignal.timeout(timeout));
    const pages = this.stream.read({ from: "newest", signal: AbortSignal.any(signals), ...options });
    for await (const page of pages) {
      return page.toReversed();
    }
    return [];
  }

  private onEvent(event: SessionEvent): void {
    switch (event.type) {
      case "welcome":
        this.life.onWelcome(event);
        break;
      case "created":
        this.life.onCreated(event.ttl);
        break;
      case "message":
        this.onMessage(event.message);
        break;
      case "gap":
        this.gaps++;
        this.outgoing.removeAccepted(true);
        this.log.append({ kind: "gap", key: `gap-${this.gaps}`, ...gapTimes(event.gap.from, event.gap.to) });
        break;
      case "presence":
        // The SDK keeps the list, see onPresence.
        break;
      case "warning":
        this.log.append(event.entry);
        break;
      case "expiring":
        this.life.onExpiring(event.seconds);
        break;
      case "ended":
        this.gaps++;
        this.life.onEnd(event.reason);
        this.log.append({ kind: "ended", key: `ended-${this.gaps}`, reason: event.reason });
    }
  }

  private onMessage(message: Message): void {
    this.life.onMessage(message.created);
    this.log.append(this.entryOf(message));
    if (this.history.peek() === "ready" || (this.lastOfHistory ?? message.id) !== message.id) return;
    // At once: it would look empty for a moment.
    this.log.flush();
    this.lastOfHistory = undefined;
    this.history.value = "ready";
  }

  /** Recognises the user's own messages of before a reload. */
  private markOwn(message: MessageEntry): MessageEntry {
    return this.own?.has(message.id) ? { ...message, own: true } : message;
  }

  /** Keeps the key that the user's own message had while pending. */
  private withPendingKey(message: MessageEntry): MessageEntry {
    const key = this.outgoing.take(message.id);
    return key === undefined ? message : { ...message, key, own: true };
  }
}

export function plainEntryOf({ id, text, cursor, time, own, name }: Message): MessageEntry {
  return { kind: "message", key: id, id, text, cursor, time, own, name };
}

function entryOfWire({ Id, Text, Created, Name }: WireMessage, server: string): MessageEntry {
  const cursor = `${Created}-${server}`;
  return {
    kind: "message",
    key: Id,
    id: Id,
    text: Text,
    cursor,
    time: dateOf(Created),
    own: false,
    name: Name,
  };
}

function dateOf(created: string): Date {
  return new Date(Number(created.slice(0, -6)));
}

function gapTimes(from: string, to: string): { from: Date | undefined; to: Date } {
  return { from: from === "0" ? undefined : dateOf(from), to: dateOf(to) };
}

function asError(error: unknown): MaltenError {
  return error instanceof MaltenError ? error : new MaltenError("bad_response", String(error));
}
