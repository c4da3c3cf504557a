import type { WireMessage } from "../protocol/message.ts";
import type { WirePresence } from "../protocol/presence.ts";
import type { Sent } from "./outbox.ts";
import { readPeople, type Appearance, type Person, type StreamEvent } from "./event.ts";
import { decode } from "./http.ts";
import { Link, type LinkContext, type StreamState } from "./link.ts";
import { gapBetween, readMessage, withGap, type Gap, type Message } from "./message.ts";
import { Subscription, type ListenOptions } from "./subscription.ts";

/** How long a message may wait for a server, in milliseconds. */
const SEND_TIMEOUT = 30_000;

/** Messages in one page. */
const PAGE = 100;

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds; 30,000 unless given. */
  readonly timeout?: number;
}

export interface ReadOptions {
  /** `newest`: backward in time, newest first, the default. `oldest`: forward, oldest first. */
  readonly from?: "newest" | "oldest";
  /** Messages in a page, 1 to 1024; 100 unless given. */
  readonly limit?: number;
  /** A cursor to begin after, in the order that is read in. */
  readonly last?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Who listens to a stream. */
export interface Presence {
  readonly observers: number;
  /** Those who want to be seen, in order of arrival. */
  readonly people: readonly Person[];
  /** How many more want to be seen. */
  readonly more: number;
  /** Nanoseconds since 1970: what is later changed since. */
  readonly created: string;
}

/** A stream of messages on a server. It need not exist: the first message begins it. Made by {@link Malten.stream}. */
export class Stream {
  readonly name: string;
  readonly #context: LinkContext;
  readonly #link: Link;
  /** Of those who listen beside the first. */
  readonly #others = new Set<Link>();
  readonly #watchers = new Set<(state: StreamState) => void>();

  constructor(context: LinkContext, name: string) {
    this.#context = context;
    this.name = name;
    this.#link = new Link(context, name, (state) => {
      for (const watcher of this.#watchers) watcher(state);
    });
  }

  get state(): StreamState {
    return this.#link.state;
  }

  /** Calls back whenever {@link state} changes, until the function that it answers is called. */
  onState(callback: (state: StreamState) => void): () => void {
    this.#watchers.add(callback);
    return () => void this.#watchers.delete(callback);
  }

  /**
   * Publishes a message; resolves when the server has it. Messages stay in order, and wait while there is no connection.
   * @throws MaltenError why the server refuses it, or `timeout`, `uncertain`, `aborted`, `closed`
   */
  send(text: string, { signal, timeout = SEND_TIMEOUT }: SendOptions = {}): Promise<Sent> {
    return this.#link.send(text, timeout, signal);
  }

  /**
   * The messages that are kept, page by page, until there are no more. No page is empty.
   * @throws MaltenError
   */
  async *read({ from = "newest", limit = PAGE, last, signal }: ReadOptions = {}): AsyncGenerator<
    Message[],
    void
  > {
    // For the server, forward from 0 is the newest page; one nanosecond later comes the oldest.
    let cursor = last ?? (from === "oldest" ? "1" : undefined);
    for (;;) {
      const parameters = { stream: this.name, limit, direction: from === "oldest" ? 1 : -1, last: cursor };
      const { headers, body } = await this.#context.http.request("/messages", parameters, { signal });
      const gap = gapBetween(headers.get("malten-gap"));
      const page = decode<WireMessage[]>(body, "length").map((wire, i) =>
        withGap(readMessage(wire), i === 0 ? gap : undefined),
      );
      cursor = page.at(-1)?.created;
      if (cursor !== undefined) yield page;
      if (page.length < limit) return;
    }
  }

  /**
   * Messages as they come, in order, none doubled; what is missing before one is its `gap`. Begins to listen at once, not with
   * the first iteration, and ends with a `break` or its signal.
   * @throws MaltenError where the server will not let it listen; at once, `bad_parameter`, for what cannot be a cursor
   */
  listen(options: ListenOptions = {}): AsyncIterableIterator<Message, undefined> {
    let missing: Gap | undefined;
    return this.#subscribe(options, (event) => {
      if (event.type === "gap") missing = { ...event.gap, from: (missing ?? event.gap).from };
      if (event.type !== "message") return;
      const message = withGap(event.message, missing);
      missing = undefined;
      return message;
    });
  }

  /** All that happens to the stream, as {@link listen}. */
  events(options: ListenOptions = {}): AsyncIterableIterator<StreamEvent, undefined> {
    return this.#subscribe(options, (event) => event);
  }

  /** Who listens. @throws MaltenError */
  async presence(signal?: AbortSignal): Promise<Presence> {
    const { Observers, People, More, Created } = await this.#context.http.json<WirePresence>(
      "/presence",
      ["People"],
      { stream: this.name },
      { signal },
    );
    return { observers: Observers, people: readPeople(People), more: More, created: Created };
  }

  /**
   * Changes how this listener is seen; without a person it no longer is. A name that the server refuses ends the
   * listening with `bad_person`.
   */
  announce(person: Appearance = {}): void {
    this.#link.announce(person);
  }

  /** Ends the stream for all, with the token that {@link Malten.create} answered. @throws MaltenError `token_wrong`, `not_found` */
  async end(owner: string): Promise<void> {
    // What no header can have, `fetch` would throw for; so it is a token that is wrong.
    const headers = { authorization: `Bearer ${owner.trim().replaceAll(/[^!-~]/g, "?")}` };
    await this.#context.http.request("/streams", { stream: this.name }, { method: "DELETE", headers });
  }

  /** Ends all listening, quietly, and gives up what was not sent: `closed`. */
  close(): void {
    for (const link of [this.#link, ...this.#others]) link.close();
    this.#others.clear();
  }

  #subscribe<T>(options: ListenOptions, pick: (event: StreamEvent) => T | undefined): Subscription<T> {
    const link = this.#link.hasListener ? this.#another() : this.#link;
    const subscription = new Subscription(link, options, pick);
    link.listen(subscription);
    if (options.signal?.aborted) void subscription.return();
    return subscription;
  }

  /** A link that is there for one listener, and closed with it. */
  #another(): Link {
    const link = new Link(this.#context, this.name, ({ kind }) => {
      if (kind === "idle") this.#others.delete(link);
    });
    this.#others.add(link);
    return link;
  }
}
