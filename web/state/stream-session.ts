import { signal, type Signal } from "@preact/signals";
import {
  MaltenError,
  type Malten,
  type Message,
  type ClientStream,
  type StreamEvent,
  type StreamState,
} from "../../src/client/index.ts";
import type { WireMessage } from "../../src/protocol/message.ts";
import type { Status } from "../../src/protocol/presence.ts";
import type { MessageEntry } from "./entry.ts";
import { FIRST_PAGE, FIRST_PAGE_TIMEOUT, takeFirstPage } from "./first-page.ts";
import { MessageLog } from "./message-log.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import { PresenceList } from "./presence-list.ts";

/** Older messages requested at a time. */
const PAGE = 100;

interface PageOptions {
  readonly limit: number;
  readonly last?: string;
  /** In milliseconds; default: the SDK's. */
  readonly timeout?: number;
}

/** An open stream: its messages, listeners and pending messages. */
export class StreamSession {
  readonly name: string;
  readonly log: MessageLog;
  readonly outgoing: OutgoingMessages;
  readonly people = new PresenceList();
  readonly connection: Signal<StreamState>;
  /** The messages sent before the stream was opened. */
  readonly history = signal<"loading" | "ready" | "failed">("loading");
  /** Whether messages older than the first entry exist and can be loaded. */
  readonly older = signal<"some" | "loading" | "none" | "failed">("some");
  /** When the stream expires unless a message arrives, in milliseconds since 1970; undefined if not soon. */
  readonly expiresAt = signal<number | undefined>();
  /** Set if listening has failed permanently. */
  readonly failure = signal<MaltenError | undefined>();
  private readonly stream: ClientStream;
  private readonly abort = new AbortController();
  private presence: { readonly name: string; readonly status: Status } | undefined;
  private gaps = 0;

  constructor(
    malten: Malten,
    name: string,
    person: string,
    shown: (messages: readonly MessageEntry[]) => void,
  ) {
    this.name = name;
    this.stream = malten.stream(name);
    this.connection = signal(this.stream.state);
    this.stream.onState((state) => {
      this.connection.value = state;
      if (state.kind === "live" && this.history.peek() === "failed") this.history.value = "ready";
    });
    const { signal: aborted } = this.abort;
    this.log = new MessageLog((message) => this.withPendingKey(message), shown);
    this.outgoing = new OutgoingMessages(this.stream, aborted, (id) => this.log.markOwn(id));
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
      this.log.prepend(page);
      this.older.value = page.length < PAGE ? "none" : "some";
    } catch {
      if (!this.abort.signal.aborted) this.older.value = "failed";
    }
  }

  async end(owner: string): Promise<void> {
    await this.stream.end(owner);
  }

  private async run(): Promise<void> {
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

  /** The page requested by boot.ts; another one if that request failed or took too long. */
  private async readFirst(): Promise<MessageEntry[]> {
    try {
      const first = await takeFirstPage(this.name);
      if (first !== undefined) return first.messages.map((wire) => entryOfWire(wire, first.server));
    } catch {
      // Request another page.
    }
    return this.read({ limit: FIRST_PAGE, timeout: FIRST_PAGE_TIMEOUT });
  }

  /** Reads the page before the cursor `last`, or the newest page. Oldest message first. */
  private async read({ timeout, ...options }: PageOptions): Promise<MessageEntry[]> {
    const signals = [this.abort.signal];
    if (timeout !== undefined) signals.push(AbortSignal.timeout(timeout));
    const pages = this.stream.read({ from: "newest", signal: AbortSignal.any(signals), ...options });
    for await (const page of pages) {
      return page.map(entryOf).toReversed();
    }
    return [];
  }

  private onEvent(event: StreamEvent): void {
    switch (event.type) {
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
      case "expiring":
        this.expiresAt.value = Date.now() + event.seconds * 1000;
        break;
      case "ended":
        this.gaps++;
        this.expiresAt.value = undefined;
        this.log.append({ kind: "ended", key: `ended-${this.gaps}`, reason: event.reason });
    }
  }

  private onMessage(message: Message): void {
    this.history.value = "ready";
    this.expiresAt.value = undefined;
    this.log.append(entryOf(message));
  }

  /** Keeps the key that the user's own message had while pending. */
  private withPendingKey(message: MessageEntry): MessageEntry {
    const key = this.outgoing.take(message.id);
    return key === undefined ? message : { ...message, key, own: true };
  }
}

function entryOf({ id, text, cursor, time, own }: Message): MessageEntry {
  return { kind: "message", key: id, id, text, cursor, time, own };
}

function entryOfWire({ Id, Text, Created }: WireMessage, server: string): MessageEntry {
  const cursor = `${Created}-${server}`;
  return { kind: "message", key: Id, id: Id, text: Text, cursor, time: dateOf(Created), own: false };
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
