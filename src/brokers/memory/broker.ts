import { Arena } from "./arena.ts";
import { ACCOUNT_BYTES, ByteBudget, UNLIMITED, type AccountId } from "./budget.ts";
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
import { contentOf, type Content } from "../../core/content.ts";
import { copyString } from "../../core/copy-string.ts";
import { DeletedStreams } from "./deleted-streams.ts";
import { Directory } from "./directory.ts";
import { SEGMENT_BYTES, type LogStore } from "./log.ts";
import { Message, messageOf } from "../../core/message.ts";
import type { IdGenerator } from "../../core/id-generator.ts";
import { Page } from "../../core/page.ts";
import { PageCache, type NewestQuery } from "./page-cache.ts";
import { PrivateNames } from "./private-names.ts";
import { randomLetters, randomSecret, sameSecret } from "../../core/random.ts";
import { RecentRefs } from "./recent-refs.ts";
import { Segment, type LogEntry } from "./segment.ts";
import { Stream, type StreamOptions } from "./stream.ts";
import { TimingWheel } from "../../core/timing-wheel.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { EndReason } from "../../protocol/message.ts";
import { isSealed, isUnlisted } from "../../protocol/name.ts";
import { Problem } from "../../protocol/problem.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { CheckedMessage } from "../../protocol/checked-message.ts";

/** Memory of a stream besides its messages and its name, in bytes, measured with a million streams. */
const STREAM_BYTES = 480;

/** Memory of the options of a stream that was created with some, in bytes. */
const OPTIONS_BYTES = 192;

/** More than one message can add to the charged memory, in bytes. */
const AMPLE = 6 * SEGMENT_BYTES;

/** Memory of a message that was read, besides three copies of its content, in bytes. */
const READ_BYTES = 1024;

/** Streams that expire or are checked in one step. */
const MAX_DUE = 1000;

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
  /** Called with the approximate memory that a page or a replay takes until it is collected, in bytes. */
  readonly onRead?: (bytes: number) => void;
}

/** The memory of all streams, in bytes. */
export interface MemoryUse {
  /** Charged memory in bytes: never more than {@link MemoryBrokerOptions.maxMemory}. */
  readonly used: number;
  /** Memory taken from the runtime for messages. */
  readonly resident: number;
  /** The number of payers that hold anything. */
  readonly payers: number;
  /** Returns the bytes charged to one payer. */
  readonly heldBy: (key: string) => number;
}

/** Stores streams in the memory of this process. The default, and the reference for other brokers. */
export class MemoryBroker implements Broker {
  private readonly store: LogStore;
  private readonly directory = new Directory();
  private readonly pages = new PageCache();
  private readonly refs = new RecentRefs();
  private readonly wheel: TimingWheel<Stream>;
  /** Options of streams created by their first message. Shared, to save an object per stream. */
  private readonly unowned: StreamOptions;
  /** The same for names that are not listed. */
  private readonly unlisted: StreamOptions;
  private readonly deleted: DeletedStreams;
  private readonly privateNames = new PrivateNames();
  private listener: BrokerListener | undefined;

  private readonly options: MemoryBrokerOptions;
  private readonly ids: IdGenerator;
  private readonly clock: Clock;

  constructor(options: MemoryBrokerOptions, ids: IdGenerator, clock: Clock) {
    this.options = options;
    this.ids = ids;
    this.clock = clock;
    this.unowned = { private: false, ttl: options.ttl, owner: undefined };
    this.unlisted = { ...this.unowned, private: true };
    this.store = { budget: new ByteBudget(options.maxMemory), arena: new Arena(options.maxMemory) };
    this.deleted = new DeletedStreams(ids.now());
    this.wheel = new TimingWheel(WHEEL.resolution, WHEEL.size, clock.monotonic());
  }

  get server(): string {
    return this.ids.server;
  }

  /** The number of streams. */
  get size(): number {
    return this.directory.size;
  }

  /** How much memory streams take. */
  get memory(): MemoryUse {
    const { arena, budget } = this.store;
    return {
      used: budget.used,
      resident: arena.resident,
      payers: budget.size,
      heldBy: (key) => budget.held(budget.find(key)),
    };
  }

  listen(listener: BrokerListener): void {
    this.listener = listener;
  }

  /** News of all streams is reported, subscribed or not: the hub ignores streams without listeners. */
  subscribe(name: string): Position {
    const now = this.clock.monotonic();
    const stream = this.find(name, now);
    return {
      cursor: this.ids.now(),
      ttl: stream?.options.ttl ?? this.options.ttl,
      left: stream && stream.deadline - now,
      count: stream?.length ?? 0,
    };
  }

  unsubscribe(): void {}

  create(request: StreamRequest): Promise<CreatedStream> {
    return Promise.try(() => {
      const name = request.name ?? this.unusedName(request.private);
      if (this.find(name) !== undefined)
        throw new Problem("stream_exists", `Stream "${name}" already exists`);
      const isPrivate = request.private || isUnlisted(name);
      // Random letters are joined one by one, which the runtime would keep as 27 strings.
      const owner = isSealed(name) ? undefined : copyString(randomSecret());
      const ttl = request.ttl ?? this.options.ttl;
      this.register(name, { private: isPrivate, ttl, owner }, request.payer);
      this.listener?.created(name, ttl);
      return { name, private: isPrivate, ttl, owner };
    });
  }

  publish(name: string, checked: CheckedMessage, ref?: string, payer?: Payer): Message {
    const content = contentOf(checked);
    if (ref === undefined) return this.append(name, content, payer);
    const now = this.clock.monotonic();
    const created = this.refs.find(name, ref, content, now);
    if (created !== undefined) return this.newMessage(name, created, content);
    const message = this.append(name, content, payer);
    this.refs.remember(name, ref, content, message.created, now);
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
    const messages = this.messages(name, entries);
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

  end(name: string, owner?: string): Promise<void> {
    return Promise.try(() => {
      const stream = this.find(name);
      const isOwner = owner === undefined ? isSealed(name) : stream !== undefined && isOwnedBy(stream, owner);
      // A private stream looks absent to anyone without its token: its name is a secret.
      if (stream === undefined || (!isOwner && stream.options.private))
        throw new Problem("not_found", "No such stream");
      if (!isOwner) throw new Problem("token_wrong");
      this.delete(stream, "owner");
    });
  }

  onTimer(): boolean {
    const now = this.clock.monotonic();
    const expires = this.wheel.advance(now, (stream) => this.onDeadline(stream, now), MAX_DUE);
    return expires || this.store.arena.compact();
  }

  private append(name: string, content: Content, payer: Payer | undefined): Message {
    const { budget } = this.store;
    const now = this.clock.monotonic();
    const found = this.find(name, now);
    const known = payer === undefined ? UNLIMITED : budget.accountOf(payer);
    // Before anything is changed: nothing is evicted for a message that is then rejected.
    if (!budget.fits(AMPLE) || !budget.mayHold(known, AMPLE, AMPLE)) this.admit(name, found, content, known);
    const stream = found ?? this.register(name, this.optionsOf(name, now), payer);
    const created = this.ids.next();
    const account = known ?? this.accountFor(stream, payer);
    stream.append(created, content, now, account);
    this.directory.touch(stream);
    const message = this.newMessage(name, created, content);
    this.listener?.published(message);
    return message;
  }

  /**
   * Checks whether there is memory for a message, by its exact size.
   * @throws Problem `memory_full`, `quota_exceeded`
   */
  private admit(
    name: string,
    stream: Stream | undefined,
    content: Content,
    account: AccountId | undefined,
  ): void {
    const bytes = Buffer.byteLength(content);
    if (stream === undefined) {
      this.check(account, this.streamBytes(name, this.unowned) + Segment.sizeFor(bytes, 0));
      return;
    }
    const growth = stream.growth(bytes);
    // It only replaces an old one, or uses room that is charged to its payer already.
    if (growth === 0 && (stream.isFull || account === stream.roomPayer)) return;
    this.check(account, growth, Segment.costOf(bytes));
  }

  /**
   * @param growth bytes added to the charged memory
   * @param cost least bytes charged to the account
   * @throws Problem `memory_full`, `quota_exceeded`
   */
  private check(account: AccountId | undefined, growth: number, cost = growth): void {
    const { budget } = this.store;
    const opened = account === undefined ? ACCOUNT_BYTES : 0;
    if (!budget.fits(growth + opened)) throw new Problem("memory_full");
    if (!budget.mayHold(account, Math.max(growth, cost) + opened, growth + opened))
      throw new Problem("quota_exceeded");
  }

  /** Returns the account that a message is charged to, opened if needed; without memory for that, the one that paid for its room. */
  private accountFor(stream: Stream, payer: Payer | undefined): AccountId {
    if (payer === undefined) return UNLIMITED;
    const { budget } = this.store;
    const found = budget.accountOf(payer);
    if (found !== undefined) return found;
    return budget.fits(ACCOUNT_BYTES) ? budget.open(payer.key) : stream.roomPayer;
  }

  /** Returns the options of a stream that its first message creates. */
  private optionsOf(name: string, now: number): StreamOptions {
    return isUnlisted(name) || this.privateNames.has(name, now) ? this.unlisted : this.unowned;
  }

  /** Memory of a stream besides its messages, in bytes. */
  private streamBytes(name: string, options: StreamOptions): number {
    const isShared = options === this.unowned || options === this.unlisted;
    return STREAM_BYTES + name.length + (isShared ? 0 : OPTIONS_BYTES);
  }

  private unusedName(unguessable: boolean): string {
    for (;;) {
      // The dot keeps it unlisted also when it has expired and a message creates it again.
      const name = unguessable ? `.${randomSecret()}` : randomLetters(8);
      if (this.find(name) === undefined) return name;
    }
  }

  /** Returns the stream unless it has expired: a lookup deletes it on time, even if the timer is late. */
  private find(name: string, now = this.clock.monotonic()): Stream | undefined {
    const stream = this.directory.get(name);
    if (stream === undefined || stream.deadline > now) return stream;
    this.delete(stream, "idle");
    return undefined;
  }

  /** Creates a stream. @throws Problem `memory_full`, `quota_exceeded`, what {@link Payer.admitStream} throws */
  private register(name: string, options: StreamOptions, payer: Payer | undefined): Stream {
    const { budget } = this.store;
    const bytes = this.streamBytes(name, options);
    this.check(payer === undefined ? UNLIMITED : budget.accountOf(payer), bytes);
    payer?.admitStream();
    const account = payer === undefined ? UNLIMITED : budget.open(payer.key);
    budget.charge(account, bytes);
    const now = this.clock.monotonic();
    const deletedUpTo = this.deleted.deletedUpTo(name);
    const stream = new Stream(name, options, this.store, account, this.ids.next(), now, deletedUpTo);
    this.directory.add(stream);
    this.wheel.add(stream, stream.deadline - notice(stream));
    return stream;
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
    const { name, options } = stream;
    if (stream.length > 0) this.deleted.add(name, stream.updated);
    if (options.private && !isUnlisted(name)) this.privateNames.add(name, this.clock.monotonic());
    this.wheel.remove(stream);
    this.directory.delete(stream);
    this.pages.delete(stream);
    stream.release();
    this.store.budget.credit(stream.creator, this.streamBytes(name, options));
    this.listener?.ended(name, reason);
  }

  private newestPage(stream: Stream, query: NewestQuery): Page {
    const page = this.pageOf(stream, stream.page(query));
    this.pages.set(stream, query, page);
    return page;
  }

  private pageOf(stream: Stream, entries: LogEntry[]): Page {
    return new Page(this.messages(stream.name, entries), this.ids.now());
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

  private messages(stream: string, entries: readonly LogEntry[]): Message[] {
    const { onRead } = this.options;
    if (onRead !== undefined)
      onRead(entries.reduce((bytes, { content }) => bytes + READ_BYTES + 3 * content.length, 0));
    return entries.map((entry) => this.message(stream, entry));
  }

  private message(stream: string, { created, content, isNamed }: LogEntry): Message {
    if (isNamed) return this.newMessage(stream, created, content);
    return new Message(stream, this.ids.id(created), created, this.ids.server, content);
  }

  private newMessage(stream: string, created: Cursor, content: Content): Message {
    return messageOf(stream, this.ids.id(created), created, this.ids.server, content);
  }
}

/** How long before its expiry `expiring` is sent for a stream, in milliseconds. */
function notice(stream: Stream): number {
  return Math.min(NOTICE, stream.options.ttl / 4) * 1000;
}

function isOwnedBy({ options }: Stream, token: string): boolean {
  return options.owner !== undefined && sameSecret(token, options.owner);
}
