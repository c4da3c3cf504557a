import { BYTES_PER_FRAME, type PipeEnd, type PipeEndEvent, type PipeStep } from "../../crypto/pipe/index.ts";
import type { ClientStream } from "../client-stream.ts";
import type { StreamState } from "../connection-manager.ts";
import type { StreamEvent } from "../stream-event.ts";
import { MaltenError } from "../index.ts";
import { Announcer } from "./announcer.ts";
import { checkedText, errorOf, isText } from "./checks.ts";
import { Inbox } from "./inbox.ts";
import { Sequence } from "./sequence.ts";
import type { PipeEvent, PipeMessage, PipeState } from "./types.ts";

/** How often the pipe may renew its keys, in milliseconds. */
const TICK = 10_000;

/** How long leaving waits for the server, in milliseconds. */
const LEAVE_TIMEOUT = 10_000;

/** The frames of a step, each settled when the server has it. */
interface Acks {
  readonly acks: readonly Promise<void>[];
}

/** The part of the controller of a `WritableStream` that is used here: the runtimes' types differ in the signal. */
interface Writer {
  error(reason: unknown): void;
  readonly signal?: AbortSignal;
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
  readonly #link: string | undefined;
  readonly #stream: ClientStream;
  readonly #end: PipeEnd;
  readonly #bytes: Inbox<Uint8Array>;
  readonly #texts: Inbox<PipeMessage>;
  readonly #events = new Announcer<PipeEvent>();
  readonly #states = new Set<(state: PipeState) => void>();
  /** Steps of {@link #end}, whose results are handled in order. */
  readonly #steps = new Sequence();
  /** What is to be sent, each after what was asked for before. */
  readonly #sending = new Sequence();
  readonly #timer: ReturnType<typeof setInterval>;
  #writer: Writer | undefined;
  #settleJoined: (error?: MaltenError) => void = () => {};
  /** Called when there may be room to send, or an end of everything. */
  #waiting: (() => void)[] = [];
  #closed: { readonly kind: "closed"; readonly error: MaltenError | undefined } | undefined;
  #toldKind: PipeState["kind"];
  /** Whether this end has said that nothing follows, and whether the other end has. */
  #isFinished = false;
  #hasOtherFinished = false;
  /** Whether bytes were sent or received: they cannot go on with another end. */
  #hasBytes = false;
  /** Undefined until it was seen to be. */
  #isOtherConnected: boolean | undefined;
  #isRecovering = false;
  #wasDisconnected = false;
  #leaving: Promise<void> | undefined;
  /** Frames that the server has not acknowledged, by their text: to publish them again as well would add nothing. */
  readonly #unacknowledged = new Map<string, Promise<void>>();
  /** When the message that is handled arrived. */
  #time = new Date();

  /** @internal */
  constructor(stream: ClientStream, end: PipeEnd, link?: string) {
    this.#stream = stream;
    this.#end = end;
    this.#link = link;
    this.joined = new Promise((resolve, reject) => {
      this.#settleJoined = (error) => (error ? reject(error) : resolve());
    });
    // Not everyone waits for it.
    this.joined.catch(() => {});
    const taken = () => this.#taken();
    const leave = (reason: unknown) => this.leave(typeof reason === "string" ? reason : "");
    this.#bytes = new Inbox(taken, (reason) => void leave(reason));
    this.#texts = new Inbox(taken, (reason) => void leave(reason));
    this.readable = this.#bytes.stream;
    this.writable = new WritableStream({
      start: (writer) => {
        this.#writer = writer;
        // At once: `abort` is called when the write that waits for the other end is over.
        const { signal }: Writer = writer;
        signal?.addEventListener("abort", () => void leave(signal.reason));
      },
      write: (chunk) => this.#sending.run(() => this.#write(chunk)),
      close: () => this.#sending.run(() => this.#finish()),
      abort: leave,
    });
    this.#toldKind = this.state.kind;
    this.#timer = setInterval(() => void this.#run(() => end.tick()), TICK);
    stream.onState(({ kind }) => {
      this.#connected(kind);
      this.#changed();
    });
    const received = stream.events({ since: "earliest" });
    void this.#run(() => end.start());
    this.#receive(received).then(
      // Someone else closed the stream or the client.
      () => this.#close(),
      (error: unknown) => this.#close(MaltenError.of(error)),
    );
  }

  /** The link for the other end, for one use; undefined where the pipe was joined. */
  get link(): string | undefined {
    return this.#link;
  }

  /** Six words, the same at both ends if nobody is between them; empty before the other end is there. */
  get words(): readonly string[] {
    return this.#end.words;
  }

  get state(): PipeState {
    if (this.#closed) return this.#closed;
    const { state } = this.#stream;
    if (state.kind === "reconnecting" || state.kind === "throttled") return state;
    const kind = this.#end.state;
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
    const checked = checkedText(text);
    const { acks } = await this.#sending.run(async () => {
      if (this.#isFinished) throw new MaltenError("closed", "This end has said that nothing follows");
      return this.#send(() => this.#end.sendText(checked));
    });
    await Promise.all(acks);
  }

  /** Iterates over the texts from the other end, until it has finished. What is not read holds up the other end. */
  messages(): AsyncIterableIterator<PipeMessage, undefined> {
    return this.#texts.iterate();
  }

  /** Iterates over what happens to the pipe from now on. */
  events(): AsyncIterableIterator<PipeEvent, undefined> {
    return this.#events.listen();
  }

  /** For the end that created the pipe: gives up the other end, which lost its keys, and admits the next one who joins. */
  async admit(): Promise<void> {
    await this.#run(() => this.#end.admit());
  }

  /** Closes this end at once. The other end is not told. */
  close(): void {
    this.#close();
  }

  /**
   * Ends the pipe for both. Does not wait for what is still to be sent: close {@link writable} before, or the other end takes it for
   * an error. Resolves when the server has the news, or after ten seconds.
   */
  async end(): Promise<void> {
    if (this.#closed) return;
    // What is cut off must not look complete.
    const isWhole = !this.#isFinished && this.#sending.isIdle && this.#end.capacity > 0;
    if (isWhole) await this.#run(() => this.#end.sendEnd());
    await this.leave("");
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#hasBytes = true;
    let sent = 0;
    while (sent < chunk.length)
      await this.#send(() => {
        const piece = chunk.subarray(sent, sent + this.#end.capacity * BYTES_PER_FRAME);
        sent += piece.length;
        return this.#end.sendBytes(piece);
      });
  }

  /** Says that nothing follows, and waits until the other end has taken everything. */
  async #finish(): Promise<void> {
    await this.#send(() => {
      this.#isFinished = true;
      return this.#end.sendEnd();
    });
    for (;;) {
      // Another one that is admitted does not have it.
      if (this.#closed || this.#end.state !== "joined")
        throw this.#closed?.error ?? broken("The other end left before it took everything");
      if (this.#end.isDelivered) return;
      await this.#change();
    }
  }

  /** Leaves the pipe. `reason` is told to the other end, which takes it for an error unless this end has finished. */
  leave(reason: string): Promise<void> {
    this.#leaving ??= this.#leave(reason);
    return this.#leaving;
  }

  async #leave(reason: string): Promise<void> {
    await this.#run(() => this.#end.leave(reason), LEAVE_TIMEOUT);
    this.#close();
  }

  /** Runs a step that sends, once there is room for a frame. */
  async #send(step: () => Promise<PipeStep>): Promise<Acks> {
    for (;;) {
      while (!this.#closed && this.#end.capacity === 0) await this.#change();
      const acks = await this.#perform(async () => (this.#end.capacity > 0 ? step() : undefined));
      if (acks) return acks;
    }
  }

  /** Runs a step, and closes the pipe if it fails. Resolves when the server has its frames. */
  async #run(step: () => Promise<PipeStep>, timeout?: number): Promise<void> {
    try {
      const result = await this.#perform(step, timeout);
      await Promise.all(result?.acks ?? []);
    } catch (error) {
      this.#close(MaltenError.of(error));
    }
  }

  /** Runs a step after those before it, and does what it asks for. @throws MaltenError if the pipe is closed */
  #perform(step: () => Promise<PipeStep | undefined>, timeout = Infinity): Promise<Acks | undefined> {
    return this.#steps.run(async () => {
      if (this.#closed) throw this.#closed.error ?? closedError();
      const result = await step().catch((error: unknown) => {
        throw errorOf(error);
      });
      const acks = result?.frames.map((text) => this.#publish(text, timeout));
      for (const event of result?.events ?? []) this.#handle(event);
      this.#changed();
      return acks && { acks };
    });
  }

  /** Resolves when the server has the frame, or when it will be sent again. */
  #publish(text: string, timeout: number): Promise<void> {
    const known = this.#unacknowledged.get(text);
    if (known) return known;
    const sent = this.#stream.send(text, { timeout }).then(
      () => void this.#unacknowledged.delete(text),
      (thrown: unknown) => {
        this.#unacknowledged.delete(text);
        const error = MaltenError.of(thrown);
        // It may be lost. The other end recognises what it has already.
        if (error.code === "uncertain" || (error.transient && error.code !== "timeout"))
          return this.#recover();
        this.#close(error);
        throw error;
      },
    );
    // Most frames are not waited for, and the pipe is closed in any case.
    sent.catch(() => {});
    this.#unacknowledged.set(text, sent);
    return sent;
  }

  #recover(): void {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    void this.#run(() => {
      this.#isRecovering = false;
      return this.#end.recover();
    });
  }

  /** While this end was away, the stream may have expired, and with it what the handshake needs. */
  #connected(kind: StreamState["kind"]): void {
    if (kind === "live" && this.#wasDisconnected && this.#end.state !== "joined") this.#recover();
    this.#wasDisconnected = kind === "reconnecting" || (this.#wasDisconnected && kind === "connecting");
  }

  async #receive(events: AsyncIterable<StreamEvent>): Promise<void> {
    for await (const event of events) {
      // With its stream, the key that a joiner needs would expire.
      const isExpiring = event.type === "expiring" || event.type === "ended";
      if (event.type === "gap" || (isExpiring && this.#end.state !== "joined")) this.#recover();
      if (event.type === "presence") this.#counted(event.observers);
      if (event.type !== "message") continue;
      const { text, time } = event.message;
      await this.#perform(() => {
        this.#time = time;
        return this.#end.receive(text);
      });
    }
  }

  /** Tells when the other end is disconnected. It is not known to be there if it uses long polls, which do not count. */
  #counted(observers: number): void {
    const connected = observers > 1;
    if (this.#isOtherConnected === !connected && this.#end.state === "joined")
      this.#events.tell({ type: connected ? "back" : "away" });
    if (connected || this.#isOtherConnected !== undefined) this.#isOtherConnected = connected;
  }

  #handle(event: PipeEndEvent): void {
    switch (event.type) {
      case "joined":
        if (event.again && this.#hasBytes) return this.#close(broken("The other end lost its keys"));
        this.#settleJoined();
        return this.#events.tell({ type: event.again ? "rekeyed" : "joined", words: event.words });
      case "text":
        if (isText(event.text)) return this.#texts.push({ text: event.text, time: this.#time });
        this.#taken();
        return this.#events.tell({
          type: "warning",
          code: "altered",
          text: "A text with control characters",
        });
      case "bytes":
        this.#hasBytes = true;
        return this.#bytes.push(event.bytes);
      case "end":
        this.#hasOtherFinished = true;
        this.#bytes.finish();
        this.#texts.finish();
        this.#taken();
        return this.#events.tell({ type: "finished" });
      case "left": {
        const finished = this.#hasOtherFinished;
        this.#events.tell({ type: "ended", finished, reason: event.reason });
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
    if (!this.#closed) void this.#run(() => this.#end.consumed(1));
  }

  /** Resolves after the next step, or when the pipe is closed. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
    const { state } = this;
    if (state.kind === this.#toldKind) return;
    this.#toldKind = state.kind;
    // What a callback throws is reported as uncaught.
    for (const callback of this.#states) queueMicrotask(() => callback(state));
  }

  async #eraseKeys(): Promise<void> {
    // What it would publish is not.
    await this.#end.leave().catch(() => {});
  }

  #close(error?: MaltenError): void {
    if (this.#closed) return;
    this.#closed = { kind: "closed", error };
    clearInterval(this.#timer);
    void this.#eraseKeys();
    // Nobody takes bytes for complete that are not.
    this.#bytes.finish(error ?? closedError());
    this.#texts.finish(error);
    this.#writer?.error(error ?? closedError());
    this.#settleJoined(error ?? closedError());
    this.#events.finish();
    this.#stream.close();
    this.#changed();
  }
}

function closedError(): MaltenError {
  return new MaltenError("closed", "The pipe is closed");
}

function broken(text: string): MaltenError {
  return new MaltenError("pipe_broken", text);
}
