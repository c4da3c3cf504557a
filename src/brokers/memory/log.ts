import type { Cursor } from "../../protocol/cursor.ts";
import type { Arena, Block } from "./arena.ts";
import { Segment, type LogEntry } from "./segment.ts";

/** A full segment in bytes: large enough to make what is around its texts cheap, small enough to evict in small steps. */
const SEGMENT_BYTES = 4096;

const encoder = new TextEncoder();

/**
 * The texts of one stream, oldest first: a FIFO of segments in an arena.
 * Bytes, not strings: a JS string and the objects that hold it would take twice the memory and all of the collector's time.
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

  /** What the log takes, in bytes; the unit of the memory budget. */
  get size(): number {
    return this.bytes;
  }

  /** The most that appending this text can add to `size`. */
  static cost(escaped: string): number {
    return Segment.sizeFor(escaped.length * 3, SEGMENT_BYTES);
  }

  /** Whether there is memory for this text. */
  hasRoom(escaped: string): boolean {
    // Asked for each message: mostly there is no need to know how long it is.
    if (this.arena.isAmple) return true;
    const tail = this.tail === undefined ? undefined : new Segment(this.arena, this.tail);
    return this.arena.hasRoom(blockSize(tail, escaped));
  }

  /** Appends; `created` must be later than all before. */
  append(created: Cursor, escaped: string): void {
    const tail = this.tail === undefined ? undefined : new Segment(this.arena, this.tail);
    if (tail?.append(created, escaped) !== true) this.grow(tail, escaped).append(created, escaped);
    this.count++;
  }

  /** Removes the oldest message and answers when it was created. */
  evict(): Cursor {
    const { head } = this;
    if (head === undefined) throw new RangeError("the log is empty");
    const segment = new Segment(this.arena, head);
    const created = segment.evict();
    this.count--;
    if (segment.length === 0) this.drop(head, segment);
    return created;
  }

  /** Gives back all that it takes. */
  clear(): void {
    while (this.head !== undefined) this.drop(this.head, new Segment(this.arena, this.head));
    this.count = 0;
  }

  /** The position of the first message later than `cursor`; `length` if there is none. */
  firstAfter(cursor: Cursor): number {
    let position = 0;
    for (const segment of this.segments()) {
      if (segment.newest > cursor) return position + segment.firstAfter(cursor);
      position += segment.length;
    }
    return position;
  }

  /** The messages from position `from` up to, not including, `to`, oldest first. */
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

/** Of the segment after `tail`: small for a stream that says little, growing to {@link SEGMENT_BYTES} for one that says much. */
function blockSize(tail: Segment | undefined, escaped: string): number {
  const least = tail === undefined ? 0 : Math.min(tail.size * 2, SEGMENT_BYTES);
  return Segment.sizeFor(encoder.encode(escaped).length, least);
}
