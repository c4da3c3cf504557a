import type { Gap } from "../../core/broker.ts";
import type { Content } from "../../core/content.ts";
import { copyString } from "../../core/copy-string.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { MAX_MESSAGES } from "../../protocol/limits.ts";
import type { PageQuery } from "../../protocol/query.ts";
import type { AccountId } from "./budget.ts";
import { MessageLog, SEGMENT_BYTES, type LogStore } from "./log.ts";
import type { Bucket, PrefixEntry } from "./prefix-index.ts";
import type { LogEntry } from "./segment.ts";
import { UNSCHEDULED, type WheelEntry } from "../../core/timing-wheel.ts";

/** Visibility, time-to-live and owner of a stream. */
export interface StreamOptions {
  readonly private: boolean;
  /** Idle time-to-live in seconds. */
  readonly ttl: number;
  /** The owner token. Undefined if the first message created the stream: then nobody can delete it. */
  readonly owner: string | undefined;
}

/**
 * Bytes that a full stream is charged beyond its messages: a new segment is begun before the oldest is empty, and the first
 * segments are small. So a message that only replaces an old one of its size is accepted even if memory is full.
 */
const RESERVE = 2 * SEGMENT_BYTES;

/** The entries that follow a cursor. */
export interface StreamReplay {
  readonly gap: Gap | undefined;
  /** Oldest first. */
  readonly entries: readonly LogEntry[];
}

/** A bounded FIFO of messages that expires when idle. It knows its deadline; the broker and its {@link TimingWheel} enforce it. */
export class Stream implements WheelEntry, PrefixEntry<Stream> {
  /** Its place in the timing wheel. */
  slot = UNSCHEDULED;
  position = 0;
  /** Its place in the index of public streams. */
  newer: Stream | undefined = undefined;
  older: Stream | undefined = undefined;
  bucket: Bucket<Stream> | undefined = undefined;

  /** When the newest message arrived, or the stream was created. */
  updated: Cursor;
  /** When it expires unless a message arrives, on the monotonic clock in milliseconds. */
  deadline: number;

  private readonly log: MessageLog;
  /** Messages up to here that are not in the log were evicted, or deleted with an earlier stream of this name. */
  private evictedUpTo: Cursor;

  readonly name: string;
  readonly options: StreamOptions;
  readonly created: Cursor;

  /** `now` is on the monotonic clock. `evictedUpTo`: where an earlier stream of this name ended, if there was one. */
  constructor(
    name: string,
    options: StreamOptions,
    store: LogStore,
    creator: AccountId,
    created: Cursor,
    now: number,
    evictedUpTo: Cursor,
  ) {
    this.log = new MessageLog(store, creator);
    this.name = copyString(name);
    this.options = options;
    this.created = created;
    this.updated = created;
    this.evictedUpTo = evictedUpTo;
    this.deadline = now + options.ttl * 1000;
  }

  /** The number of messages. */
  get length(): number {
    return this.log.length;
  }

  /** Whether the next message evicts the oldest. */
  get isFull(): boolean {
    return this.length === MAX_MESSAGES;
  }

  /** Returns how many bytes a message with a content of this many bytes adds to what is charged for the stream. */
  growth(content: number): number {
    const grown = this.log.growth(content);
    if (this.isFull) return Math.max(0, grown - this.log.shrinkage - this.log.reserve);
    return this.log.length === MAX_MESSAGES - 1 ? grown + RESERVE : grown;
  }

  /** The account that pays for the room that is left for messages. */
  get roomPayer(): AccountId {
    return this.log.payer ?? this.creator;
  }

  /** The account that pays for the stream itself. */
  get creator(): AccountId {
    return this.log.creator;
  }

  /** Appends a message, charges its payer, and renews the deadline. Evicts the oldest beyond {@link MAX_MESSAGES}. */
  append(created: Cursor, content: Content, now: number, payer: AccountId): void {
    if (this.isFull) {
      const { budget } = this.log.store;
      const shrinkage = this.log.shrinkage;
      // An account is closed with its last byte, which may be in what is evicted.
      budget.charge(payer, 1);
      this.evictedUpTo = this.log.evict();
      const growth = this.log.append(created, content, payer);
      budget.credit(payer, 1);
      this.log.reserve = Math.min(Math.max(this.log.reserve + shrinkage - growth, 0), RESERVE);
    } else {
      this.log.append(created, content, payer);
      if (this.isFull) this.log.reserve = RESERVE;
    }
    this.updated = created;
    this.deadline = now + this.options.ttl * 1000;
  }

  /** Frees the messages. The stream must not be used afterwards. */
  release(): void {
    this.log.reserve = 0;
    this.log.clear();
  }

  page(query: Exclude<PageQuery, { kind: "one" }>): LogEntry[] {
    const { length } = this.log;
    switch (query.kind) {
      case "newest": {
        const entries = this.log.slice(Math.max(length - query.limit, 0), length);
        return query.order === "newest first" ? entries.toReversed() : entries;
      }
      case "after": {
        const from = this.log.firstAfter(query.cursor);
        return this.log.slice(from, Math.min(from + query.limit, length));
      }
      case "before": {
        // Cursors are whole microseconds.
        const to = this.log.firstAfter(query.cursor - 1);
        return this.log.slice(Math.max(to - query.limit, 0), to).toReversed();
      }
    }
  }

  /** Returns the message with exactly this `created`, if it is kept. */
  at(created: Cursor): LogEntry | undefined {
    const [entry] = this.page({ kind: "after", cursor: created - 1, limit: 1 });
    return entry?.created === created ? entry : undefined;
  }

  /**
   * Returns the first `limit` messages after `cursor`, and what is missing before them. Cursor 0 means everything kept, so
   * nothing is missing. A cursor later than `now` is from another server: everything before the first message may be missing.
   */
  replay(cursor: Cursor, limit: number, now: Cursor): StreamReplay {
    const foreign = cursor > now;
    const entries = this.page({ kind: "after", cursor: foreign ? 0 : cursor, limit });
    if (cursor === 0 || (cursor >= this.evictedUpTo && !foreign)) return { gap: undefined, entries };
    return { gap: { from: foreign ? 0 : cursor, to: entries[0]?.created ?? this.evictedUpTo + 1 }, entries };
  }
}
