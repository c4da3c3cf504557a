import { SEPARATOR, type Content } from "../../core/content.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { Arena, type Block } from "./arena.ts";
import type { AccountId, ByteBudget } from "./budget.ts";
import type { Chunk } from "./chunk.ts";

/** A message in a log: its creation time and its content. */
export interface LogEntry {
  readonly created: Cursor;
  readonly content: Content;
  /** Whether the content has a name. To find out from the string costs as much as the rest of a short message. */
  readonly isNamed: boolean;
}

/**
 * A block begins with a header: the block of the next segment, plus 1 (4 bytes); the account that pays for what no message takes (4
 * bytes); the number of messages in the index, how many of them are evicted, the bytes of contents, and flags (2 bytes each). The
 * contents follow. The index grows towards them from the end of the block.
 */
const HEADER_BYTES = 16;

/**
 * An entry of the index: when the message was created (53 bits), the account that pays for it (27 bits) and where its content ends (16
 * bits), in three 32-bit numbers: time low; account high and time high; account low and end.
 */
const INDEX_BYTES = 12;

const WORD = 2 ** 32;
const HIGH_BITS = 21;
const HIGH_MASK = 2 ** HIGH_BITS - 1;

/** A content is not ASCII. */
const NOT_ASCII = 1;
/** A message is charged to another account than the segment. */
const SHARED = 2;

/** Contents of more UTF-16 code units are written faster by the runtime. */
const LONG = 128;

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

  /** Bytes that a message takes in a segment. */
  static costOf(content: number): number {
    return content + INDEX_BYTES;
  }

  /** Returns the size of a block of at least `least` bytes with room for a content of `content` bytes. */
  static sizeFor(content: number, least: number): number {
    return Arena.sizeOf(Math.max(HEADER_BYTES + content + INDEX_BYTES, least));
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

  /** The account that pays for what no message takes: for the first message, and the room for more. */
  get payer(): AccountId {
    return this.chunk.u32[this.at32 + 1] ?? 0;
  }

  set payer(id: AccountId) {
    this.chunk.u32[this.at32 + 1] = id;
  }

  /** Bytes left for more messages. */
  get room(): number {
    return this.size - HEADER_BYTES - this.used - this.indexed * INDEX_BYTES;
  }

  /** The number of messages that are not evicted. */
  get length(): number {
    return this.indexed - this.evicted;
  }

  get newest(): Cursor {
    return this.createdAt(this.indexed - 1);
  }

  /** Appends a message and returns the bytes it takes. Returns undefined and changes nothing if it does not fit. */
  append(created: Cursor, content: Content, payer: AccountId): number | undefined {
    const { indexed } = this;
    const room = this.room - INDEX_BYTES;
    const written = this.write(content, room);
    if (written === undefined) return undefined;
    const { u16, u32 } = this.chunk;
    const at = this.indexAt(indexed);
    // The array keeps the low 32 bits (ToUint32, ECMA-262 §7.1.7).
    u32[at] = created;
    u32[at + 1] = created / WORD + (payer >>> 16) * 2 ** HIGH_BITS;
    u32[at + 2] = (payer << 16) | (this.used + written);
    u16[this.at16 + 4] = indexed + 1;
    u16[this.at16 + 6] = this.used + written;
    if (payer !== this.payer) this.setFlag(SHARED);
    return Segment.costOf(written);
  }

  /** Removes the oldest message and returns when it was created. Its bytes are freed with the whole segment. */
  evict(): Cursor {
    const { evicted } = this;
    this.chunk.u16[this.at16 + 5] = evicted + 1;
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
      const content = run?.slice(begin - start, end - start) ?? this.decode(begin, end);
      const isNamed = begin < end && this.chunk.bytes[this.at + HEADER_BYTES + begin] === SEPARATOR;
      into.push({ created: this.createdAt(i), content, isNamed });
      begin = end;
    }
  }

  /** Refunds every account charged for the segment. Evicted messages remain charged as long as their memory is used. */
  credit(budget: ByteBudget): void {
    let rest = this.size;
    if ((this.flags & SHARED) !== 0) {
      for (let i = 0; i < this.indexed; i++) {
        const cost = Segment.costOf(this.endOf(i) - this.endOf(i - 1));
        budget.credit(this.payerOf(i), cost);
        rest -= cost;
      }
    }
    budget.credit(this.payer, rest);
  }

  /** The number of messages in the index, including evicted ones. */
  private get indexed(): number {
    return this.chunk.u16[this.at16 + 4] ?? 0;
  }

  private get evicted(): number {
    return this.chunk.u16[this.at16 + 5] ?? 0;
  }

  /** The size of the contents in bytes. */
  private get used(): number {
    return this.chunk.u16[this.at16 + 6] ?? 0;
  }

  private get flags(): number {
    return this.chunk.u16[this.at16 + 7] ?? 0;
  }

  private setFlag(flag: number): void {
    this.chunk.u16[this.at16 + 7] = this.flags | flag;
  }

  private get isAscii(): boolean {
    return (this.flags & NOT_ASCII) === 0;
  }

  /** Returns the offset of an index entry in the chunk, in 32-bit numbers. */
  private indexAt(i: number): number {
    return this.at32 + (this.size - (i + 1) * INDEX_BYTES) / 4;
  }

  private createdAt(i: number): Cursor {
    const { u32 } = this.chunk;
    const at = this.indexAt(i);
    return (u32[at] ?? 0) + ((u32[at + 1] ?? 0) & HIGH_MASK) * WORD;
  }

  private payerOf(i: number): AccountId {
    const { u32 } = this.chunk;
    const at = this.indexAt(i);
    return (((u32[at + 1] ?? 0) >>> HIGH_BITS) << 16) | ((u32[at + 2] ?? 0) >>> 16);
  }

  private endOf(i: number): number {
    return i < 0 ? 0 : (this.chunk.u32[this.indexAt(i) + 2] ?? 0) & 0xffff;
  }

  private write(content: Content, room: number): number | undefined {
    if (content.length > LONG) return this.writeUtf8(content, room);
    return this.writeAscii(content, room) ?? this.writeUtf8(content, room);
  }

  /** Written by hand: for a short content, TextEncoder and the view that it needs take twice as long and produce garbage. */
  private writeAscii(content: Content, room: number): number | undefined {
    const { bytes } = this.chunk;
    const begin = this.at + HEADER_BYTES + this.used;
    if (content.length > room) return undefined;
    for (let i = 0; i < content.length; i++) {
      const unit = content.charCodeAt(i);
      if (unit > 0x7f) return undefined;
      bytes[begin + i] = unit;
    }
    return content.length;
  }

  private writeUtf8(content: Content, room: number): number | undefined {
    const begin = this.at + HEADER_BYTES + this.used;
    if (room < content.length) return undefined;
    const { read, written } = encoder.encodeInto(content, this.chunk.bytes.subarray(begin, begin + room));
    if (read < content.length) return undefined;
    if (written > content.length) this.setFlag(NOT_ASCII);
    return written;
  }

  private decode(begin: number, end: number): string {
    const text = this.at + HEADER_BYTES;
    return decoder.decode(this.chunk.bytes.subarray(text + begin, text + end));
  }
}
