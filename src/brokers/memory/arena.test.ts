import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arena, MAX_BYTES, type Block } from "./arena.ts";

const sizes = fc.oneof(fc.integer({ min: 1, max: MAX_BYTES }), fc.constantFrom(128, 129, 4096, MAX_BYTES));

/** Allocates and frees blocks. `give` selects the block to free, modulo the number of blocks held. */
const steps = fc.array(fc.oneof(fc.record({ take: sizes }), fc.record({ give: fc.nat() })), {
  maxLength: 400,
});

interface Held {
  readonly block: Block;
  readonly size: number;
  readonly mark: number;
}

function bytesOf(arena: Arena, { block, size }: Pick<Held, "block" | "size">): Uint8Array {
  const at = arena.offsetOf(block);
  return arena.chunkOf(block).bytes.subarray(at, at + size);
}

describe("arena", () => {
  test("blocks do not overlap and keep their contents until they are freed", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const arena = new Arena(Infinity);
        const held: Held[] = [];
        for (const [i, step] of all.entries()) {
          if ("take" in step) {
            const taken = {
              block: arena.allocate(step.take),
              size: Arena.sizeOf(step.take),
              mark: (i % 255) + 1,
            };
            expect(taken.size).toBeGreaterThanOrEqual(step.take);
            expect(bytesOf(arena, taken).every((byte) => byte === 0)).toBe(true);
            bytesOf(arena, taken).fill(taken.mark);
            held.push(taken);
          } else if (held.length > 0) {
            const [given] = held.splice(step.give % held.length, 1);
            if (given !== undefined) arena.free(given.block);
          }
        }
        for (const one of held) expect(bytesOf(arena, one).every((byte) => byte === one.mark)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("overwrites a freed block, apart from the link to the next free one", () => {
    const arena = new Arena(Infinity);
    const held = { block: arena.allocate(500), size: 512 };
    const bytes = bytesOf(arena, held);
    bytes.fill(1);
    arena.free(held.block);
    expect(bytes.subarray(4).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(0, 4)).not.toEqual(new Uint8Array(4).fill(1));
  });

  test("reuses a freed block", () => {
    const arena = new Arena(Infinity);
    const first = arena.chunkOf(arena.allocate(MAX_BYTES));
    for (let i = 0; i < 1000; i++) {
      const block = arena.allocate(MAX_BYTES);
      expect(arena.chunkOf(block)).toBe(first);
      arena.free(block);
    }
  });

  test("keeps one empty chunk per size and reuses the ids of the others", () => {
    const arena = new Arena(Infinity);
    for (let life = 0; life < 3; life++) {
      const blocks = Array.from({ length: 100 }, () => arena.allocate(MAX_BYTES));
      const chunks = new Set(blocks.map((block) => arena.chunkOf(block).id));
      expect(chunks.size).toBe(7);
      expect(Math.max(...chunks)).toBe(6);
      for (const block of blocks) arena.free(block);
    }
  });

  test("stays within its limit even if a few blocks are spread over many chunks", () => {
    const limit = 8 * 1024 * 1024;
    const arena = new Arena(limit);
    const chunks = new Set<unknown>();
    for (let size = 128; size <= MAX_BYTES; size *= 2) {
      const blocks: Block[] = [];
      // Fills the limit, then frees all but one block of each chunk.
      while (arena.hasRoom(size) && blocks.length * size < limit) blocks.push(arena.allocate(size));
      const kept = new Set<unknown>();
      for (const block of blocks) {
        const chunk = arena.chunkOf(block);
        chunks.add(chunk);
        if (kept.has(chunk)) arena.free(block);
        kept.add(chunk);
      }
      expect(arena.hasRoom(size)).toBe(blocks.length > 0);
    }
    const spare = 8 * 256 * 1024;
    expect(chunks.size * 256 * 1024).toBeLessThanOrEqual(limit + spare);
    expect(arena.hasFreeChunk).toBe(false);
    expect(arena.hasRoom(128)).toBe(true);
    expect(arena.hasRoom(MAX_BYTES)).toBe(false);
  });

  test("rejects blocks that are too large or unknown", () => {
    const arena = new Arena(Infinity);
    expect(() => arena.allocate(MAX_BYTES + 1)).toThrow(RangeError);
    expect(() => arena.chunkOf(0)).toThrow(RangeError);
  });
});
