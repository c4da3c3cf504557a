import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arena, MAX_BYTES, type Block, type BlockOwner } from "./arena.ts";
import { CHUNK_BYTES } from "./chunk.ts";

const sizes = fc.oneof(
  fc.integer({ min: 1, max: MAX_BYTES }),
  fc.constantFrom(128, 129, 2048, 2049, 4224, 4225, MAX_BYTES),
);

/** Allocates, frees and compacts blocks. `give` selects the block to free, modulo the number of blocks held. */
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ take: sizes }) },
    { weight: 4, arbitrary: fc.record({ give: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant("compact" as const) },
  ),
  { maxLength: 400 },
);

/** A block that is filled with its mark. */
class Held implements BlockOwner {
  block: Block;
  readonly size: number;
  private readonly mark: number;
  private readonly arena: Arena;

  constructor(arena: Arena, bytes: number, mark = 1) {
    this.arena = arena;
    this.mark = mark;
    this.size = Arena.sizeOf(bytes);
    this.block = arena.allocate(bytes, this);
    if (!this.isFilledWith(0)) throw new Error("a new block is not empty");
    this.bytes.fill(mark);
  }

  moved(from: Block, to: Block): void {
    if (from !== this.block) throw new Error("another block was moved");
    this.block = to;
  }

  get bytes(): Uint8Array {
    const at = this.arena.offsetOf(this.block);
    return this.arena.chunkOf(this.block).bytes.subarray(at, at + this.size);
  }

  get isIntact(): boolean {
    return this.isFilledWith(this.mark);
  }

  private isFilledWith(byte: number): boolean {
    return Buffer.alloc(this.size, byte).equals(this.bytes);
  }

  free(): void {
    this.arena.free(this.block);
  }
}

/** Holds blocks of all sizes up to `limit`, so that the chunks are as full of holes as possible: of each chunk one block. */
function fragment(arena: Arena, limit: number): Held[] {
  const kept: Held[] = [];
  for (let size = 128; size < 2 * MAX_BYTES; size *= 2) {
    const blocks: Held[] = [];
    let used = kept.reduce((sum, held) => sum + held.size, 0);
    const bytes = Math.min(size, MAX_BYTES);
    for (; used + Arena.sizeOf(bytes) <= limit; used += Arena.sizeOf(bytes))
      blocks.push(new Held(arena, bytes, (blocks.length % 255) + 1));
    const seen = new Set<unknown>();
    for (const held of blocks) {
      const chunk = arena.chunkOf(held.block);
      if (seen.has(chunk)) held.free();
      else kept.push(held);
      seen.add(chunk);
    }
  }
  return kept;
}

describe("arena", () => {
  test("blocks do not overlap and keep their contents until they are freed, wherever they are moved", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const arena = new Arena(Infinity);
        const held: Held[] = [];
        for (const [i, step] of all.entries()) {
          if (step === "compact") arena.compact();
          else if ("take" in step) held.push(new Held(arena, step.take, (i % 255) + 1));
          else if (held.length > 0) held.splice(step.give % held.length, 1)[0]?.free();
        }
        expect(held.every(({ isIntact }) => isIntact)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("overwrites a freed block, apart from the link to the next free one", () => {
    const arena = new Arena(Infinity);
    const held = new Held(arena, 500);
    const { bytes } = held;
    held.free();
    expect(bytes.subarray(4).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(0, 4)).not.toEqual(new Uint8Array(4).fill(1));
  });

  test("overwrites the blocks that it moves, also if their memory is used again", () => {
    const limit = 4 * CHUNK_BYTES;
    const arena = new Arena(limit);
    const kept = fragment(arena, limit);
    const before = kept.map((held) => ({ held, block: held.block, bytes: held.bytes }));
    let used = kept.reduce((sum, held) => sum + held.size, 0);
    for (; used + 512 <= limit; used += 512) arena.allocate(512, { moved() {} });
    const moved = before.filter(({ held, block }) => held.block !== block);
    expect(moved.length).toBeGreaterThan(0);
    for (const { bytes } of moved) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test("reuses a freed block", () => {
    const arena = new Arena(Infinity);
    const first = arena.chunkOf(new Held(arena, MAX_BYTES).block);
    for (let i = 0; i < 1000; i++) {
      const held = new Held(arena, MAX_BYTES);
      expect(arena.chunkOf(held.block)).toBe(first);
      held.free();
    }
  });

  test("keeps a few empty chunks and reuses the ids of the others", () => {
    const arena = new Arena(Infinity);
    for (let life = 0; life < 3; life++) {
      const blocks = Array.from({ length: 1000 }, () => new Held(arena, MAX_BYTES));
      expect(Math.max(...blocks.map(({ block }) => arena.chunkOf(block).id))).toBe(31);
      for (const held of blocks) held.free();
      expect(arena.resident).toBeLessThanOrEqual(5 * CHUNK_BYTES);
    }
  });

  test("has room for blocks of any size up to its limit, however the others are spread", () => {
    const limit = 8 * CHUNK_BYTES;
    for (const bytes of [1, 200, 400, 1000, 2000, 4224, MAX_BYTES]) {
      const arena = new Arena(limit);
      const held = fragment(arena, limit);
      const size = Arena.sizeOf(bytes);
      let used = held.reduce((sum, one) => sum + one.size, 0);
      expect(used).toBeLessThan(limit / 4);
      for (; used + size <= limit; used += size) {
        held.push(new Held(arena, bytes, (held.length % 255) + 1));
        if (arena.resident > limit + 7 * CHUNK_BYTES) throw new Error("takes more than its limit");
      }
      expect(held.every(({ isIntact }) => isIntact)).toBe(true);
    }
  });

  test("compacts what is mostly free, a chunk at a time", () => {
    const limit = 32 * CHUNK_BYTES;
    const arena = new Arena(limit);
    const held = fragment(arena, limit);
    const used = held.reduce((sum, one) => sum + one.size, 0);
    expect(arena.resident).toBeGreaterThan(2 * used);
    let before = arena.resident;
    while (arena.compact()) {
      expect(arena.resident).toBeLessThan(before);
      before = arena.resident;
    }
    expect(arena.resident).toBeLessThan(used * (4 / 3) + 6 * 2 * CHUNK_BYTES);
    expect(held.every(({ isIntact }) => isIntact)).toBe(true);
  });

  test("rejects blocks that are too large or unknown", () => {
    const arena = new Arena(Infinity);
    expect(() => new Held(arena, MAX_BYTES + 1)).toThrow(RangeError);
    expect(() => arena.chunkOf(0)).toThrow(RangeError);
  });
});
