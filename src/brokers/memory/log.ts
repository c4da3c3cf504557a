import type { Content } from "../../core/content.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { Arena, Block, BlockOwner } from "./arena.ts";
import type { AccountId, ByteBudget } from "./budget.ts";
import { Segment, type LogEntry } from "./segment.ts";

/** Size to which segments grow, in bytes. Holds the longest text that is not an envelope; what is longer gets a larger segment. */
export const SEGMENT_BYTES = 4224;

/** The memory of the messages of all streams, and the accounts it is charged to. */
export interface LogStore {
  readonly arena: Arena;
  readonly budget: ByteBudget;
}

/**
 * The messages of one stream, oldest first: a FIFO of segments in an arena. Bytes, not strings: strings and the objects around them
 * would take twice the memory, and the garbage collector would have to visit them all.
 */
export class MessageLog implements BlockOwner {
  private head: Block | undefined = undefined;
  private tail: Block | undefined = undefined;
  private count = 0;
  /** Here, like `creator`, because the runtime gives an object room for 6, 12 or 18 fields: a stream has 12. */
  private reserved = 0;

  readonly store: LogStore;
  /** The account of the client that created the stream. */
  readonly creator: AccountId;

  constructor(store: LogStore, creator: AccountId) {
    this.store = store;
    this.creator = creator;
  }

  get length(): number {
    return this.count;
  }

  /** The memory used by the messages, in bytes. */
  get size(): number {
    let size = 0;
    for (const segment of this.segments()) size += segment.size;
    return size;
  }

  /** Bytes that are charged to the creator of the stream beyond its messages. */
  get reserve(): number {
    return this.reserved;
  }

  set reserve(bytes: number) {
    const { budget } = this.store;
    if (bytes > this.reserved) budget.charge(this.creator, bytes - this.reserved);
    else if (bytes < this.reserved) budget.credit(this.creator, this.reserved - bytes);
    this.reserved = bytes;
  }

  /** Returns the size of the block that a content of this many bytes needs; 0 if there is room for it. */
  growth(content: number): number {
    const tail = this.tailSegment();
    if (tail !== undefined && tail.room >= Segment.costOf(content)) return 0;
    return blockSize(tail, content);
  }

  /** Returns what the next eviction frees: the oldest segment if it has only one message left. */
  get shrinkage(): number {
    if (this.head === undefined) return 0;
    const head = this.segment(this.head);
    return head.length === 1 ? head.size : 0;
  }

  /** The account that pays for the room that is left for messages; undefined if there are no messages. */
  get payer(): AccountId | undefined {
    return this.tailSegment()?.payer;
  }

  /** Appends a message and charges it to an account. `created` must be later than that of all messages before. Returns the growth of the log in bytes. */
  append(created: Cursor, content: Content, payer: AccountId): number {
    this.count++;
    const tail = this.tailSegment();
    const cost = tail?.append(created, content, payer);
    if (tail === undefined || cost === undefined) {
      const segment = this.grow(Buffer.byteLength(content), payer);
      segment.append(created, content, payer);
      return segment.size;
    }
    if (payer !== tail.payer) {
      const { budget } = this.store;
      budget.charge(payer, cost);
      budget.credit(tail.payer, cost);
    }
    return 0;
  }

  /** Removes the oldest message and returns when it was created. */
  evict(): Cursor {
    const { head } = this;
    if (head === undefined) throw new RangeError("the log is empty");
    const segment = this.segment(head);
    const created = segment.evict();
    this.count--;
    if (segment.length === 0) this.drop(head, segment);
    return created;
  }

  /** Removes all messages and frees their memory. */
  clear(): void {
    while (this.head !== undefined) this.drop(this.head, this.segment(this.head));
    this.count = 0;
  }

  /** Returns the position of the first message later than `cursor`, or `length` if there is none. */
  firstAfter(cursor: Cursor): number {
    let position = 0;
    for (const segment of this.segments()) {
      if (segment.newest > cursor) return position + segment.firstAfter(cursor);
      position += segment.length;
    }
    return position;
  }

  /** Returns the messages from position `from` up to, not including, `to`, oldest first. */
  slice(from: number, to: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let start = 0;
    for (const segment of this.segments()) {
      if (start >= to) break;
      const end = start + segment.length;
      if (end > from) segment.read(Math.max(from - start, 0), Math.min(to, end) - start, entries);
      start = end;
    }
    return entries;
  }

  private *segments(): Generator<Segment, void> {
    for (let block = this.head; block !== undefined;) {
      const segment = this.segment(block);
      yield segment;
      block = segment.next;
    }
  }

  moved(from: Block, to: Block): void {
    if (this.tail === from) this.tail = to;
    if (this.head === from) {
      this.head = to;
      return;
    }
    for (const segment of this.segments()) {
      if (segment.next !== from) continue;
      segment.next = to;
      return;
    }
  }

  private segment(block: Block): Segment {
    return new Segment(this.store.arena, block);
  }

  private tailSegment(): Segment | undefined {
    return this.tail === undefined ? undefined : this.segment(this.tail);
  }

  private grow(content: number, payer: AccountId): Segment {
    const size = blockSize(this.tailSegment(), content);
    // May move the tail.
    const block = this.store.arena.allocate(size, this);
    const tail = this.tailSegment();
    if (tail === undefined) this.head = block;
    else tail.next = block;
    this.tail = block;
    this.store.budget.charge(payer, size);
    const segment = this.segment(block);
    segment.payer = payer;
    return segment;
  }

  private drop(head: Block, segment: Segment): void {
    this.head = segment.next;
    if (this.head === undefined) this.tail = undefined;
    segment.credit(this.store.budget);
    this.store.arena.free(head);
  }
}

/** Returns the block size of the segment after `tail`. It doubles up to {@link SEGMENT_BYTES}: a stream with few messages stays small. */
function blockSize(tail: Segment | undefined, content: number): number {
  const least = tail === undefined ? 0 : Math.min(tail.size * 2, SEGMENT_BYTES);
  return Segment.sizeFor(content, least);
}
