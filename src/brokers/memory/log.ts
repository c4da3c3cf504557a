import type { Cursor } from "../../protocol/cursor.ts";
import type { Arena, Block } from "./arena.ts";
import { Segment, type LogEntry } from "./segment.ts";

/** Usual maximum size of a segment, in bytes: large enough to make headers cheap, small enough to free evicted messages soon. */
const SEGMENT_BYTES = 4096;

const encoder = new TextEncoder();

/**
 * The messages of one stream, oldest first: a FIFO of segments in an arena. Bytes, not strings: strings and the objects around them
 * would take twice the memory, and the garbage collector would have to visit them all.
 */
export class MessageLog {
  private head: Block | undefined = undefined;
  private tail: Block | undefined = undefined;
  private count = 0;
  private bytes = 0;

  private readonly arena: Arena;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  get length(): number {
    return this.count;
  }

  /** The memory used by the log, in bytes. */
  get size(): number {
    return this.bytes;
  }

  /** Returns the maximum that appending this text can add to `size`. */
  static cost(escaped: string): number {
    return Segment.sizeFor(escaped.length * 3, SEGMENT_BYTES);
  }

  /** Whether the arena has memory for this text. */
  hasRoom(escaped: string): boolean {
    // Fast path, checked for each message: usually the size of the text does not matter.
    if (this.arena.hasFreeChunk) return true;
    const tail = this.tail === undefined ? undefined : new Segment(this.arena, this.tail);
    return this.arena.hasRoom(blockSize(tail, escaped));
  }

  /** Appends a message. `created` must be later than that of all messages before. */
  append(created: Cursor, escaped: string): void {
    const tail = this.tail === undefined ? undefined : new Segment(this.arena, this.tail);
    if (tail?.append(created, escaped) !== true) this.grow(tail, escaped).append(created, escaped);
    this.count++;
  }

  /** Removes the oldest message and returns when it was created. */
  evict(): Cursor {
    const { head } = this;
    if (head === undefined) throw new RangeError("the log is empty");
    const segment = new Segment(this.arena, head);
    const created = segment.evict();
    this.count--;
    if (segment.length === 0) this.drop(head, segment);
    return created;
  }

  /** Removes all messages and frees their memory. */
  clear(): void {
    while (this.head !== undefined) this.drop(this.head, new Segment(this.arena, this.head));
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
      const segment = new Segment(this.arena, block);
      yield segment;
      block = segment.next;
    }
  }

  private grow(tail: Segment | undefined, escaped: string): Segment {
    const size = blockSize(tail, escaped);
    const block = this.arena.allocate(size);
    if (tail === undefined) this.head = block;
    else tail.next = block;
    this.tail = block;
    this.bytes += size;
    return new Segment(this.arena, block);
  }

  private drop(head: Block, segment: Segment): void {
    this.head = segment.next;
    if (this.head === undefined) this.tail = undefined;
    this.bytes -= segment.size;
    this.arena.free(head);
  }
}

/** Returns the block size of the segment after `tail`. It doubles up to {@link SEGMENT_BYTES}: a stream with few messages stays small. */
function blockSize(tail: Segment | undefined, escaped: string): number {
  const least = tail === undefined ? 0 : Math.min(tail.size * 2, SEGMENT_BYTES);
  return Segment.sizeFor(encoder.encode(escaped).length, least);
}
