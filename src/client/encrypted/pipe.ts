import type { PipeEnd, PipeEndEvent } from "../../crypto/pipe/index.ts";
import type { ClientStream } from "../client-stream.ts";
import type { StreamState } from "../connection-manager.ts";
import { MaltenError } from "../index.ts";
import type { StreamEvent } from "../stream-event.ts";
import { Announcer } from "./announcer.ts";
import { broken, closedError, PipeDriver } from "./pipe-driver.ts";
import { PipePeer } from "./pipe-peer.ts";
import { PipeReceiver } from "./pipe-receiver.ts";
import { PipeSender } from "./pipe-sender.ts";
import type { PipeEvent, PipeMessage, PipeState } from "./types.ts";

/** How long leaving waits for the server, in milliseconds. */
const LEAVE_TIMEOUT = 10_000;

/** What the end that created the pipe has besides. */
interface Creator {
  /** The link for the other end. */
  readonly link: string;
  /** Deletes the stream at the server. Resolves if that fails, too: then the stream expires. */
  erase(): Promise<void>;
}

/** One end of a pipe. */
export class Pipe {
  /** Resolves when the other end is there. Rejects with `link_used` if someone else joined first. */
  readonly joined: Promise<void>;
  /**
   * The bytes from the other end. Ends when the other end closes its {@link writable}. What is not read holds up the other end. To
   * cancel it ends the pipe.
   */
  readonly readable: ReadableStream<Uint8Array>;
  /** The bytes to the other end. Its `close` resolves when the other end has taken everything, and ends texts as well. */
  readonly writable: WritableStream<Uint8Array>;
  /** Private, since programs log the properties of objects. */
  readonly #creator: Creator | undefined;
  readonly #stream: ClientStream;
  readonly #driver: PipeDriver;
  readonly #sender: PipeSender;
  readonly #receiver: PipeReceiver;
  readonly #peer = new PipePeer();
  readonly #events = new Announcer<PipeEvent>();
  readonly #states = new Set<(state: PipeState) => void>();
  #settleJoined: (error?: MaltenError) => void = () => {};
  #toldKind: PipeState["kind"];
  #wasDisconnected = false;
  #leaving: Promise<void> | undefined;
  #erasing: Promise<void> | undefined;
  /** When the message that is handled arrived. */
  #time = new Date();

  /** @internal */
  constructor(stream: ClientStream, end: PipeEnd, creator?: Creator) {
    this.#stream = stream;
    this.#creator = creator;
    this.joined = new Promise((resolve, reject) => {
      this.#settleJoined = (error) => (error ? reject(error) : resolve());
    });
    // Not everyone waits for it.
    this.joined.catch(() => {});
    this.#driver = new PipeDriver(stream, end, {
      handle: (event) => this.#handle(event),
      changed: () => this.#changed(),
      close: (error) => this.#close(error),
    });
    const leave = (reason: unknown) => this.leave(typeof reason === "string" ? reason : "");
    this.#sender = new PipeSender(this.#driver, leave);
    this.#receiver = new PipeReceiver(() => this.#taken(), leave);
    this.readable = this.#receiver.readable;
    this.writable = this.#sender.writable;
    this.#toldKind = this.state.kind;
    stream.onState(({ kind }) => {
      this.#connected(kind);
      this.#driver.wake();
      this.#changed();
    });
    const received = stream.events({ since: "earliest" });
    void this.#driver.run(() => end.start());
    this.#receive(received).then(
      // Someone else closed the stream or the client.
      () => this.#close(),
      (error: unknown) => this.#close(MaltenError.of(error)),
    );
  }

  /** The link for the other end, for one use; undefined where the pipe was joined. */
  get link(): string | undefined {
    return this.#creator?.link;
  }

  /** Six words, the same at both ends unless someone is in the middle; empty before the other end is there. */
  get words(): readonly string[] {
    return this.#driver.end.words;
  }

  get state(): PipeState {
    if (this.#driver.closed) return this.#driver.closed;
    const { state } = this.#stream;
    if (state.kind === "reconnecting" || state.kind === "throttled") return state;
    const kind = this.#driver.end.state;
    return kind === "left" || kind === "closed" ? { kind: "closed", error: undefined } : { kind };
  }

  /** Calls `callback` whenever the kind of {@link state} changes. Returns a function that unsubscribes. */
  onState(callback: (state: PipeState) => void): () => void {
    this.#states.add(callback);
    return () => void this.#states.delete(callback);
  }

  /**
   * Sends a text of at most 1024 characters. Waits until the other end is there and takes more. Resolves when the server has it.
   * @throws MaltenError `text_missing`, `text_too_long` and others of texts, `closed` also after the end of {@link writable},
   * `link_used`, `pipe_broken`
   */
  async send(text: string): Promise<void> {
    await this.#sender.send(text);
  }

  /** Iterates over the texts from the other end, until it has finished. What is not read holds up the other end. */
  messages(): AsyncIterableIterator<PipeMessage, undefined> {
    return this.#receiver.messages();
  }

  /** Iterates over what happens to the pipe from now on. */
  events(): AsyncIterableIterator<PipeEvent, undefined> {
    return this.#events.listen();
  }

  /** For the end that created the pipe: gives up the other end, which lost its keys, and admits the next one who joins. */
  async admit(): Promise<void> {
    await this.#driver.run(() => this.#driver.end.admit());
  }

  /** Closes this end at once. The other end is not told. */
  close(): void {
    this.#close();
  }

  /**
   * Ends the pipe for both. Does not wait for what is still to be sent: close {@link writable} before, or the other end takes it for
   * an error. Resolves when the server has the news, or after ten seconds. If the other end has left already: when its creator has
   * deleted the stream, or after fifteen seconds.
   */
  async end(): Promise<void> {
    if (this.#driver.closed) return this.#erasing;
    // What is cut off must not look complete.
    if (this.#sender.canFinish) await this.#driver.run(() => this.#driver.end.sendEnd());
    await this.leave("");
  }

  /** Leaves the pipe. `reason` is told to the other end, which takes it for an error unless this end has finished. */
  leave(reason: string): Promise<void> {
    this.#leaving ??= this.#leave(reason);
    return this.#leaving;
  }

  async #leave(reason: string): Promise<void> {
    await this.#driver.run(() => this.#driver.end.leave(reason), LEAVE_TIMEOUT);
    this.#close();
    await this.#erasing;
  }

  /** While this end was away, the stream may have expired, and with it what the handshake needs. */
  #connected(kind: StreamState["kind"]): void {
    if (kind === "live" && this.#wasDisconnected && this.#driver.end.state !== "joined")
      this.#driver.recover();
    this.#wasDisconnected = kind === "reconnecting" || (this.#wasDisconnected && kind === "connecting");
  }

  async #receive(events: AsyncIterable<StreamEvent>): Promise<void> {
    const { end } = this.#driver;
    for await (const event of events) {
      // With its stream, the key that a joiner needs would expire.
      const isExpiring = event.type === "expiring" || event.type === "ended";
      if (event.type === "gap" || (isExpiring && end.state !== "joined")) this.#driver.recover();
      if (event.type === "presence") this.#counted(event.observers);
      if (event.type !== "message") continue;
      const { text, time } = event.message;
      await this.#driver.perform(() => {
        this.#time = time;
        return end.receive(text);
      });
    }
  }

  #counted(observers: number): void {
    const type = this.#peer.counted(observers);
    if (type && this.#driver.end.state === "joined") this.#events.tell({ type });
  }

  #handle(event: PipeEndEvent): void {
    switch (event.type) {
      case "text":
      case "bytes":
      case "end": {
        const told = this.#receiver.receive(event, this.#time);
        if (told) this.#events.tell(told);
        return;
      }
      case "joined": {
        // Bytes cannot go on with another end.
        const hasBytes = this.#sender.hasBytes || this.#receiver.hasBytes;
        if (event.again && hasBytes) return this.#close(broken("The other end lost its keys"));
        this.#settleJoined();
        return this.#events.tell({ type: event.again ? "rekeyed" : "joined", words: event.words });
      }
      case "left": {
        const finished = this.#receiver.isFinished;
        this.#events.tell({ type: "ended", finished, reason: event.reason });
        // Nobody reads it any more. When this end leaves first, the other one may still have to.
        this.#erasing = this.#creator?.erase();
        return this.#close(finished ? undefined : broken(event.reason || "The other end left"));
      }
      case "refused":
        return this.#events.tell({ type: "refused" });
      case "warning":
        return this.#events.tell(event);
      case "failed":
        if (event.code !== "stolen") return this.#close(broken(event.text));
        this.#events.tell({ type: "stolen" });
        return this.#close(new MaltenError("link_used", event.text));
    }
  }

  #taken(): void {
    if (!this.#driver.closed) void this.#driver.run(() => this.#driver.end.consumed(1));
  }

  #changed(): void {
    const { state } = this;
    if (state.kind === this.#toldKind) return;
    this.#toldKind = state.kind;
    // What a callback throws is reported as uncaught.
    for (const callback of this.#states) queueMicrotask(() => callback(state));
  }

  #close(error?: MaltenError): void {
    if (!this.#driver.close(error)) return;
    const reason = error ?? closedError();
    // Nobody takes bytes for complete that are not.
    this.#receiver.close(reason, error);
    this.#sender.close(reason);
    this.#settleJoined(reason);
    this.#events.finish();
    this.#stream.close();
    this.#driver.wake();
    this.#changed();
  }
}
