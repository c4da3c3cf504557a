import type { WirePresence } from "../protocol/presence.ts";
import type { ClientContext, ConnectionManager, ManagedStream, StreamState } from "./connection-manager.ts";
import { MaltenError } from "./error.ts";
import { EventQueue } from "./event-queue.ts";
import { decodeMessages, serverOf } from "./decode.ts";
import { parseGap, readMessage, withGap, type Gap, type Message } from "./message.ts";
import { PresenceTracker, type Presence } from "./presence-tracker.ts";
import { SendQueue, type SendOptions, type Sent } from "./send-queue.ts";
import { SharedSubscription } from "./shared-subscription.ts";
import { readPresence, type PresenceInfo, type StreamEvent } from "./stream-event.ts";
import { Subscription, type ListenOptions } from "./subscription.ts";

/** How long an unused stream keeps its connection, in milliseconds. */
const IDLE = 2000;

/** Messages in one page. */
const PAGE = 100;

export interface ReadOptions {
  /** `newest` (default) reads backward in time, newest first; `oldest` reads forward, oldest first. */
  readonly from?: "newest" | "oldest";
  /** Messages in a page, 1 to 1024. Defaults to 100. */
  readonly limit?: number;
  /** The cursor to begin after, in reading order. */
  readonly last?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A stream of messages on a server. It need not exist: the first message creates it. Returned by {@link Malten.stream}. */
export class ClientStream {
  readonly name: string;
  readonly #context: ClientContext;
  /** Undefined while the stream is not in use. */
  #manager: ConnectionManager | undefined;
  readonly #sends: SendQueue;
  readonly #subscription: SharedSubscription;
  readonly #managed: ManagedStream;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #closed: Extract<StreamState, { kind: "closed" }> | undefined;
  #toldKind: StreamState["kind"] = "idle";
  readonly #stateCallbacks = new Set<(state: StreamState) => void>();
  readonly #presenceCallbacks = new Set<(presence: Presence) => void>();

  constructor(context: ClientContext, name: string) {
    this.#context = context;
    this.name = name;
    this.#sends = new SendQueue(context.ownIds, context.pace);
    this.#subscription = new SharedSubscription(name, this.#sends);
    this.#managed = {
      subscription: this.#subscription,
      sends: this.#sends,
      update: () => this.#update(),
      close: (error) => this.#close(error),
    };
  }

  /** Listens to several streams with one iterator. It ends when one of them is closed, or with the first error. */
  static listen<T>(
    streams: readonly ClientStream[],
    options: ListenOptions,
    pickFor: (stream: string) => (event: StreamEvent) => T | undefined,
  ): EventQueue<T> {
    const queue: EventQueue<T> = new EventQueue<T>(() => {
      for (const [stream, listener] of listeners)
        if (queue.isOver) {
          stream.#subscription.delete(listener);
          stream.#manager?.pump();
          stream.#update();
        } else if (listener.isPaused) stream.#subscription.resume(listener);
    }, options.signal);
    const listeners = streams.map((stream) => {
      const pick = pickFor(stream.name);
      const give = (event: StreamEvent) => {
        const item = pick(event);
        if (item !== undefined) queue.push(item);
      };
      return [stream, new Subscription(queue, options, give)] as const;
    });
    if (options.signal?.aborted) queue.end();
    for (const [stream, listener] of listeners) {
      if (stream.#closed) queue.end();
      if (queue.isOver) break;
      stream.#subscription.add(listener);
      stream.#use();
    }
    return queue;
  }

  get state(): StreamState {
    if (this.#closed) return this.#closed;
    if (!this.#manager) return { kind: "idle" };
    const { state, throttled } = this.#manager;
    if (state.kind !== "live") return state;
    if (this.#subscription.isBeginning) return { kind: "connecting" };
    return this.#sends.isEmpty ? state : (throttled ?? state);
  }

  /** Calls `callback` whenever the kind of {@link state} changes. Returns a function that unsubscribes. */
  onState(callback: (state: StreamState) => void): () => void {
    this.#stateCallbacks.add(callback);
    return () => void this.#stateCallbacks.delete(callback);
  }

  /**
   * Publishes a message. Resolves when the server has accepted it. Messages to a stream stay in order, and wait while there is no
   * connection.
   * @throws MaltenError with the server's reason, or `timeout`, `uncertain`, `aborted`, `closed`
   */
  async send(text: string, options: SendOptions = {}): Promise<Sent> {
    if (this.#closed) throw closedError();
    const sent = this.#sends.add(text, options);
    this.#use();
    try {
      return await sent;
    } finally {
      this.#update();
    }
  }

  /**
   * Iterates over the history, page by page, until its end. No page is empty.
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
      const server = serverOf(headers);
      const gap = parseGap(headers.get("malten-gap"));
      const page = decodeMessages(body).map((wire, i) => {
        const message = readMessage(wire, server, this.#context.ownIds.has(wire.Id));
        return withGap(message, i === 0 ? gap : undefined);
      });
      cursor = page.at(-1)?.cursor;
      if (cursor) yield page;
      if (page.length < limit) return;
    }
  }

  /**
   * Iterates over messages as they arrive, in order and without duplicates. If messages before one are missing, it has a `gap`.
   * Listening begins with the call, not with the first iteration, and ends with `break`, its signal, or {@link close}.
   * @throws MaltenError if the server rejects it; synchronously, `bad_parameter`, for an invalid cursor
   */
  listen(options: ListenOptions = {}): AsyncIterableIterator<Message, undefined> {
    return ClientStream.listen([this], options, messagesOnly);
  }

  /** Iterates over everything that happens to the stream. Otherwise the same as {@link listen}. */
  events(options: ListenOptions = {}): AsyncIterableIterator<StreamEvent, undefined> {
    return ClientStream.listen([this], options, () => (event) => event);
  }

  /** Fetches the current presence list. @throws MaltenError */
  async presence(signal?: AbortSignal): Promise<Presence> {
    const members = ["Observers", "People", "More", "Created"] as const;
    return readPresence(
      await this.#context.http.json<WirePresence>("/presence", members, { stream: this.name }, { signal }),
    );
  }

  /**
   * Calls `callback` with the presence list, and again with the whole list whenever it changes. Returns a function that
   * unsubscribes. Counts as listening.
   */
  onPresence(callback: (presence: Presence) => void): () => void {
    if (this.#closed) return () => {};
    const callbacks = this.#presenceCallbacks;
    callbacks.add(callback);
    const { tracker } = this.#subscription;
    if (tracker?.presence) callback(tracker.presence);
    if (!tracker) {
      this.#subscription.track(
        new PresenceTracker(
          (signal) => this.presence(signal),
          (presence) => callAll(callbacks, presence),
        ),
      );
      this.#use();
    }
    return () => {
      callbacks.delete(callback);
      if (callbacks.size > 0) return;
      this.#subscription.untrack();
      this.#update();
    };
  }

  /**
   * Sets this program's name and status in the presence list while it listens; without a name, it is anonymous. A name that the
   * server rejects ends listening with `bad_person`.
   */
  setPresence(person: PresenceInfo = {}): void {
    this.#subscription.setPresence(person);
  }

  /** Deletes the stream, with the owner token that {@link Malten.create} returned. @throws MaltenError `token_wrong`, `not_found` */
  async end(owner: string): Promise<void> {
    // `fetch` throws for characters that no header can have. The token is wrong in any case.
    const headers = { authorization: `Bearer ${owner.trim().replaceAll(/[^!-~]/g, "?")}` };
    await this.#context.http.request("/streams", { stream: this.name }, { method: "DELETE", headers });
  }

  /**
   * Closes the stream in this program: ends its listeners without an error, and rejects unsent messages with `closed`.
   * {@link Malten.stream} returns a new object afterwards.
   */
  close(): void {
    this.#close();
  }

  #use(): void {
    this.#manager ??= this.#context.acquire();
    this.#manager.use(this.#managed);
    this.#update();
  }

  #release(): void {
    const manager = this.#manager;
    this.#manager = undefined;
    manager?.release(this.#managed);
  }

  #update(): void {
    clearTimeout(this.#idleTimer);
    if (this.#manager && !this.#subscription.isWanted && this.#sends.isEmpty)
      this.#idleTimer = setTimeout(() => {
        this.#release();
        this.#update();
      }, IDLE);
    const { state } = this;
    if (state.kind === this.#toldKind) return;
    this.#toldKind = state.kind;
    callAll(this.#stateCallbacks, state);
  }

  #close(error?: MaltenError): void {
    if (this.#closed) return;
    this.#closed = { kind: "closed", error };
    this.#context.forget(this.name);
    this.#presenceCallbacks.clear();
    // A callback may open the stream again: none is called before this one has let go of the connection.
    this.#toldKind = "closed";
    this.#subscription.close(error);
    this.#sends.close(error ?? closedError());
    this.#release();
    this.#update();
    callAll(this.#stateCallbacks, this.#closed);
  }
}

/** Picks the messages, each with the gap before it. */
export function messagesOnly(): (event: StreamEvent) => Message | undefined {
  let missing: Gap | undefined;
  return (event) => {
    if (event.type === "gap") missing = { ...event.gap, from: (missing ?? event.gap).from };
    if (event.type !== "message") return;
    const message = withGap(event.message, missing);
    missing = undefined;
    return message;
  };
}

/** What a callback throws is reported as uncaught, and does not disturb the connection. */
function callAll<T>(callbacks: Iterable<(value: T) => void>, value: T): void {
  for (const callback of callbacks)
    try {
      callback(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
}

function closedError(): MaltenError {
  return new MaltenError("closed", "Closed");
}
