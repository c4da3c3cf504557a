import { EARLIEST, type Cursor } from "../protocol/cursor.ts";
import { MAX_MESSAGES } from "../protocol/limits.ts";
import type { Broker, Maybe, Position, Replay } from "./broker.ts";
import type { Message } from "./message.ts";
import type { FeedListener, StreamFeed } from "./stream-feed.ts";
import { Tail } from "./tail.ts";

/** Messages kept while nobody reads history, for readers who are only a little behind. */
const IDLE_TAIL = 128;

/**
 * The feed of a broker behind a network, whose news may lag, repeat, run ahead of history or stop. A local {@link Tail} holds the
 * newest messages. Readers within it are served at once; what is older is read from the broker, and merged into the tail
 * before anything later is delivered. So history never runs ahead of the news, and a busy stream cannot keep a reader from
 * catching up.
 */
export class RemoteFeed implements StreamFeed {
  private tail: Tail | undefined = undefined;
  /** Time-to-live in seconds. */
  private ttl = 0;
  /** The newest message that exists as far as is known; later than the tail while messages are missing. */
  private seen: Cursor = 0;
  private repairing: Promise<void> | undefined = undefined;
  /** Reads of history under way: readers who join at the same place share one. */
  private readonly reads = new Map<Cursor, Promise<Replay>>();
  private readSinceTimer = false;
  private closed = false;

  private readonly opened: Promise<Tail>;
  private readonly broker: Broker;
  private readonly stream: string;
  private readonly listener: FeedListener;

  constructor(broker: Broker, stream: string, listener: FeedListener, position: Promise<Position>) {
    this.broker = broker;
    this.stream = stream;
    this.listener = listener;
    this.opened = position.then((found) => this.open(found));
    // Whoever asks for the position learns of the failure.
    this.opened.catch(() => {});
  }

  position(): Maybe<Position> {
    const positionOf = (tail: Tail): Position => ({ cursor: tail.newest, ttl: this.ttl });
    return this.tail === undefined ? this.opened.then(positionOf) : positionOf(this.tail);
  }

  published(message: Message, previous?: Cursor): void {
    const { tail } = this;
    if (message.created <= this.seen) return;
    this.seen = message.created;
    // The repair that is under way reads it from history.
    if (tail === undefined || this.repairing !== undefined) return;
    if (previous !== undefined && previous > tail.newest) this.repair();
    else this.append(tail, message);
  }

  resumed(position: Cursor): void {
    this.seen = Math.max(this.seen, position);
    this.repair();
  }

  read(cursor: Cursor, limit: number): Maybe<Replay> {
    this.readSinceTimer = true;
    if (this.tail?.covers(cursor) === true) return this.tail.read(cursor, limit);
    return this.readHistory(cursor, limit);
  }

  onTimer(): void {
    if (!this.readSinceTimer) this.tail?.trim(IDLE_TAIL);
    this.readSinceTimer = false;
    this.repair();
  }

  close(): void {
    this.closed = true;
    this.broker.unsubscribe(this.stream);
  }

  private open({ cursor, ttl }: Position): Tail {
    const tail = new Tail(cursor);
    this.tail = tail;
    this.ttl = ttl;
    this.seen = Math.max(this.seen, cursor);
    // News that arrived before the position did.
    this.repair();
    return tail;
  }

  private append(tail: Tail, message: Message): void {
    tail.append(message, this.readSinceTimer ? MAX_MESSAGES : IDLE_TAIL);
    this.listener.deliver(message);
  }

  private async readHistory(cursor: Cursor, limit: number): Promise<Replay> {
    const tail = await this.opened;
    if (tail.covers(cursor)) return tail.read(cursor, limit);
    const replay = await this.fetch(cursor);
    const start = startOf(replay, cursor);
    if (start > tail.newest) {
      // Another process acknowledged a message, or read a page, of which this one has no news yet.
      this.resumed(start);
      await this.repairing;
      if (start > tail.newest) throw new Error("history cannot be read now");
    }
    this.merge(tail, start, replay);
    const messages = replay.messages.slice(0, limit);
    const last = replay.messages.length > limit ? messages.at(-1)?.created : undefined;
    return { gap: replay.gap, messages, cursor: last ?? replay.cursor };
  }

  /** Reads from the broker all that a stream can hold: one round trip is then enough, however busy the stream is. */
  private fetch(cursor: Cursor): Promise<Replay> {
    let read = this.reads.get(cursor);
    if (read === undefined) {
      read = Promise.resolve(this.broker.replay(this.stream, cursor, MAX_MESSAGES)).finally(() =>
        this.reads.delete(cursor),
      );
      this.reads.set(cursor, read);
    }
    return read;
  }

  /** Takes over what is later than the news, and what is older than the tail if it reaches up to it. */
  private merge(tail: Tail, start: Cursor, { messages, cursor: end }: Replay): void {
    if (this.closed) return;
    for (const message of messages) if (message.created > tail.newest) this.append(tail, message);
    tail.advance(end);
    this.seen = Math.max(this.seen, tail.newest);
    if (start < tail.start && end >= tail.start) tail.extend(start, messages);
  }

  /** Reads the messages that the news left out. Whatever fails is tried again by the timer. */
  private repair(): void {
    if (this.tail === undefined || this.seen <= this.tail.newest || this.repairing !== undefined) return;
    const { tail } = this;
    this.repairing = this.readMissing(tail)
      .catch(() => {})
      .finally(() => {
        this.repairing = undefined;
      });
  }

  private async readMissing(tail: Tail): Promise<void> {
    while (!this.closed && tail.newest < this.seen) {
      const { newest } = tail;
      const replay = await this.broker.replay(this.stream, newest, MAX_MESSAGES);
      const { gap } = replay;
      if (gap !== undefined && gap.to - 1 > tail.newest) {
        this.listener.missed({ from: tail.newest, to: gap.to });
        tail.reset(gap.to - 1);
      }
      this.merge(tail, tail.newest, replay);
      // History does not have it yet either.
      if (tail.newest === newest) return;
    }
  }
}

/** The cursor from which on a replay after `cursor` is complete. */
function startOf({ gap, messages, cursor: end }: Replay, cursor: Cursor): Cursor {
  if (gap !== undefined) return gap.to - 1;
  // No gap is reported to readers who ask for all that is kept, whatever was evicted before.
  return cursor === EARLIEST ? (messages[0]?.created ?? end + 1) - 1 : cursor;
}
