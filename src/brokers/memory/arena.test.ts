import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arena, MOST_BYTES, type Block } from "./arena.ts";

const sizes = fc.oneof(fc.integer({ min: 1, max: MOST_BYTES }), fc.constantFrom(128, 129, 4096, MOST_BYTES));

/** Takes and gives blocks back; a step that gives names which of those that are held, modulo their number. */
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

describe("blocks", () => {
  test("are never two at the same place, and keep what is in them until they are given back", () => {
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
            // What others wrote there before is gone.
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

  test("are overwritten when they are freed, apart from the link to the next free block", () => {
    const arena = new Arena(Infinity);
    const held = { block: arena.allocate(500), size: 512 };
    const bytes = bytesOf(arena, held);
    bytes.fill(1);
    arena.free(held.block);
    expect(bytes.subarray(4).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(0, 4)).not.toEqual(new Uint8Array(4).fill(1));
  });

  test("come and go without new memory", () => {
    const arena = new Arena(Infinity);
    const first = arena.chunkOf(arena.allocate(MOST_BYTES));
    for (let i = 0; i < 1000; i++) {
      const block = arena.allocate(MOST_BYTES);
      expect(arena.chunkOf(block)).toBe(first);
      arena.free(block);
    }
  });

  test("that are all given back leave one chunk of their size, and the numbers of the others are used again", () => {
    const arena = new Arena(Infinity);
    for (let life = 0; life < 3; life++) {
      const blocks = Array.from({ length: 100 }, () => arena.allocate(MOST_BYTES));
      const chunks = new Set(blocks.map((block) => arena.chunkOf(block).number));
      expect(chunks.size).toBe(7);
      expect(Math.max(...chunks)).toBe(6);
      for (const block of blocks) arena.free(block);
    }
  });

  test("take no more than they may, though a few be spread over many chunks", () => {
    const limit = 8 * 1024 * 1024;
    const arena = new Arena(limit);
    const chunks = new Set<unknown>();
    for (let size = 128; size <= MOST_BYTES; size *= 2) {
      const blocks: Block[] = [];
      // As many as would fill all that is allowed, of which then one in each chunk stays.
      while (arena.hasRoom(size) && blocks.length * size < limit) blocks.push(arena.allocate(size));
      const kept = new Set<unknown>();
      for (const block of blocks) {
        const chunk = arena.chunkOf(block);
        chunks.add(chunk);
        if (kept.has(chunk)) arena.free(block);
        kept.add(chunk);
      }
      // What there is can be used again.
      expect(arena.hasRoom(size)).toBe(blocks.length > 0);
    }
    const spare = 8 * 256 * 1024;
    expect(chunks.size * 256 * 1024).toBeLessThanOrEqual(limit + spare);
    expect(arena.isAmple).toBe(false);
    expect(arena.hasRoom(128)).toBe(true);
    expect(arena.hasRoom(MOST_BYTES)).toBe(false);
  });

  test("have an end to their size", () => {
    const arena = new Arena(Infinity);
    expect(() => arena.allocate(MOST_BYTES + 1)).toThrow(RangeError);
    expect(() => arena.chunkOf(0)).toThrow(RangeError);
  });
});
