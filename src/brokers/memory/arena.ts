import { insert, remove } from "../../core/positions.ts";
import { Chunk, CHUNK_BYTES, UNIT } from "./chunk.ts";

/** A block of an {@link Arena}: a number, so that keeping it costs no object. */
export type Block = number;

/** The owner of a block. Must find everything that refers to the block, quickly. */
export interface BlockOwner {
  /** Called when the contents of a block were moved to another one. */
  moved(from: Block, to: Block): void;
}

/** The largest block, in bytes. Holds the longest envelope, see {@link Segment}. */
export const MAX_BYTES = 8448;

/** Sizes of blocks in bytes. Each divides the size of a chunk and has one bit more than the one before. */
const SIZES = [128, 256, 512, 1024, 2048, 4224, MAX_BYTES];

/** The low bits of a block: its offset in the chunk, in units of {@link UNIT}. The other bits are the chunk's id. */
const OFFSET_BITS = Math.ceil(Math.log2(CHUNK_BYTES / UNIT));
const OFFSET_MASK = 2 ** OFFSET_BITS - 1;

/** Emptied chunks that are kept for blocks of another size. */
const MAX_SPARE = 4;

/** The chunks of one block size. */
interface SizeClass {
  readonly size: number;
  /** Those with a free block. */
  readonly partial: Chunk[];
  freeBlocks: number;
  blocks: number;
}

/**
 * Allocates blocks of different sizes from large chunks (a slab allocator, Bonwick 1994). With buffers of their own, a million
 * streams were seven million objects: each took 937 bytes instead of 508, and a publish to one of them 17 µs instead of 14,
 * because of cache misses and garbage collection.
 *
 * Blocks move: when a chunk is needed and none may be added, the blocks of the emptiest one are moved together with others of
 * their size. So free memory is always usable for blocks of any size, however long-lived blocks are spread.
 */
export class Arena {
  private readonly chunks: (Chunk | undefined)[] = [];
  /** Ids of chunks that were released. */
  private readonly freeIds: number[] = [];
  /** Memory of released chunks, all 0. */
  private readonly spare: ArrayBuffer[] = [];
  private readonly classes: readonly SizeClass[] = SIZES.map((size) => {
    return { size, partial: [], freeBlocks: 0, blocks: 0 };
  });
  /**
   * Limit of all chunks in bytes: one chunk per size more than the limit of the blocks. If all of them are taken while the blocks
   * stay within theirs, a whole chunk's worth of blocks is free in one size, so that a chunk of it can be emptied.
   */
  private readonly limit: number;

  /** `limit`: for all blocks together, in bytes. The caller enforces it. */
  constructor(limit: number) {
    this.limit = limit + SIZES.length * CHUNK_BYTES;
  }

  /** Returns the size of the block that is allocated for this many bytes. @throws RangeError beyond {@link MAX_BYTES} */
  static sizeOf(bytes: number): number {
    for (const size of SIZES) if (size >= bytes) return size;
    throw new RangeError(`a block has at most ${MAX_BYTES} bytes`);
  }

  /** Memory of all chunks, in bytes. */
  get resident(): number {
    return (this.chunks.length - this.freeIds.length + this.spare.length) * CHUNK_BYTES;
  }

  /** Allocates a block of at least this many bytes, all 0. May move other blocks. @throws RangeError beyond {@link MAX_BYTES} */
  allocate(bytes: number, owner: BlockOwner): Block {
    const of = this.classOf(Arena.sizeOf(bytes));
    if (of.partial.length === 0) this.add(of);
    return this.allocateIn(of, owner);
  }

  /** Frees a block and overwrites its contents. */
  free(block: Block): void {
    const chunk = this.chunkOf(block);
    const of = this.classOf(chunk.blockSize);
    if (chunk.isFull) insert(of.partial, chunk);
    chunk.free(this.offsetOf(block));
    of.freeBlocks++;
    // One is kept, so that a block that is allocated and freed repeatedly does not need a new chunk each time.
    if (!chunk.isEmpty || of.partial.length === 1) return;
    this.retire(of, chunk);
    this.drop(chunk);
  }

  /**
   * Moves the blocks of one chunk together with others, if more than a quarter of the memory for their size is free, and returns
   * the chunk's memory to the runtime. Returns whether it did: then there may be more to do.
   */
  compact(): boolean {
    const wasteful = this.classes.filter(
      ({ freeBlocks, blocks, size }) => freeBlocks * 4 > blocks && freeBlocks * size >= 2 * CHUNK_BYTES,
    );
    if (!this.empty(wasteful)) return false;
    // Detaching frees the memory at once; the garbage collector would free it much later.
    while (this.spare.length > 0) this.spare.pop()?.transfer(0);
    return true;
  }

  chunkOf(block: Block): Chunk {
    const chunk = this.chunks[block >>> OFFSET_BITS];
    if (chunk === undefined) throw new RangeError(`no block ${block}`);
    return chunk;
  }

  /** Returns the offset of a block in its chunk, in bytes. */
  offsetOf(block: Block): number {
    return (block & OFFSET_MASK) * UNIT;
  }

  private classOf(size: number): SizeClass {
    // 128 has 8 bits.
    const found = this.classes[24 - Math.clz32(size)];
    if (found === undefined) throw new RangeError(`no blocks of ${size} bytes`);
    return found;
  }

  private allocateIn(of: SizeClass, owner: BlockOwner): Block {
    const chunk = of.partial.at(-1);
    if (chunk === undefined) throw new RangeError(`no free block of ${of.size} bytes`);
    const offset = chunk.allocate(owner);
    of.freeBlocks--;
    if (chunk.isFull) remove(of.partial, chunk);
    return blockAt(chunk, offset);
  }

  private add(of: SizeClass): void {
    const chunks = this.chunks.length - this.freeIds.length;
    if ((chunks + 1) * CHUNK_BYTES > this.limit)
      this.empty(this.classes.filter(({ freeBlocks, size }) => freeBlocks * size >= CHUNK_BYTES));
    const memory = this.spare.pop() ?? new ArrayBuffer(CHUNK_BYTES);
    const chunk = new Chunk(this.freeIds.pop() ?? this.chunks.length, of.size, memory);
    this.chunks[chunk.id] = chunk;
    of.blocks += chunk.capacity;
    of.freeBlocks += chunk.capacity;
    insert(of.partial, chunk);
  }

  /** Empties the chunk with the fewest bytes to move. The other chunks of its size must have room. */
  private empty(classes: readonly SizeClass[]): boolean {
    let emptiest: Chunk | undefined = undefined;
    for (const { partial } of classes) {
      for (const chunk of partial) if (emptiest === undefined || chunk.used < emptiest.used) emptiest = chunk;
    }
    if (emptiest === undefined) return false;
    this.moveBlocks(emptiest);
    return true;
  }

  private moveBlocks(from: Chunk): void {
    const of = this.classOf(from.blockSize);
    this.retire(of, from);
    for (const { offset, owner } of from.blocks()) {
      const block = this.allocateIn(of, owner);
      const end = offset + from.blockSize;
      this.chunkOf(block).bytes.set(from.bytes.subarray(offset, end), this.offsetOf(block));
      owner.moved(blockAt(from, offset), block);
    }
    this.drop(from);
  }

  /** Allocates no more blocks in a chunk. */
  private retire(of: SizeClass, chunk: Chunk): void {
    remove(of.partial, chunk);
    of.freeBlocks -= chunk.capacity - chunk.used / chunk.blockSize;
    of.blocks -= chunk.capacity;
  }

  /** Overwrites and gives up the memory of a chunk. */
  private drop(chunk: Chunk): void {
    this.freeIds.push(chunk.id);
    this.chunks[chunk.id] = undefined;
    chunk.bytes.fill(0);
    if (this.spare.length < MAX_SPARE) this.spare.push(chunk.memory);
    else chunk.memory.transfer(0);
  }
}

function blockAt(chunk: Chunk, offset: number): Block {
  return (chunk.id << OFFSET_BITS) | (offset / UNIT);
}
