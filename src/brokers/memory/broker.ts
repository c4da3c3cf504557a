import { Arena } from "./arena.ts";
import { ByteBudget } from "./budget.ts";
import type {
  Broker,
  BrokerListener,
  Catchup,
  CreatedStream,
  StreamInfo,
  StreamRequest,
} from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { Directory } from "./directory.ts";
import { MessageLog } from "./log.ts";
import { Message } from "../../core/message.ts";
import type { Numbering } from "../../core/id-generator.ts";
import { Page } from "../../core/page.ts";
import { PageCache, type NewestQuery } from "./page-cache.ts";
import { randomLetters, randomSecret, sameSecret } from "../../core/random.ts";
import { RecentRefs } from "./recent-refs.ts";
import type { LogEntry } from "./segment.ts";
import { Stream, type StreamOptions } from "./stream.ts";
import { TimingWheel } from "../../core/timing-wheel.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { EndReason } from "../../protocol/message.ts";
import { Problem } from "../../protocol/problem.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { CheckedText } from "../../protocol/text.ts";

/** What a stream costs beside its messages, in bytes: measured, with a million of them. */
const STREAM_OVERHEAD = 384;

/** Readers are told this long before a stream dies, in seconds, or a quarter of its lifetime where that is less. */
const NOTICE = 60;

/** A slot of the wheel in milliseconds, and how many: beyond 17 minutes a stream is looked at more than once. */
const WHEEL = { resolution: 250, size: 4096 };

/** What the operator decides. */
export interface MemoryBrokerOptions {
  /** Idle lifetime of streams whose creator does not ask for one, in seconds. */
  readonly ttl: number;
  /** What all streams together may take, in bytes. */
  readonly maxMemory: number;
}

/** Streams in the memory of this process. The default, and the reference that other brokers are compared with. */
export class MemoryBroker implements Broker {
  private readonly arena: Arena;
  private readonly directory = new Directory();
  private readonly pages = new PageCache();
  private readonly refs = new RecentRefs();
  private readonly budget: ByteBudget;
  private readonly wheel: TimingWheel<Stream>;
  /** What a stream is that is born of its first message: one object for all of them. */
  private readonly unowned: StreamOptions;
  private listener: BrokerListener | undefined;
  /** When a stream died last, or this broker began: who has all up to here has missed nothing of a stream that is not there. */
  private died: Cursor;

  private readonly options: MemoryBrokerOptions;
  private readonly numbering: Numbering;
  private readonly clock: Clock;

  constructor(options: MemoryBrokerOptions, numbering: Numbering, clock: Clock) {
    this.options = options;
    this.numbering = numbering;
    this.clock = clock;
    this.unowned = { private: false, ttl: options.ttl, owner: undefined };
    this.budget = new ByteBudget(options.maxMemory);
    this.arena = new Arena(options.maxMemory);
    this.died = numbering.now();
    this.wheel = new TimingWheel(WHEEL.resolution, WHEEL.size, clock.monotonic());
  }

  get origin(): string {
    return this.numbering.origin;
  }

  listen(listener: BrokerListener): void {
    this.listener = listener;
  }

  create(request: StreamRequest): CreatedStream {
    const name = request.name ?? (request.private ? randomSecret() : randomLetters(8));
    if (this.find(name) !== undefined)
      throw new Problem("stream_exists", `There is a stream ${name} already`);
    const owner = randomSecret();
    const ttl = request.ttl ?? this.options.ttl;
    this.bear(this.conceive(name, { private: request.private, ttl, owner }));
    return { name, private: request.private, ttl, owner };
  }

  publish(name: string, { escaped }: CheckedText, ref?: string): Message {
    if (ref === undefined) return this.append(name, escaped);
    const now = this.clock.monotonic();
    const created = this.refs.find(name, ref, escaped, now);
    if (created !== undefined) return this.message(name, { created, escaped });
    const message = this.append(name, escaped);
    this.refs.remember(name, ref, escaped, message.created, now);
    return message;
  }

  page(name: string, query: PageQuery): Page {
    const stream = this.find(name);
    if (stream === undefined) return Page.EMPTY;
    if (query.kind === "newest") return this.pages.get(stream, query) ?? this.newestPage(stream, query);
    if (query.kind !== "one") return this.pageOf(stream, stream.page(query));
    const created = this.numbering.createdOf(query.id);
    const entry = created === undefined ? undefined : stream.at(created);
    return entry === undefined ? Page.EMPTY : this.pageOf(stream, [entry]);
  }

  catchUp(name: string, cursor: Cursor, limit: number): Catchup {
    const stream = this.find(name);
    const now = this.numbering.now();
    if (stream === undefined) {
      const foreign = cursor > now;
      // The cursor is of an earlier life of the stream, or not from here: what came after it is not known.
      const unknown = cursor !== 0 && (foreign || cursor < this.died);
      return { gap: unknown ? { from: foreign ? 0 : cursor, to: now + 1 } : undefined, messages: [] };
    }
    const { gap, entries } = stream.replay(cursor, limit, now);
    return { gap, messages: entries.map((entry) => this.message(name, entry)) };
  }

  list(limit: number, prefix: string): StreamInfo[] {
    return this.directory
      .list(limit, prefix, this.clock.monotonic())
      .map(({ name, born, updated, options }) => {
        return { name, id: this.numbering.id(born), updated, ttl: options.ttl };
      });
  }

  end(name: string, owner: string): void {
    const stream = this.find(name);
    const right = stream?.options.owner !== undefined && sameSecret(owner, stream.options.owner);
    // Absent and forbidden look alike for a private stream: its name is a secret.
    if (stream === undefined || (!right && stream.options.private))
      throw new Problem("not_found", "There is no such stream");
    if (!right) throw new Problem("token_wrong");
    this.die(stream, "owner");
  }

  advance(): void {
    const now = this.clock.monotonic();
    this.refs.forget(now);
    this.wheel.advance(now, (stream) => this.examine(stream, now));
  }

  private append(name: string, escaped: string): Message {
    const found = this.find(name);
    const stream = found ?? this.conceive(name, this.unowned);
    // Before anything is changed: nothing is evicted for a message that is then refused.
    if (!this.budget.fits(MessageLog.cost(escaped)) || !stream.hasRoom(escaped))
      throw new Problem("memory_full");
    if (found === undefined) this.bear(stream);
    const created = this.numbering.next();
    const before = stream.size;
    stream.append(created, escaped, this.clock.monotonic());
    this.budget.take(stream.size - before);
    this.directory.touch(stream);
    const message = this.message(name, { created, escaped });
    this.listener?.published(message);
    return message;
  }

  /** The stream, if it is alive: to whoever asks it dies on time, however late the wheel comes by. */
  private find(name: string): Stream | undefined {
    const stream = this.directory.get(name);
    if (stream === undefined || stream.deadline > this.clock.monotonic()) return stream;
    this.die(stream, "idle");
    return undefined;
  }

  /** A stream that nobody knows of yet. */
  private conceive(name: string, options: StreamOptions): Stream {
    const now = this.clock.monotonic();
    return new Stream(name, options, this.arena, this.numbering.next(), now, this.died);
  }

  /** @throws Problem `memory_full` */
  private bear(stream: Stream): void {
    if (!this.budget.fits(STREAM_OVERHEAD)) throw new Problem("memory_full");
    this.budget.take(STREAM_OVERHEAD);
    this.directory.add(stream);
    this.wheel.add(stream, stream.deadline - notice(stream));
  }

  /** The wheel has come by: the stream is dead, about to die, or has lived on. */
  private examine(stream: Stream, now: number): void {
    const left = stream.deadline - now;
    if (left <= 0) {
      this.die(stream, "idle");
    } else if (left <= notice(stream)) {
      this.listener?.expiring(stream.name, Math.ceil(left / 1000));
      this.wheel.add(stream, stream.deadline);
    } else {
      this.wheel.add(stream, stream.deadline - notice(stream));
    }
  }

  private die(stream: Stream, reason: EndReason): void {
    this.died = this.numbering.now();
    this.wheel.remove(stream);
    this.directory.delete(stream);
    this.budget.give(STREAM_OVERHEAD + stream.size);
    stream.release();
    this.listener?.ended(stream.name, reason);
  }

  private newestPage(stream: Stream, query: NewestQuery): Page {
    const page = this.pageOf(stream, stream.page(query));
    this.pages.set(stream, query, page);
    return page;
  }

  private pageOf(stream: Stream, entries: LogEntry[]): Page {
    return new Page(entries.map((entry) => this.message(stream.name, entry)));
  }

  private message(stream: string, { created, escaped }: LogEntry): Message {
    return new Message(stream, this.numbering.id(created), created, escaped);
  }
}

/** How long before its death a stream's readers are told, in milliseconds. */
function notice(stream: Stream): number {
  return Math.min(NOTICE, stream.options.ttl / 4) * 1000;
}
