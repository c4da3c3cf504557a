import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Entry } from "../state/entry.ts";
import { BLOCK_SIZE, LineBlocks } from "./line-blocks.ts";

function entries(from: number, to: number): Entry[] {
  return Array.from({ length: to - from }, (_, i) => ({
    kind: "ended",
    key: `e${from + i}`,
    reason: "idle",
  }));
}

test("blocks stay the same objects when entries are added and dropped at either end", () => {
  const blocks = new LineBlocks();
  const all = entries(-200, 400);
  const part = (from: number, to: number) => blocks.update(all.slice(from + 200, to + 200));
  const first = part(0, 50);
  expect(first.map((block) => block.entries.length)).toEqual([16, 16, 16, 2]);
  const second = part(-3, 51);
  expect(second.map((block) => block.entries.length)).toEqual([3, 16, 16, 16, 3]);
  for (const i of [0, 1, 2]) expect(second[i + 1]).toBe(first[i] ?? second[0]);
  const third = part(20, 55);
  expect(third.map((block) => block.entries.length)).toEqual([12, 16, 7]);
  expect(third[1]).toBe(first[2] ?? third[0]);
  expect(part(20, 55).every((block, i) => block === third[i])).toBe(true);
});

test("a block knows what was dropped of it, until nothing of it is left", () => {
  const blocks = new LineBlocks();
  const all = entries(0, 60);
  blocks.update(all);
  const dropped = (from: number) => blocks.update(all.slice(from)).map((block) => block.dropped);
  expect(dropped(2)).toEqual([all.slice(0, 2), [], [], []]);
  expect(dropped(5)).toEqual([all.slice(0, 5), [], [], []]);
  expect(dropped(16)).toEqual([[], [], []]);
  expect(dropped(36)).toEqual([all.slice(32, 36), []]);
  // Loaded again.
  expect(blocks.update(all.slice(33)).map((block) => block.dropped)).toEqual([[], []]);
});

test("an entry that is replaced stays in its place", () => {
  const blocks = new LineBlocks();
  const all = entries(0, 40);
  const before = blocks.update(all);
  const after = blocks.update(all.with(20, { kind: "ended", key: "e20", reason: "owner" }));
  expect(after.map((block, i) => block === before[i])).toEqual([true, false, true]);
});

test("property: the blocks contain the entries in order, each block a limited number, with keys of their own", () => {
  const span = fc.tuple(fc.integer({ min: -300, max: 300 }), fc.nat({ max: 200 }));
  fc.assert(
    fc.property(fc.array(span), (spans) => {
      const blocks = new LineBlocks();
      for (const [from, length] of spans) {
        const given = entries(from, from + length);
        const found = blocks.update(given);
        expect(found.flatMap((block) => block.entries)).toEqual(given);
        expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
        for (const block of found) expect(block.entries.length).toBeLessThanOrEqual(BLOCK_SIZE);
      }
    }),
  );
});
