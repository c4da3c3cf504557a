import { Arena } from "./arena.ts";
import { ByteBudget } from "./budget.ts";
import type {
  Broker,
  BrokerListener,
  CreatedStream,
  Gap,
  Payer,
  Position,
  Replay,
  StreamInfo,
  StreamRequest,
} from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { DeletedStreams } from "./deleted-streams.ts";
import { Directory } from "./directory.ts";
import { MessageLog } from "./log.ts";
import { Message } from "../../core/message.ts";
import type { IdGenerator } from "../../core/id-generator.ts";
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

/** Memory of a stream besides its messages, in bytes, measured with a million streams. */
const STREAM_OVERHEAD = 384;

/** `expiring` is sent this many seconds before a stream expires, or a quarter of its time-to-live if that is less. */
const NOTICE = 60;

/** Milliseconds per slot and number of slots. A deadline more than 17 minutes away is checked more than once. */
const WHEEL = { resolution: 250, size: 4096 };

/** Settings of the operator. */
export interface MemoryBrokerOptions {
  /** Default idle time-to-live in seconds. */
  readonly ttl: number;
  /** Memory for all streams together, in bytes. */
  readonly maxMemory: number;
}

/** Stores streams in the memory of this process. The default, and the reference for other brokers. */
export class MemoryBroker implements Broker {
  private readonly arena: Arena;
  private readonly directory = new Directory();
  private readonly pages = new PageCache();
  private readonly refs = new RecentRefs();
  private readonly budget: ByteBudget;
  private readonly wheel: TimingWheel<Stream>;
  /** Options of streams created by their first message. Shared, to save an object per stream. */
  private readonly unowned: StreamOptions;
  private readonly deleted: DeletedStreams;
  private listener: BrokerListener | undefined;

  private readonly options: MemoryBrokerOptions;
  private readonly ids: IdGenerator;
  private readonly clock: Clock;

  constructor(options: MemoryBrokerOptions, ids: IdGenerator, clock: Clock) {
    this.options = options;
    this.ids = ids;
    this.clock = clock;
    this.unowned = { private: false, ttl: options.ttl, owner: undefined };
    this.budget = new ByteBudget(options.maxMemory);
    this.arena = new Arena(options.maxMemory);
    this.deleted = new DeletedStreams(ids.now());
    this.wheel = new TimingWheel(WHEEL.resolution, WHEEL.size, clock.monotonic());
  }

  get server(): string {
    return this.ids.server;
  }

  listen(listener: BrokerListener): void {
    this.listener = listener;
  }

  /** News of all streams is reported, subscribed or not: the hub ignores streams without listeners. */
  subscribe(name: string): Position {
    return { cursor: this.ids.now(), ttl: this.find(name)?.options.ttl ?? this.options.ttl };
  }

  unsubscribe(): void {}

  create(request: StreamRequest): Promise<CreatedStream> {
    return Promise.try(() => {
      const name = request.name ?? (request.private ? randomSecret() : randomLetters(8));
      if (this.find(name) !== undefined)
        throw new Problem("stream_exists", `Stream "${name}" already exists`);
      const owner = randomSecret();
      const ttl = request.ttl ?? this.options.ttl;
      this.register(this.newStream(name, { private: request.private, ttl, owner }), request.payer);
      return { name, private: request.private, ttl, owner };
    });
  }

  publish(name: string, { escaped }: CheckedText, ref?: string, payer?: Payer): Message {
    if (ref === undefined) return this.append(name, escaped, payer);
    const now = this.clock.monotonic();
    const created = this.refs.find(name, ref, escaped, now);
    if (created !== undefined) return this.message(name, { created, escaped });
    const message = this.append(name, escaped, payer);
    this.refs.remember(name, ref, escaped, message.created, now);
    return message;
  }

  page(name: string, query: PageQuery): Page {
    const stream = this.find(name);
    if (stream === undefined) return this.emptyPage();
    if (query.kind === "newest") return this.pages.get(stream, query) ?? this.newestPage(stream, query);
    if (query.kind !== "one") return this.pageOf(stream, stream.page(query));
    const created = this.ids.createdOf(query.id);
    const entry = created === undefined ? undefined : stream.at(created);
    return entry === undefined ? this.emptyPage() : this.pageOf(stream, [entry]);
  }

  replay(name: string, cursor: Cursor, limit: number): Replay {
    const stream = this.find(name);
    const now = this.ids.now();
    if (stream === undefined) return { gap: this.gapOfAbsent(name, cursor, now), messages: [], cursor: now };
    const { gap, entries } = stream.replay(cursor, limit, now);
    const messages = entries.map((entry) => this.message(name, entry));
    const last = messages.length === limit ? messages.at(-1)?.created : undefined;
    return { gap, messages, cursor: last ?? now };
  }

  list(limit: number, prefix: string): Promise<StreamInfo[]> {
    const streams = this.directory.list(limit, prefix, this.clock.monotonic());
    return Promise.resolve(
      streams.map(({ name, created, updated, options }) => {
        return { name, id: this.ids.id(created), updated, ttl: options.ttl };
      }),
    );
  }

  end(name: string, owner: string): Promise<void> {
    return Promise.try(() => {
      const stream = this.find(name);
      const isOwner = stream?.options.owner !== undefined && sameSecret(owner, stream.options.owner);
      // A private stream looks absent to anyone without its token: its name is a secret.
      if (stream === undefined || (!isOwner && stream.options.private))
        throw new Problem("not_found", "No such stream");
      if (!isOwner) throw new Problem("token_wrong");
      this.delete(stream, "owner");
    });
  }

  onTimer(): void {
    const now = this.clock.monotonic();
    this.refs.forget(now);
    this.wheel.advance(now, (stream) => this.onDeadline(stream, now));
  }

  private append(name: string, escaped: string, payer: Payer | undefined): Message {
    const found = this.find(name);
    const stream = found ?? this.newStream(name, this.unowned);
    // Before anything is changed: nothing is evicted for a message that is then rejected.
    if (!this.budget.fits(MessageLog.cost(escaped)) || !stream.hasRoom(escaped))
      throw new Problem("memory_full");
    if (found === undefined) this.register(stream, payer);
    const created = this.ids.next();
    const before = stream.size;
    stream.append(created, escaped, this.clock.monotonic());
    this.budget.take(stream.size - before);
    this.directory.touch(stream);
    const message = this.message(name, { created, escaped });
    this.listener?.published(message);
    return message;
  }

  /** Returns the stream unless it has expired: a lookup deletes it on time, even if the timer is late. */
  private find(name: string): Stream | undefined {
    const stream = this.directory.get(name);
    if (stream === undefined || stream.deadline > this.clock.monotonic()) return stream;
    this.delete(stream, "idle");
    return undefined;
  }

  /** Creates a stream that is not registered yet. */
  private newStream(name: string, options: StreamOptions): Stream {
    const now = this.clock.monotonic();
    return new Stream(name, options, this.arena, this.ids.next(), now, this.deleted.deletedUpTo(name));
  }

  /** @throws Problem `memory_full`, what {@link Payer.admitStream} throws */
  private register(stream: Stream, payer: Payer | undefined): void {
    if (!this.budget.fits(STREAM_OVERHEAD)) throw new Problem("memory_full");
    payer?.admitStream();
    this.budget.take(STREAM_OVERHEAD);
    this.directory.add(stream);
    this.wheel.add(stream, stream.deadline - notice(stream));
  }

  /** Called by the wheel: the stream has expired, will expire soon, or its deadline was renewed. */
  private onDeadline(stream: Stream, now: number): void {
    const left = stream.deadline - now;
    if (left <= 0) {
      this.delete(stream, "idle");
    } else if (left <= notice(stream)) {
      this.listener?.expiring(stream.name, Math.ceil(left / 1000));
      this.wheel.add(stream, stream.deadline);
    } else {
      this.wheel.add(stream, stream.deadline - notice(stream));
    }
  }

  private delete(stream: Stream, reason: EndReason): void {
    if (!stream.isEmpty) this.deleted.add(stream.name, stream.updated);
    this.wheel.remove(stream);
    this.directory.delete(stream);
    this.pages.delete(stream);
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
    const messages = entries.map((entry) => this.message(stream.name, entry));
    return new Page(messages, this.ids.now());
  }

  private emptyPage(): Page {
    return new Page([], this.ids.now());
  }

  /** Returns what a reader of a stream that does not exist has missed. Cursor 0 means everything kept, so nothing is missing. */
  private gapOfAbsent(name: string, cursor: Cursor, now: Cursor): Gap | undefined {
    if (cursor > now) return { from: 0, to: now + 1 };
    const deletedUpTo = this.deleted.deletedUpTo(name);
    return cursor !== 0 && cursor < deletedUpTo ? { from: cursor, to: deletedUpTo + 1 } : undefined;
  }

  private message(stream: string, { created, escaped }: LogEntry): Message {
    return new Message(stream, this.ids.id(created), created, this.ids.server, escaped);
  }
}

/** How long before its expiry `expiring` is sent for a stream, in milliseconds. */
function notice(stream: Stream): number {
  return Math.min(NOTICE, stream.options.ttl / 4) * 1000;
}
