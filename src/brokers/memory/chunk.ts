import type { Positioned } from "../../core/positions.ts";
import type { BlockOwner } from "./arena.ts";

/** Unit of offsets, and the smallest block, in bytes. */
export const UNIT = 128;

/** Size of a chunk in bytes: the unit in which memory is taken from the runtime. A multiple of all sizes of blocks and of a page. */
export const CHUNK_BYTES = 64 * 4224;

/** The end of a list of free blocks. */
const NONE = 0xffff_ffff;

/** A chunk of blocks of one size, as 8-bit, 16-bit and 32-bit numbers. */
export class Chunk implements Positioned {
  readonly bytes: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  /** Its index in the array of chunks with a free block. */
  position = 0;
  /** Bytes of all allocated blocks. */
  used = 0;
  /** The owners of the allocated blocks. */
  private readonly owners: (BlockOwner | undefined)[];
  /** Offset of the first block that was never allocated. */
  private fresh = 0;
  /** Offset of the block freed last. Each free block contains the offset of the next. */
  private freed = NONE;

  readonly id: number;
  readonly blockSize: number;
  readonly memory: ArrayBuffer;

  /** `memory`: {@link CHUNK_BYTES}, all 0. */
  constructor(id: number, blockSize: number, memory: ArrayBuffer) {
    this.id = id;
    this.blockSize = blockSize;
    this.memory = memory;
    this.bytes = new Uint8Array(memory);
    this.u16 = new Uint16Array(memory);
    this.u32 = new Uint32Array(memory);
    this.owners = Array.from({ length: this.capacity });
  }

  /** The number of blocks. */
  get capacity(): number {
    return CHUNK_BYTES / this.blockSize;
  }

  get isFull(): boolean {
    return this.used === CHUNK_BYTES;
  }

  get isEmpty(): boolean {
    return this.used === 0;
  }

  /** Returns the offset of a free block, in bytes. */
  allocate(owner: BlockOwner): number {
    const offset = this.take();
    this.used += this.blockSize;
    this.owners[offset / this.blockSize] = owner;
    return offset;
  }

  free(offset: number): void {
    this.used -= this.blockSize;
    this.owners[offset / this.blockSize] = undefined;
    this.bytes.fill(0, offset, offset + this.blockSize);
    this.u32[offset / 4] = this.freed;
    this.freed = offset;
  }

  /** Yields the allocated blocks. */
  *blocks(): Generator<{ readonly offset: number; readonly owner: BlockOwner }, void> {
    for (const [i, owner] of this.owners.entries()) {
      if (owner !== undefined) yield { offset: i * this.blockSize, owner };
    }
  }

  private take(): number {
    const offset = this.freed;
    if (offset === NONE) {
      this.fresh += this.blockSize;
      return this.fresh - this.blockSize;
    }
    this.freed = this.u32[offset / 4] ?? NONE;
    this.u32[offset / 4] = 0;
    return offset;
  }
}
