import type { Cursor } from "../protocol/cursor.ts";

/** A message as the log keeps it: its text, escaped as the inside of a JSON string, and when it came. */
export interface LogEntry {
  readonly created: Cursor;
  readonly escaped: string;
}

/** Bytes of text in a full segment: large enough to make the objects around it cheap, small enough to evict in small steps. */
const SEGMENT_BYTES = 4096;
const FIRST_SEGMENT_BYTES = 128;

/** Most messages in one segment: what is evicted from its front keeps its index until the whole segment goes. */
const SEGMENT_MESSAGES = 128;

/** What a message costs beside its text: two numbers in the index. */
const INDEX_BYTES = 16;

/** What an empty segment costs, measured with a million of them. */
const SEGMENT_OVERHEAD = 192;

const encoder = new TextEncoder();
/** Keeps a byte order mark: it is a character of the text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The texts of one stream, oldest first: a FIFO of segments of UTF-8 bytes, with two numbers of index for a message.
 * Bytes, not strings: a JS string and the objects that hold it would take twice the memory and all of the collector's time.
 */
export class MessageLog {
  /** A linked list: most streams have one segment, for which an array would cost more than what is in it. */
  private head: Segment | undefined = undefined;
  private tail: Segment | undefined = undefined;
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
    if (this.tail?.append(created, escaped) !== true) this.grow(escaped).append(created, escaped);
    this.count++;
    this.bytes += INDEX_BYTES;
  }

  /** Removes the oldest message and answers when it was created. */
  evict(): Cursor {
    const { head } = this;
    if (head === undefined) throw new RangeError("the log is empty");
    const created = head.evict();
    this.count--;
    if (head.length === 0) {
      this.head = head.next;
      if (this.head === undefined) this.tail = undefined;
      this.bytes -= head.capacity + SEGMENT_OVERHEAD + head.indexed * INDEX_BYTES;
    }
    return created;
  }

  /** The position of the first message later than `cursor`; `length` if there is none. */
  firstAfter(cursor: Cursor): number {
    let position = 0;
    for (let segment = this.head; segment !== undefined; segment = segment.next) {
      if (segment.newest > cursor) return position + segment.firstAfter(cursor);
      position += segment.length;
    }
    return position;
  }

  /** The messages from position `from` up to, not including, `to`, oldest first. */
  slice(from: number, to: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let start = 0;
    for (let segment = this.head; segment !== undefined && start < to; segment = segment.next) {
      const end = start + segment.length;
      if (end > from) segment.read(Math.max(from - start, 0), Math.min(to, end) - start, entries);
      start = end;
    }
    return entries;
  }

  private grow(escaped: string): Segment {
    const segment = new Segment(segmentCapacity(this.tail, escaped));
    if (this.tail === undefined) this.head = segment;
    else this.tail.next = segment;
    this.tail = segment;
    this.bytes += segment.capacity + SEGMENT_OVERHEAD;
    return segment;
  }
}

/** A run of messages in one buffer. */
class Segment {
  next: Segment | undefined = undefined;
  private readonly text: Uint8Array;
  private used = 0;
  /** Evicted from the front; their bytes go when the whole segment goes. */
  private evicted = 0;
  private ascii = true;
  /** Of each message two numbers: when it was created, and where its text ends in `text`. */
  private readonly index: number[] = [];

  constructor(capacity: number) {
    this.text = new Uint8Array(capacity);
  }

  get capacity(): number {
    return this.text.length;
  }

  get length(): number {
    return this.indexed - this.evicted;
  }

  /** Messages in the index, those too that were evicted. */
  get indexed(): number {
    return this.index.length / 2;
  }

  get newest(): Cursor {
    return this.index.at(-2) ?? 0;
  }

  /** Answers false, and changes nothing, where the text does not fit. */
  append(created: Cursor, escaped: string): boolean {
    if (this.indexed === SEGMENT_MESSAGES) return false;
    const end = this.writeAscii(escaped) ?? this.writeUtf8(escaped);
    if (end === undefined) return false;
    this.used = end;
    this.index.push(created, end);
    return true;
  }

  /** By hand: for a short text the encoder, and the view that it wants, take twice as long and leave garbage. */
  private writeAscii(escaped: string): number | undefined {
    const { text, used } = this;
    if (escaped.length > text.length - used) return undefined;
    for (let i = 0; i < escaped.length; i++) {
      const unit = escaped.charCodeAt(i);
      if (unit > 0x7f) return undefined;
      text[used + i] = unit;
    }
    return used + escaped.length;
  }

  private writeUtf8(escaped: string): number | undefined {
    const { read, written } = encoder.encodeInto(escaped, this.text.subarray(this.used));
    if (read < escaped.length) return undefined;
    this.ascii = false;
    return this.used + written;
  }

  evict(): Cursor {
    if (this.length === 0) throw new RangeError("the segment is empty");
    return this.createdAt(this.evicted++);
  }

  /** The position of the first message later than `cursor`, by bisection. */
  firstAfter(cursor: Cursor): number {
    let low = this.evicted;
    let high = this.indexed;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.createdAt(middle) > cursor) high = middle;
      else low = middle + 1;
    }
    return low - this.evicted;
  }

  read(from: number, to: number, into: LogEntry[]): void {
    const first = from + this.evicted;
    const last = to + this.evicted;
    const start = this.endOf(first - 1);
    // Where a character is a byte, one call into the decoder serves the whole run.
    const run = this.ascii ? decoder.decode(this.text.subarray(start, this.endOf(last - 1))) : undefined;
    let begin = start;
    for (let i = first; i < last; i++) {
      const end = this.endOf(i);
      const escaped =
        run?.slice(begin - start, end - start) ?? decoder.decode(this.text.subarray(begin, end));
      into.push({ created: this.createdAt(i), escaped });
      begin = end;
    }
  }

  private createdAt(i: number): Cursor {
    return this.index[2 * i] ?? 0;
  }

  private endOf(i: number): number {
    return this.index[2 * i + 1] ?? 0;
  }
}

/** Small for a stream that says little, growing to {@link SEGMENT_BYTES} for one that says much. */
function segmentCapacity(tail: Segment | undefined, escaped: string): number {
  const wanted = tail === undefined ? FIRST_SEGMENT_BYTES : Math.min(tail.capacity * 2, SEGMENT_BYTES);
  if (escaped.length * 3 <= wanted) return wanted;
  return Math.max(wanted, encoder.encode(escaped).length);
}
