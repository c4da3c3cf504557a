import type { Cursor } from "../../protocol/cursor.ts";
import { Arena, type Block, type Chunk } from "./arena.ts";

/** A message in a log: its text, escaped as the inside of a JSON string, and its creation time. */
export interface LogEntry {
  readonly created: Cursor;
  readonly escaped: string;
}

/**
 * A block begins with a header: the block of the next segment, plus 1 (4 bytes); the number of messages in the index, how many
 * of them are evicted, and the bytes of text (2 bytes each); whether any text is not ASCII (2 bytes). The texts follow. The
 * index grows towards them from the end of the block.
 */
const HEADER_BYTES = 12;

/** An entry of the index: when the message was created, in two 32-bit numbers, and where its text ends. */
const INDEX_BYTES = 12;

const WORD = 2 ** 32;

const encoder = new TextEncoder();
/** Preserves a byte order mark: it is a character of the text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A run of messages in a block of an arena. Only a view: created on demand and never kept. */
export class Segment {
  private readonly chunk: Chunk;
  /** Offset of the block in its chunk: in bytes, 16-bit and 32-bit numbers. */
  private readonly at: number;
  private readonly at16: number;
  private readonly at32: number;

  constructor(arena: Arena, block: Block) {
    this.chunk = arena.chunkOf(block);
    this.at = arena.offsetOf(block);
    this.at16 = this.at / 2;
    this.at32 = this.at / 4;
  }

  /** Returns the size of a block of at least `least` bytes with room for a text of `text` bytes. */
  static sizeFor(text: number, least: number): number {
    return Arena.sizeOf(Math.max(HEADER_BYTES + text + INDEX_BYTES, least));
  }

  get size(): number {
    return this.chunk.blockSize;
  }

  get next(): Block | undefined {
    const next = this.chunk.u32[this.at32] ?? 0;
    return next === 0 ? undefined : next - 1;
  }

  set next(block: Block) {
    this.chunk.u32[this.at32] = block + 1;
  }

  /** The number of messages that are not evicted. */
  get length(): number {
    return this.indexed - this.evicted;
  }

  get newest(): Cursor {
    return this.createdAt(this.indexed - 1);
  }

  /** Returns false, and changes nothing, if the text does not fit. */
  append(created: Cursor, escaped: string): boolean {
    const { indexed } = this;
    const room = this.size - HEADER_BYTES - this.used - (indexed + 1) * INDEX_BYTES;
    const written = this.writeAscii(escaped, room) ?? this.writeUtf8(escaped, room);
    if (written === undefined) return false;
    const { u16, u32 } = this.chunk;
    const at = this.indexAt(indexed);
    // The array keeps the low 32 bits (ToUint32, ECMA-262 §7.1.7).
    u32[at] = created;
    u32[at + 1] = created / WORD;
    u32[at + 2] = this.used + written;
    u16[this.at16 + 2] = indexed + 1;
    u16[this.at16 + 4] = this.used + written;
    return true;
  }

  /** Removes the oldest message and returns when it was created. Its bytes are freed with the whole segment. */
  evict(): Cursor {
    const { evicted } = this;
    this.chunk.u16[this.at16 + 3] = evicted + 1;
    return this.createdAt(evicted);
  }

  /** Returns the position of the first message later than `cursor`, by binary search. */
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

  /** Appends the messages from position `from` up to, not including, `to` to `into`. */
  read(from: number, to: number, into: LogEntry[]): void {
    const first = from + this.evicted;
    const last = to + this.evicted;
    const start = this.endOf(first - 1);
    // In ASCII a character is a byte: the whole run is decoded with one call.
    const run = this.isAscii ? this.decode(start, this.endOf(last - 1)) : undefined;
    let begin = start;
    for (let i = first; i < last; i++) {
      const end = this.endOf(i);
      const escaped = run?.slice(begin - start, end - start) ?? this.decode(begin, end);
      into.push({ created: this.createdAt(i), escaped });
      begin = end;
    }
  }

  /** The number of messages in the index, including evicted ones. */
  private get indexed(): number {
    return this.chunk.u16[this.at16 + 2] ?? 0;
  }

  private get evicted(): number {
    return this.chunk.u16[this.at16 + 3] ?? 0;
  }

  /** The size of the texts in bytes. */
  private get used(): number {
    return this.chunk.u16[this.at16 + 4] ?? 0;
  }

  private get isAscii(): boolean {
    return this.chunk.u16[this.at16 + 5] === 0;
  }

  /** Returns the offset of an index entry in the chunk, in 32-bit numbers. */
  private indexAt(i: number): number {
    return this.at32 + (this.size - (i + 1) * INDEX_BYTES) / 4;
  }

  private createdAt(i: number): Cursor {
    const { u32 } = this.chunk;
    const at = this.indexAt(i);
    return (u32[at] ?? 0) + (u32[at + 1] ?? 0) * WORD;
  }

  private endOf(i: number): number {
    return i < 0 ? 0 : (this.chunk.u32[this.indexAt(i) + 2] ?? 0);
  }

  /** Written by hand: for a short text, TextEncoder and the view that it needs take twice as long and produce garbage. */
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
    this.chunk.u16[this.at16 + 5] = 1;
    return written;
  }

  private decode(begin: number, end: number): string {
    const text = this.at + HEADER_BYTES;
    return decoder.decode(this.chunk.bytes.subarray(text + begin, text + end));
  }
}
