import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Cursor } from "../../src/protocol/cursor.ts";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import { TTL, type SetUp } from "./set-up.ts";

/** Tests what listeners get that resume from a cursor. */
export function describeReplay(setUp: SetUp): void {
  describe("replay", () => {
    test("from 0 returns everything kept, without a gap", async () => {
      const { broker, create, fill } = await setUp();
      await create({ name: "foo" });
      expect(await broker.replay("foo", 0, 10)).toMatchObject({ gap: undefined, messages: [] });
      const kept = (await fill("foo", MAX_MESSAGES + 3)).slice(3);
      const { gap, messages } = await broker.replay("foo", 0, MAX_MESSAGES);
      expect(gap).toBeUndefined();
      expect(messages.map(({ created }) => created)).toEqual(kept);
    });

    test("from a kept message returns what follows, up to the limit", async () => {
      const { broker, fill } = await setUp();
      const [first = 0, ...rest] = await fill("foo", 10);
      const some = await broker.replay("foo", first, 4);
      expect(some.gap).toBeUndefined();
      expect(some.messages.map(({ created }) => created)).toEqual(rest.slice(0, 4));
      expect(await broker.replay("foo", rest.at(-1) ?? 0, 4)).toMatchObject({
        gap: undefined,
        messages: [],
      });
    });

    test("continues from a cursor that is not earlier than a known position", async () => {
      const { broker, clock, fill, publish } = await setUp();
      for (const stream of ["absent", "foo"]) {
        if (stream === "foo") await fill(stream, 3);
        await publish("other", "x");
        clock.advance(1000);
        const { cursor } = await broker.subscribe(stream);
        for (const from of [0, cursor - 1, cursor])
          expect((await broker.replay(stream, from, 1024)).cursor).toBeGreaterThanOrEqual(cursor);
      }
    });

    test("reports a gap for evicted messages", async () => {
      const { broker, fill } = await setUp();
      const all = await fill("foo", MAX_MESSAGES + 6);
      const [second = 0, lastEvicted = 0, firstKept = 0] = [all[1], all[5], all[6]];
      const { gap, messages } = await broker.replay("foo", second, 2);
      expect(gap).toEqual({ from: second, to: firstKept });
      expect(messages.map(({ created }) => created)).toEqual(all.slice(6, 8));
      expect((await broker.replay("foo", lastEvicted, 1)).gap).toBeUndefined();
      expect((await broker.replay("foo", firstKept, 1)).gap).toBeUndefined();
    });

    test("reports a gap for a deleted stream, up to the next possible message", async () => {
      const { broker, fill, publish, pass } = await setUp();
      const [first = 0, second = 0] = await fill("foo", 2);
      pass(TTL + 2);
      const { gap, messages } = await broker.replay("foo", first, 10);
      expect(messages).toEqual([]);
      expect(gap?.from).toBe(first);
      expect(gap?.to).toBeGreaterThan(second);
      // The next message is not part of the gap, and the gap is not reported again.
      const next = await publish("foo", "next");
      const to = gap?.to ?? Number.NaN;
      expect(next.created).toBeGreaterThanOrEqual(to);
      const rest = await broker.replay("foo", to - 1, 10);
      expect(rest.gap).toBeUndefined();
      expect(rest.messages.map(({ text }) => text)).toEqual(["next"]);
    });

    test("reports no gap for the next message after the wall clock was set back", async () => {
      const { broker, clock, publish, pass } = await setUp();
      const { created } = await publish("foo", "old");
      await publish("foo", "lost");
      pass(TTL + 2);
      const { gap } = await broker.replay("foo", created, 10);
      expect(gap?.from).toBe(created);
      clock.jumpWall(-5_000_000);
      expect((await publish("foo", "next")).created).toBeGreaterThanOrEqual(gap?.to ?? Number.NaN);
    });

    test("reports a gap for a recreated stream", async () => {
      const { broker, create, fill, pass } = await setUp();
      const [first = 0, second = 0] = await fill("foo", 2);
      pass(TTL + 2);
      await create({ name: "foo" });
      const empty = await broker.replay("foo", first, 10);
      expect(empty.messages).toEqual([]);
      expect(empty.gap?.from).toBe(first);
      expect(empty.gap?.to).toBeGreaterThan(second);
      const [third = 0, fourth = 0] = await fill("foo", 2);
      expect(empty.gap?.to).toBeLessThanOrEqual(third);
      const { gap, messages } = await broker.replay("foo", first, 10);
      expect(gap).toEqual({ from: first, to: third });
      expect(messages.map(({ created }) => created)).toEqual([third, fourth]);
    });

    test("from a cursor in the future reports a gap from 0 and returns everything kept", async () => {
      const { broker, clock, fill } = await setUp();
      const future = clock.wall() + 3_600_000_000;
      const absent = await broker.replay("foo", future, 10);
      expect(absent.messages).toEqual([]);
      expect(absent.gap?.from).toBe(0);
      const all = await fill("foo", 3);
      const { gap, messages } = await broker.replay("foo", future, 10);
      expect(gap?.from).toBe(0);
      expect(messages.map(({ created }) => created)).toEqual(all);
    });

    test("in steps from any cursor returns the same as pages, or a gap", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 1200 }),
          fc.nat(),
          fc.integer({ min: 1, max: 300 }),
          async (published, where, limit) => {
            const { broker, fill } = await setUp();
            const all = await fill("foo", published);
            const from = where % published;
            const kept = all.slice(-MAX_MESSAGES);
            let cursor = all[from] ?? 0;
            const caught: Cursor[] = [];
            let missing = 0;
            for (;;) {
              const { gap, messages } = await broker.replay("foo", cursor, limit);
              if (gap !== undefined)
                missing += all.filter((created) => created > gap.from && created < gap.to).length;
              if (messages.length === 0) break;
              caught.push(...messages.map(({ created }) => created));
              cursor = caught.at(-1) ?? 0;
            }
            const expected = all.slice(from + 1);
            expect(caught).toEqual(expected.filter((created) => kept.includes(created)));
            expect(missing).toBe(expected.length - caught.length);
          },
        ),
        { numRuns: 20 },
      );
    });
  });
}
