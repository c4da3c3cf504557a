import type { Cursor } from "../protocol/cursor.ts";

/** A message as the log keeps it: its text, escaped as the inside of a JSON string, and when it came. */
export interface LogEntry {
  readonly created: Cursor;
  readonly escaped: string;
}

/** Bytes of text in a full segment: large enough to make the objects around it cheap, small enough to evict in small steps. */
const SEGMENT_BYTES = 4096;
const FIRST_SEGMENT_BYTES = 128;

/** What a message costs beside its text: two numbers in the index. */
const INDEX_BYTES = 16;

/** What an empty segment costs, measured with a million of them. */
const SEGMENT_OVERHEAD = 256;

const encoder = new TextEncoder();
/** Keeps a byte order mark: it is a character of the text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The texts of one stream, oldest first: a FIFO of segments of UTF-8 bytes, with two numbers of index for a message.
 * Bytes, not strings: a JS string and the objects that hold it would take twice the memory and all of the collector's time.
 */
export class MessageLog {
  private segments: Segment[] = [];
  private count = 0;
  private bytes = 0;

  get length(): number {
    return this.count;
  }

  /** What the log takes, in bytes; the unit of the memory budget. */
  get size(): number {
    return this.bytes;
  }

  /** The most that appending this text can add to `size`. */
  static cost(escaped: string): number {
    return Math.max(SEGMENT_BYTES, escaped.length * 3) + SEGMENT_OVERHEAD + INDEX_BYTES;
  }

  /** Appends; `created` must be later than all before. */
  append(created: Cursor, escaped: string): void {
    let tail = this.segments.at(-1);
    if (tail === undefined || !tail.append(created, escaped)) {
      tail = new Segment(segmentCapacity(tail, escaped));
      tail.append(created, escaped);
      this.segments.push(tail);
      this.bytes += tail.capacity + SEGMENT_OVERHEAD;
    }
    this.count++;
    this.bytes += INDEX_BYTES;
  }

  /** Removes the oldest message and answers when it was created. */
  evict(): Cursor {
    const head = this.segments[0];
    if (head === undefined) throw new RangeError("the log is empty");
    const created = head.evict();
    this.count--;
    this.bytes -= INDEX_BYTES;
    if (head.length === 0) {
      this.segments.shift();
      this.bytes -= head.capacity + SEGMENT_OVERHEAD;
    }
    return created;
  }

  /** The position of the first message later than `cursor`; `length` if there is none. */
  firstAfter(cursor: Cursor): number {
    let position = 0;
    for (const segment of this.segments) {
      if (segment.newest > cursor) return position + segment.firstAfter(cursor);
      position += segment.length;
    }
    return position;
  }

  /** The messages from position `from` up to, not including, `to`, oldest first. */
  slice(from: number, to: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let start = 0;
    for (const segment of this.segments) {
      const end = start + segment.length;
      if (end > from && start < to)
        segment.read(Math.max(from - start, 0), Math.min(to, end) - start, entries);
      start = end;
    }
    return entries;
  }
}

/** A run of messages in one buffer. */
class Segment {
  private readonly text: Uint8Array;
  private used = 0;
  /** Evicted from the front; their bytes go when the whole segment goes. */
  private evicted = 0;
  private ascii = true;
  private readonly created: Cursor[] = [];
  /** Where each text ends in `text`. */
  private readonly ends: number[] = [];

  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.text = new Uint8Array(capacity);
  }

  get length(): number {
    return this.ends.length - this.evicted;
  }

  get newest(): Cursor {
    return this.created.at(-1) ?? 0;
  }

  /** Answers false, and changes nothing, where the text does not fit. */
  append(created: Cursor, escaped: string): boolean {
    const room = this.capacity - this.used;
    if (escaped.length > room) return false;
    const { read, written } = encoder.encodeInto(escaped, this.text.subarray(this.used));
    if (read < escaped.length) return false;
    if (written > read) this.ascii = false;
    this.used += written;
    this.created.push(created);
    this.ends.push(this.used);
    return true;
  }

  evict(): Cursor {
    const created = this.created[this.evicted++];
    if (created === undefined) throw new RangeError("the segment is empty");
    return created;
  }

  firstAfter(cursor: Cursor): number {
    let low = this.evicted;
    let high = this.created.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.created[middle] ?? 0) > cursor) high = middle;
      else low = middle + 1;
    }
    return low - this.evicted;
  }

  read(from: number, to: number, into: LogEntry[]): void {
    const first = from + this.evicted;
    const start = this.ends[first - 1] ?? 0;
    const end = this.ends[to + this.evicted - 1] ?? 0;
    // Where a character is a byte, one call into the decoder serves the whole run.
    const run = this.ascii ? decoder.decode(this.text.subarray(start, end)) : undefined;
    let begin = start;
    for (let i = first; i < to + this.evicted; i++) {
      const stop = this.ends[i] ?? 0;
      const escaped =
        run?.slice(begin - start, stop - start) ?? decoder.decode(this.text.subarray(begin, stop));
      into.push({ created: this.created[i] ?? 0, escaped });
      begin = stop;
    }
  }
}

/** Small for a stream that says little, growing to {@link SEGMENT_BYTES} for one that says much. */
function segmentCapacity(tail: Segment | undefined, escaped: string): number {
  const wanted = tail === undefined ? FIRST_SEGMENT_BYTES : Math.min(tail.capacity * 2, SEGMENT_BYTES);
  if (escaped.length * 3 <= wanted) return wanted;
  return Math.max(wanted, encoder.encode(escaped).length);
}
