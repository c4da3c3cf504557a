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
import { Log } from "./log.ts";
import { Outbox } from "./outbox.ts";
import { People } from "./people.ts";

/** Older messages that are asked for at once. */
const PAGE = 100;

interface PageOptions {
  readonly limit: number;
  readonly last?: string;
  /** In milliseconds; the client's own unless given. */
  readonly timeout?: number;
}

/** The whole of a stream that is open: what was said, who is here, and what is on its way. */
export class Talk {
  readonly name: string;
  readonly log: Log;
  readonly outbox: Outbox;
  readonly people: People;
  readonly connection: Signal<StreamState>;
  /** What was written before: not yet known, known, or not to be had. */
  readonly history = signal<"loading" | "ready" | "failed">("loading");
  /** What is before the first line: perhaps more, being asked for, or nothing. */
  readonly older = signal<"some" | "loading" | "none" | "failed">("some");
  /** When the stream ends unless a message comes, in milliseconds since 1970; undefined is not soon. */
  readonly ends = signal<number | undefined>();
  /** Listening failed for good. */
  readonly failure = signal<MaltenError | undefined>();
  private readonly stream: ClientStream;
  private readonly abort = new AbortController();
  private seen: { readonly name: string; readonly status: Status } | undefined;
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
      if (state.kind !== "live") return;
      if (this.history.peek() === "failed") this.history.value = "ready";
      // Who left while there was no connection is not told of.
      void this.people.load();
    });
    const { signal: aborted } = this.abort;
    this.log = new Log((message) => this.adopt(message), shown);
    this.outbox = new Outbox(this.stream, aborted, this.log);
    this.people = new People(this.stream, aborted);
    if (person !== "") this.seen = { name: person, status: document.hidden ? "away" : "online" };
    void this.run();
  }

  /** Answers the texts that were not known to have arrived. */
  close(): readonly string[] {
    const unsent = this.outbox.unsent;
    this.abort.abort();
    this.log.close();
    this.stream.close();
    return unsent;
  }

  /** How others see this listener; without a name, not at all. */
  present(name: string, status: Status): void {
    if (this.seen?.name === name && this.seen.status === status) return;
    if (name === "" && this.seen === undefined) return;
    this.seen = name === "" ? undefined : { name, status };
    this.stream.setPresence(this.seen);
  }

  /** Shows the messages before the first one, if there are any. */
  async loadOlder(): Promise<void> {
    const first = this.log.entries.peek().find((entry) => entry.kind === "message");
    if (first === undefined || this.older.peek() === "loading" || this.older.peek() === "none") return;
    this.older.value = "loading";
    try {
      const page = await this.read({ limit: PAGE, last: first.created });
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
      this.outbox.settle(false);
      this.older.value = entries.length < FIRST_PAGE ? "none" : "some";
      this.history.value = "ready";
      since = entries.at(-1)?.created ?? since;
    } catch {
      // Listening brings it, from the earliest on, as soon as there is a connection.
      this.history.value = "failed";
      this.older.value = "none";
    }
    await this.listen(since);
  }

  private async listen(since: string): Promise<void> {
    const { signal: aborted } = this.abort;
    try {
      for await (const event of this.stream.events({ since, signal: aborted, ...this.seen }))
        this.take(event);
    } catch (error) {
      if (!aborted.aborted) this.failure.value = asError(error);
    }
  }

  /** The page that boot.ts asked for; where that failed or took too long, another one. */
  private async readFirst(): Promise<MessageEntry[]> {
    try {
      const first = await takeFirstPage(this.name);
      if (first !== undefined) return first.map((wire) => this.entryOfWire(wire));
    } catch {
      // Failed or took too long.
    }
    return this.read({ limit: FIRST_PAGE, timeout: FIRST_PAGE_TIMEOUT });
  }

  private entryOfWire({ Id, Text, Created }: WireMessage): MessageEntry {
    return entryOf({ id: Id, text: Text, created: Created, time: timeOf(Created), stream: this.name });
  }

  /** A page before the cursor `last`, or the newest, oldest message first. */
  private async read({ timeout, ...options }: PageOptions): Promise<MessageEntry[]> {
    const signals = [this.abort.signal];
    if (timeout !== undefined) signals.push(AbortSignal.timeout(timeout));
    const pages = this.stream.read({ from: "newest", signal: AbortSignal.any(signals), ...options });
    for await (const page of pages) {
      return page.map(entryOf).toReversed();
    }
    return [];
  }

  private take(event: StreamEvent): void {
    switch (event.type) {
      case "message":
        this.takeMessage(event.message);
        break;
      case "gap":
        this.gaps++;
        this.outbox.settle(true);
        this.log.append({ kind: "gap", key: `gap-${this.gaps}`, ...gapTimes(event.gap.from, event.gap.to) });
        break;
      case "presence":
        this.people.change(event.observers, event.people, event.more);
        break;
      case "expiring":
        this.ends.value = Date.now() + event.seconds * 1000;
        break;
      case "ended":
        this.gaps++;
        this.ends.value = undefined;
        this.log.append({ kind: "ended", key: `ended-${this.gaps}`, reason: event.reason });
    }
  }

  private takeMessage(message: Message): void {
    this.history.value = "ready";
    this.ends.value = undefined;
    this.log.append(entryOf(message));
  }

  /** A message that was sent from here keeps its key. */
  private adopt(message: MessageEntry): MessageEntry {
    const key = this.outbox.claim(message.id);
    return key === undefined ? message : { ...message, key, mine: true };
  }
}

function entryOf({ id, text, created, time }: Message): MessageEntry {
  return { kind: "message", key: id, id, text, created, time, mine: false };
}

function timeOf(created: string): Date {
  return new Date(Number(created.slice(0, -6)));
}

function gapTimes(from: string, to: string): { from: Date | undefined; to: Date } {
  return { from: from === "0" ? undefined : timeOf(from), to: timeOf(to) };
}

function asError(error: unknown): MaltenError {
  return error instanceof MaltenError ? error : new MaltenError("bad_response", String(error));
}
