import type {
  Broker,
  BrokerListener,
  CreatedStream,
  Payer,
  Position,
  Replay,
  StreamInfo,
  StreamRequest,
} from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { contentOf } from "../../core/content.ts";
import { copyString } from "../../core/copy-string.ts";
import { messageOf, type Message } from "../../core/message.ts";
import { Page } from "../../core/page.ts";
import type { CheckedMessage } from "../../protocol/checked-message.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { Problem } from "../../protocol/problem.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { FrameSender } from "./batches.ts";
import type { Entry, MainAnswer, MainFrame, MainNews } from "./main-frames.ts";
import { WorkerAudience } from "./worker-audience.ts";
import { encodeWorkerFrame, type WorkerRequest } from "./worker-frames.ts";

/** How long the main process may leave everything unanswered until this process counts as not ready, in milliseconds. */
const SILENCE = 5000;

/** A request that waits for its answer. */
interface Pending {
  resolve(answer: MainAnswer): void;
  reject(error: Error): void;
}

type Unnumbered<R> = R extends WorkerRequest ? Omit<R, "id"> : never;

/**
 * The broker of the main process, seen from a worker. Requests and answers, and the news of subscribed streams, are frames on one
 * link, in order: so an answer comes after all news before it.
 */
export class WorkerBroker implements Broker {
  readonly server: string;
  readonly audience: WorkerAudience;
  private readonly pending = new Map<number, Pending>();
  private lastRequest = 0;
  /** Those who wait for the answers to all requests up to one. */
  private readonly waiters: { readonly until: number; readonly resolve: () => void }[] = [];
  private listener: BrokerListener | undefined = undefined;
  /** The names of subscribed streams. Those in frames are cut from a batch, and would keep it. */
  private readonly streams = new Map<string, string>();
  /** When the last answer came, or when one began to be missing. */
  private answeredAt = 0;
  private readonly sender: FrameSender;
  private readonly clock: Pick<Clock, "monotonic">;

  /** @param server see {@link Broker.server} */
  constructor(server: string, sender: FrameSender, clock: Pick<Clock, "monotonic">) {
    this.clock = clock;
    this.server = server;
    this.sender = sender;
    this.audience = new WorkerAudience(sender, async (stream) => {
      return (await this.ask({ kind: "presence", stream }, "people")).presence;
    });
  }

  /** Whether the main process answers, as far as something was asked. */
  isReady(): boolean {
    return this.pending.size === 0 || this.clock.monotonic() - this.answeredAt < SILENCE;
  }

  listen(listener: BrokerListener): void {
    this.listener = listener;
  }

  async subscribe(stream: string): Promise<Position> {
    if (!this.streams.has(stream)) {
      const kept = copyString(stream);
      this.streams.set(kept, kept);
    }
    return (await this.ask({ kind: "subscribe", stream }, "position")).position;
  }

  unsubscribe(stream: string): void {
    this.streams.delete(stream);
    this.audience.forget(stream);
    this.sender.send(encodeWorkerFrame({ kind: "unsubscribe", stream }));
  }

  async create({ name, private: isPrivate, ttl, payer }: StreamRequest): Promise<CreatedStream> {
    const request = { kind: "create", name, private: isPrivate, ttl, payer: payer?.key } as const;
    return (await this.ask(request, "stream")).stream;
  }

  /** Not by {@link ask}: it would take half as long again. */
  publish(stream: string, checked: CheckedMessage, ref?: string, payer?: Payer): Promise<Message> {
    return new Promise((resolve, reject) => {
      if (this.sender.isFull) throw tooBusy();
      const content = contentOf(checked);
      const id = this.nextId();
      this.pending.set(id, {
        resolve: (answer) => {
          if (answer.kind === "published") resolve(this.message(stream, answer.created, content));
          else reject(unexpected(answer));
        },
        reject,
      });
      this.sender.send(encodeWorkerFrame({ kind: "publish", id, stream, ref, payer: payer?.key, content }));
    });
  }

  async page(stream: string, query: PageQuery): Promise<Page> {
    const { cursor, entries } = await this.ask({ kind: "page", stream, query }, "messages");
    return new Page(this.messages(stream, entries), cursor);
  }

  async replay(stream: string, cursor: Cursor, limit: number): Promise<Replay> {
    const answer = await this.ask({ kind: "replay", stream, cursor, limit }, "messages");
    const kept = answer.entries.map(({ created, content }) => ({ created, content: copyString(content) }));
    return { gap: answer.gap, messages: this.messages(stream, kept), cursor: answer.cursor };
  }

  async list(limit: number, prefix: string): Promise<StreamInfo[]> {
    return [...(await this.ask({ kind: "list", limit, prefix }, "listed")).streams];
  }

  async end(stream: string, owner?: string): Promise<void> {
    await this.ask({ kind: "end", stream, owner }, "done");
  }

  /** The main process runs periodic work. */
  onTimer(): boolean {
    return false;
  }

  /** Resolves when the requests until now are answered, or after a time in milliseconds. */
  async answered(limit: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limit);
    this.waiters.push({ until: this.lastRequest, resolve });
    this.wake();
    await promise;
    clearTimeout(timer);
  }

  /** Handles an answer or news. */
  onFrame(frame: Exclude<MainFrame, { kind: "control" }>): void {
    if ("id" in frame) this.settle(frame);
    else this.report(frame);
  }

  private settle(answer: MainAnswer): void {
    this.answeredAt = this.clock.monotonic();
    const waiting = this.pending.get(answer.id);
    this.pending.delete(answer.id);
    if (this.waiters.length > 0) setImmediate(() => this.wake());
    if (answer.kind !== "problem") return waiting?.resolve(answer);
    const { code, detail, retryAfter } = answer.problem;
    waiting?.reject(new Problem(code, detail, retryAfter));
  }

  /** Tells those who wait for answers that all have come. */
  private wake(): void {
    // A map has the oldest first.
    const [oldest = Infinity] = this.pending.keys();
    const done = this.waiters.filter(({ until }) => until < oldest);
    for (const waiter of done) {
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      waiter.resolve();
    }
  }

  private report(news: MainNews): void {
    const { listener } = this;
    const stream = this.streams.get(news.stream);
    if (stream === undefined || listener === undefined) return;
    switch (news.kind) {
      case "message": {
        const { created, content, previous } = news;
        // Kept for a while: the batch that it is cut from must not be.
        return listener.published(this.message(stream, created, copyString(content)), previous);
      }
      case "resumed":
        return listener.resumed(stream, news.position);
      case "created":
        return listener.created(stream, news.ttl);
      case "expiring":
        return listener.expiring(stream, news.seconds);
      case "ended":
        return listener.ended(stream, news.reason);
      case "event":
        return this.audience.onEvent(stream, news.json);
    }
  }

  /** Sends a request. @throws Problem `too_busy`, and as the broker does */
  private ask<K extends MainAnswer["kind"]>(
    request: Unnumbered<WorkerRequest>,
    kind: K,
  ): Promise<Extract<MainAnswer, { kind: K }>> {
    if (this.sender.isFull) return Promise.reject(tooBusy());
    const id = this.nextId();
    const { promise, resolve, reject } = Promise.withResolvers<Extract<MainAnswer, { kind: K }>>();
    this.pending.set(id, {
      resolve(answer) {
        if (isOf(answer, kind)) resolve(answer);
        else reject(unexpected(answer));
      },
      reject,
    });
    this.sender.send(encodeWorkerFrame({ ...request, id }));
    return promise;
  }

  private nextId(): number {
    if (this.pending.size === 0) this.answeredAt = this.clock.monotonic();
    return ++this.lastRequest;
  }

  private messages(stream: string, entries: readonly Entry[]): Message[] {
    return entries.map(({ created, content }) => this.message(stream, created, content));
  }

  private message(stream: string, created: Cursor, content: string): Message {
    return messageOf(stream, `${created}-${this.server}`, created, this.server, content);
  }
}

function tooBusy(): Problem {
  return new Problem("too_busy", "Too many requests wait on this server");
}

function unexpected({ kind }: MainAnswer): Error {
  return new Error(`unexpected answer of the main process: ${kind}`);
}

function isOf<K extends MainAnswer["kind"]>(
  answer: MainAnswer,
  kind: K,
): answer is Extract<MainAnswer, { kind: K }> {
  return answer.kind === kind;
}
