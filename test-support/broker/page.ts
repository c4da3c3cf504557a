import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatNanoseconds, type Cursor } from "../../src/protocol/cursor.ts";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import { TTL, type SetUp } from "./set-up.ts";

/** Tests reading pages of messages. */
export function describePage(setUp: SetUp): void {
  describe("page", () => {
    test("returns the newest messages in either order", async () => {
      const { fill, texts } = await setUp();
      await fill("foo", 30);
      const all = Array.from({ length: 30 }, (_, i) => `x${i}`);
      expect(await texts("foo")).toEqual(all.slice(-25));
      expect(await texts("foo", { limit: 3 })).toEqual(["x27", "x28", "x29"]);
      expect(await texts("foo", { limit: 3, direction: -1 })).toEqual(["x29", "x28", "x27"]);
      expect(await texts("foo", { limit: 3, last: 0 })).toEqual(["x27", "x28", "x29"]);
      expect(await texts("foo", { limit: 1024, direction: -1 })).toEqual(all.toReversed());
    });

    test("is never stale, however often it is read", async () => {
      const { publish, texts, pass } = await setUp();
      for (const text of ["a", "b"]) {
        await publish("foo", text);
        for (const direction of [1, -1, 1]) expect(await texts("foo", { direction })).toContain(text);
      }
      expect(await texts("foo")).toEqual(["a", "b"]);
      expect(await texts("foo", { limit: 1 })).toEqual(["b"]);
      expect(await texts("foo", { direction: -1 })).toEqual(["b", "a"]);
      pass(TTL + 2);
      expect(await texts("foo")).toEqual([]);
      await publish("foo", "c");
      expect(await texts("foo")).toEqual(["c"]);
    });

    test("returns messages after or before a cursor, both exclusive", async () => {
      const { fill, texts } = await setUp();
      const at = (await fill("foo", 10)).map((cursor) => formatNanoseconds(cursor));
      const last = at[5] ?? "";
      expect(await texts("foo", { last, limit: 2 })).toEqual(["x6", "x7"]);
      expect(await texts("foo", { last, direction: -1, limit: 2 })).toEqual(["x4", "x3"]);
      expect(await texts("foo", { last: at[9] ?? "" })).toEqual([]);
      expect(await texts("foo", { last: at[0] ?? "", direction: -1 })).toEqual([]);
      expect(await texts("foo", { last: 1, limit: 2 })).toEqual(["x0", "x1"]);
      expect(await texts("foo", { last: 1, direction: -1 })).toEqual([]);
      expect(await texts("foo", { last: "9".repeat(20) })).toEqual([]);
      expect(await texts("foo", { last: "9".repeat(20), direction: -1, limit: 2 })).toEqual(["x9", "x8"]);
    });

    test("neither skips nor repeats messages when paging forward or backward", async () => {
      const limits = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1024 })), {
        minLength: 1,
        maxLength: 5,
      });
      const count = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1000, max: 1300 }));
      await fc.assert(
        fc.asyncProperty(count, limits, async (published, sizes) => {
          const { fill, page } = await setUp();
          const kept = (await fill("foo", published)).slice(-MAX_MESSAGES);
          const walk = async (direction: number, start: string): Promise<Cursor[]> => {
            const walked: Cursor[] = [];
            let last = start;
            for (let turn = 0; ; turn++) {
              const limit = sizes[turn % sizes.length] ?? 1;
              const messages = await page("foo", { direction, last, limit });
              if (messages.length === 0) return walked;
              expect(messages.length).toBeLessThanOrEqual(limit);
              walked.push(...messages.map(({ created }) => created));
              last = formatNanoseconds(messages.at(-1)?.created ?? 0);
            }
          };
          expect(await walk(1, "1")).toEqual(kept);
          expect(await walk(-1, "0")).toEqual(kept.toReversed());
        }),
        { numRuns: 25 },
      );
    });

    test("finds a message by its id, only in its own stream and while it is kept", async () => {
      const { fill, publish, page, texts } = await setUp();
      const first = await publish("foo", "first");
      const second = await publish("foo", "second");
      await publish("bar", "other");
      expect((await page("foo", { id: second.id })).map(({ json }) => json)).toEqual([second.json]);
      expect(await texts("bar", { id: first.id })).toEqual([]);
      expect(await texts("nowhere", { id: first.id })).toEqual([]);
      for (const id of ["", "nonsense", "NaN", "-1", `${first.id}x`, ` ${first.id}`, `0${first.id}`])
        expect(await texts("foo", { id })).toEqual([]);
      await fill("foo", MAX_MESSAGES - 1);
      expect(await texts("foo", { id: first.id })).toEqual([]);
      expect(await texts("foo", { id: second.id })).toEqual(["second"]);
    });
  });
}
