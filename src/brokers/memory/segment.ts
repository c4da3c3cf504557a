import type { Cursor } from "../../protocol/cursor.ts";
import { Arena, type Block, type Chunk } from "./arena.ts";

/** A message as the log keeps it: its text, escaped as the inside of a JSON string, and when it came. */
export interface LogEntry {
  readonly created: Cursor;
  readonly escaped: string;
}

/**
 * A segment's block begins with a header: the number of the next segment's block, plus 1 (4 bytes); messages in the index,
 * how many of them are evicted, and bytes of text (2 bytes each); whether some text is not ASCII (2 bytes). The texts
 * follow, and the index grows towards them from the end.
 */
const HEADER_BYTES = 12;

/** What a message takes beside its text: when it was created, in two words, and where its text ends. */
const INDEX_BYTES = 12;

const WORD = 2 ** 32;

const encoder = new TextEncoder();
/** Keeps a byte order mark: it is a character of the text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A run of messages in a block of an arena. Only a way to look at it: made when needed, kept by nobody. */
export class Segment {
  private readonly chunk: Chunk;
  /** Where the block begins in its chunk: in bytes, 16-bit and 32-bit numbers. */
  private readonly at: number;
  private readonly half: number;
  private readonly word: number;

  constructor(arena: Arena, block: Block) {
    this.chunk = arena.chunkOf(block);
    this.at = arena.offsetOf(block);
    this.half = this.at / 2;
    this.word = this.at / 4;
  }

  /** The size of the block of a segment of at least `least` bytes that has room for a text of so many. */
  static sizeFor(text: number, least: number): number {
    return Arena.sizeOf(Math.max(HEADER_BYTES + text + INDEX_BYTES, least));
  }

  get size(): number {
    return this.chunk.blockSize;
  }

  get next(): Block | undefined {
    const next = this.chunk.words[this.word] ?? 0;
    return next === 0 ? undefined : next - 1;
  }

  set next(block: Block) {
    this.chunk.words[this.word] = block + 1;
  }

  /** Messages that are not evicted. */
  get length(): number {
    return this.indexed - this.evicted;
  }

  get newest(): Cursor {
    return this.createdAt(this.indexed - 1);
  }

  /** Answers false, and changes nothing, where the text does not fit. */
  append(created: Cursor, escaped: string): boolean {
    const { indexed } = this;
    const room = this.size - HEADER_BYTES - this.used - (indexed + 1) * INDEX_BYTES;
    const written = this.writeAscii(escaped, room) ?? this.writeUtf8(escaped, room);
    if (written === undefined) return false;
    const { words, halves } = this.chunk;
    const place = this.placeOf(indexed);
    // The array keeps the low 32 bits (ToUint32, ECMA-262 §7.1.7).
    words[place] = created;
    words[place + 1] = created / WORD;
    words[place + 2] = this.used + written;
    halves[this.half + 2] = indexed + 1;
    halves[this.half + 4] = this.used + written;
    return true;
  }

  /** Removes the oldest message and answers when it was created. Its bytes go when the whole segment goes. */
  evict(): Cursor {
    const { evicted } = this;
    this.chunk.halves[this.half + 3] = evicted + 1;
    return this.createdAt(evicted);
  }

  /** The position of the first message later than `cursor`, by bisection. */
  firstAfter(cursor: Cursor): number {
    const { evicted } = this;
    let low = evicted;
    let high = this.indexed;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.createdAt(middle) > cursor) high = middle;
      else low = middle + 1;
    }
    return low - evicted;
  }

  read(from: number, to: number, into: LogEntry[]): void {
    const first = from + this.evicted;
    const last = to + this.evicted;
    const start = this.endOf(first - 1);
    // Where a character is a byte, one call into the decoder serves the whole run.
    const run = this.isAscii ? this.decode(start, this.endOf(last - 1)) : undefined;
    let begin = start;
    for (let i = first; i < last; i++) {
      const end = this.endOf(i);
      const escaped = run?.slice(begin - start, end - start) ?? this.decode(begin, end);
      into.push({ created: this.createdAt(i), escaped });
      begin = end;
    }
  }

  /** Messages in the index, those too that are evicted. */
  private get indexed(): number {
    return this.chunk.halves[this.half + 2] ?? 0;
  }

  private get evicted(): number {
    return this.chunk.halves[this.half + 3] ?? 0;
  }

  /** Bytes of text. */
  private get used(): number {
    return this.chunk.halves[this.half + 4] ?? 0;
  }

  private get isAscii(): boolean {
    return this.chunk.halves[this.half + 5] === 0;
  }

  /** Where a message stands in the index, in words. */
  private placeOf(i: number): number {
    return this.word + (this.size - (i + 1) * INDEX_BYTES) / 4;
  }

  private createdAt(i: number): Cursor {
    const { words } = this.chunk;
    const place = this.placeOf(i);
    return (words[place] ?? 0) + (words[place + 1] ?? 0) * WORD;
  }

  private endOf(i: number): number {
    return i < 0 ? 0 : (this.chunk.words[this.placeOf(i) + 2] ?? 0);
  }

  /** By hand: for a short text the encoder, and the view that it wants, take twice as long and leave garbage. */
  private writeAscii(escaped: string, room: number): number | undefined {
    const { bytes } = this.chunk;
    const begin = this.at + HEADER_BYTES + this.used;
    if (escaped.length > room) return undefined;
    for (let i = 0; i < escaped.length; i++) {
      const unit = escaped.charCodeAt(i);
      if (unit > 0x7f) return undefined;
      bytes[begin + i] = unit;
    }
    return escaped.length;
  }

  private writeUtf8(escaped: string, room: number): number | undefined {
    const begin = this.at + HEADER_BYTES + this.used;
    if (room < escaped.length) return undefined;
    const { read, written } = encoder.encodeInto(escaped, this.chunk.bytes.subarray(begin, begin + room));
    if (read < escaped.length) return undefined;
    this.chunk.halves[this.half + 5] = 1;
    return written;
  }

  private decode(begin: number, end: number): string {
    const text = this.at + HEADER_BYTES;
    return decoder.decode(this.chunk.bytes.subarray(text + begin, text + end));
  }
}
