import { EARLIEST, type Cursor } from "../protocol/cursor.ts";
import { MAX_MESSAGES } from "../protocol/limits.ts";
import { Backlog } from "./backlog.ts";
import type { Broker, Maybe, Position, Replay } from "./broker.ts";
import type { Message } from "./message.ts";
import type { FeedListener, StreamFeed } from "./stream-feed.ts";
import { Tail, type TailBudget, type TailLimits } from "./tail.ts";

/** What a tail holds while no reader replays history, for readers that are only slightly behind. */
const IDLE_TAIL: TailLimits = { messages: 128, bytes: 128 * 1024 };

/** What a tail holds while one does: as much as a stream keeps, usually. */
const READ_TAIL: TailLimits = { messages: MAX_MESSAGES, bytes: 8 * 1024 * 1024 };

/** What a feed needs from a broker besides its news. */
export type FeedBroker = Pick<Broker, "subscribe" | "replay" | "unsubscribe">;

/**
 * The feed of a broker behind a network, whose news may lag, repeat, run ahead of history or stop. A local {@link Tail} holds the
 * newest messages. Readers within it are served immediately; older messages are read from the broker and merged into the tail
 * before anything later is delivered. So history never runs ahead of the news, and a busy stream cannot keep a reader from
 * catching up.
 */
export class RemoteFeed implements StreamFeed {
  private tail: Tail | undefined = undefined;
  /** The newest message that exists as far as is known; later than the tail while messages are missing. */
  private seen: Cursor = 0;
  /** News later than the missing messages. */
  private readonly backlog = new Backlog();
  private repairing: Promise<void> | undefined = undefined;
  /** Pending reads of history: readers at the same cursor share one. */
  private readonly reads = new Map<Cursor, Promise<Replay>>();
  private readSinceTimer = false;
  /** Counts deletions of the stream: a read that began before one must not fill the tail. */
  private deletions = 0;
  private closed = false;
  /** Whether nobody has asked for the position yet, which the feed began with. */
  private isNew = true;
  /** The pending request for the position: readers who join meanwhile share it. */
  private asked: Promise<Position> | undefined = undefined;

  private readonly opened: Promise<Tail>;
  private readonly broker: FeedBroker;
  private readonly stream: string;
  private readonly listener: FeedListener;
  private readonly budget: TailBudget;

  /** `budget`: of the tails of all feeds. */
  constructor(
    broker: FeedBroker,
    stream: string,
    listener: FeedListener,
    position: Promise<Position>,
    budget: TailBudget,
  ) {
    this.broker = broker;
    this.stream = stream;
    this.listener = listener;
    this.budget = budget;
    this.opened = position.then((found) => this.open(found));
    // Callers of `position` handle the failure.
    this.opened.catch(() => {});
    this.ask(position).catch(() => {});
  }

  /**
   * Asks the broker again for each reader: how long the stream lives and what it keeps changes in ways that no news reports. The one
   * who asks begins where the stream was then: it may have published since, on the same connection. Those who join while an answer
   * is pending begin at the newest message, which may be later than the position asked for.
   */
  async position(): Promise<Position> {
    const joins = this.asked !== undefined && !this.isNew;
    this.isNew = false;
    const asked = this.asked ?? this.ask(Promise.try(() => this.broker.subscribe(this.stream)));
    const [tail, position] = await Promise.all([this.opened, asked]);
    const cursor = joins ? tail.newest : Math.max(tail.start, Math.min(position.cursor, tail.newest));
    return { ...position, cursor };
  }

  published(message: Message, previous: Cursor = this.seen): void {
    const { tail } = this;
    if (message.created <= this.seen) return;
    this.seen = message.created;
    if (tail !== undefined && previous <= tail.newest) return this.append(tail, message);
    this.backlog.add(message, previous);
    this.repair();
  }

  resumed(position: Cursor): void {
    // The stream may have been deleted in the meantime.
    this.ended();
    this.catchUp(position);
  }

  ended(): void {
    this.deletions++;
    this.reads.clear();
    this.tail?.clear();
  }

  read(cursor: Cursor, limit: number): Maybe<Replay> {
    this.readSinceTimer = true;
    if (this.tail?.covers(cursor) === true) return this.tail.read(cursor, limit);
    return this.readHistory(cursor, limit);
  }

  onTimer(): void {
    if (!this.readSinceTimer || this.budget.isFull) this.tail?.trim(IDLE_TAIL);
    this.readSinceTimer = false;
    this.repair();
  }

  close(): void {
    this.closed = true;
    this.tail?.clear();
    this.broker.unsubscribe(this.stream);
  }

  private ask(position: Promise<Position>): Promise<Position> {
    this.asked = position.finally(() => {
      this.asked = undefined;
    });
    return this.asked;
  }

  private open({ cursor }: Position): Tail {
    const tail = new Tail(cursor, this.budget);
    this.tail = tail;
    this.seen = Math.max(this.seen, cursor);
    // News that arrived before the position did.
    this.appendBacklog(tail);
    this.repair();
    return tail;
  }

  private append(tail: Tail, message: Message): void {
    tail.append(message, this.readSinceTimer && !this.budget.isFull ? READ_TAIL : IDLE_TAIL);
    this.listener.deliver(message);
  }

  private appendBacklog(tail: Tail): void {
    for (const message of this.backlog.take(tail.newest)) this.append(tail, message);
  }

  private async readHistory(cursor: Cursor, limit: number): Promise<Replay> {
    const tail = await this.opened;
    if (tail.covers(cursor)) return tail.read(cursor, limit);
    const { deletions } = this;
    // With little memory, as much as is asked for: that takes more round trips.
    const replay = this.budget.isFull ? await this.fetch(cursor, limit + 1) : await this.fetchOnce(cursor);
    const start = startOf(replay, cursor);
    if (start > tail.newest) {
      // Another process acknowledged or read a message whose news has not arrived here yet.
      this.catchUp(start);
      await this.repairing;
      if (start > tail.newest) throw new Error("history is temporarily unavailable");
    }
    this.merge(tail, start, replay, deletions);
    const messages = replay.messages.slice(0, limit);
    const last = replay.messages.length > limit ? messages.at(-1)?.created : undefined;
    return { gap: replay.gap, messages, cursor: last ?? replay.cursor };
  }

  /**
   * Fetches history, or joins a request for the same: as much as a stream can hold, so that one round trip is enough, however busy
   * the stream is.
   */
  private fetchOnce(cursor: Cursor): Promise<Replay> {
    let read = this.reads.get(cursor);
    if (read === undefined) {
      read = this.fetch(cursor, MAX_MESSAGES).finally(() => this.reads.delete(cursor));
      this.reads.set(cursor, read);
    }
    return read;
  }

  private fetch(cursor: Cursor, limit: number): Promise<Replay> {
    return Promise.try(() => this.broker.replay(this.stream, cursor, limit));
  }

  /**
   * Merges a replay into the tail: messages later than the news, and older ones if they reach the tail. `deletions`: the number
   * of deletions when the read began.
   */
  private merge(tail: Tail, start: Cursor, { messages, cursor: end }: Replay, deletions: number): void {
    if (this.closed) return;
    for (const message of messages) if (message.created > tail.newest) this.append(tail, message);
    tail.advance(end);
    this.appendBacklog(tail);
    this.seen = Math.max(this.seen, tail.newest);
    if (start < tail.start && end >= tail.start && !this.budget.isFull) tail.extend(start, messages);
    if (deletions !== this.deletions) tail.clear();
  }

  private catchUp(position: Cursor): void {
    this.seen = Math.max(this.seen, position);
    this.repair();
  }

  /** Starts reading the messages missing from the news. */
  private repair(): void {
    const { tail } = this;
    if (tail === undefined || this.closed || this.repairing !== undefined || this.seen <= tail.newest) return;
    this.repairing = this.readMissing(tail);
  }

  private async readMissing(tail: Tail): Promise<void> {
    try {
      while (!this.closed && tail.newest < this.seen) {
        const { deletions } = this;
        const { newest } = tail;
        const replay = await this.fetch(newest, MAX_MESSAGES);
        const { gap } = replay;
        if (gap !== undefined && gap.to - 1 > tail.newest) {
          this.listener.missed({ from: tail.newest, to: gap.to });
          tail.reset(gap.to - 1);
        }
        this.merge(tail, tail.newest, replay, deletions);
        // History does not have it yet either.
        if (tail.newest === newest) return;
      }
    } catch {
      // The timer tries again.
    } finally {
      // Before anything else: news that arrives from here on can start another repair.
      this.repairing = undefined;
    }
  }
}

/** The cursor from which a replay after `cursor` is complete. */
function startOf({ gap, messages, cursor: end }: Replay, cursor: Cursor): Cursor {
  if (gap !== undefined) return gap.to - 1;
  // No gap is reported to readers who ask for all that is kept, whatever was evicted before.
  return cursor === EARLIEST ? (messages[0]?.created ?? end + 1) - 1 : cursor;
}
