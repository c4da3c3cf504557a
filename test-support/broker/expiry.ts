import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { codeOf, TTL, type SetUp } from "./set-up.ts";

/** Tests the end of streams that are idle. */
export function describeExpiry(setUp: SetUp): void {
  describe("expiry", () => {
    test("deletes an idle stream after its time-to-live and not before", async () => {
      const { publish, texts, clock } = await setUp();
      await publish("foo", "hello");
      clock.advance(TTL * 1000 - 1);
      expect(await texts("foo")).toEqual(["hello"]);
      clock.advance(1);
      expect(await texts("foo")).toEqual([]);
    });

    test("takes effect on every read, even before the timer runs", async () => {
      const { broker, create, publish, clock } = await setUp();
      const { owner } = await create({ name: "foo" });
      const { id, created } = await publish("foo", "hello");
      clock.advance(TTL * 1000);
      expect((await broker.page("foo", { kind: "one", id })).messages).toEqual([]);
      expect((await broker.replay("foo", created - 1, 10)).messages).toEqual([]);
      expect(await codeOf(() => broker.end("foo", owner))).toBe("not_found");
      expect(await codeOf(() => create({ name: "foo" }))).toBeUndefined();
    });

    test("removes the stream from the listing, even before the timer runs", async () => {
      const { publish, list, clock } = await setUp();
      await publish("foo", "hello");
      clock.advance(TTL * 1000 - 1);
      expect(await list()).toEqual(["foo"]);
      clock.advance(1);
      expect(await list()).toEqual([]);
    });

    test("works for any mix of time-to-lives, and for streams without messages", async () => {
      const lifetimes = fc.uniqueArray(fc.integer({ min: 1, max: 1700 }), { minLength: 1, maxLength: 10 });
      await fc.assert(
        fc.asyncProperty(lifetimes, async (numbers) => {
          const ttls = numbers.map((number) => number * 3);
          const { create, list, heard, clock, broker } = await setUp();
          for (const ttl of ttls) await create({ name: `s${ttl}`, ttl });
          let now = 0;
          for (const ttl of ttls.toSorted((a, b) => a - b)) {
            clock.advance((ttl - now) * 1000 - 1);
            broker.onTimer();
            expect(await list()).toContain(`s${ttl}`);
            clock.advance(1001);
            now = ttl + 1;
            broker.onTimer();
            await heard.until(`ended s${ttl} idle`);
            expect(await list()).not.toContain(`s${ttl}`);
          }
        }),
        { numRuns: 20 },
      );
    });

    test("is not delayed by reading, replaying or listing", async () => {
      const { broker, publish, list, texts, pass } = await setUp({ ttl: 10 });
      const { created } = await publish("foo", "hello");
      for (let second = 0; second < 9; second++) {
        pass(1);
        expect(await texts("foo")).toEqual(["hello"]);
        expect((await broker.replay("foo", created - 1, 5)).messages).toHaveLength(1);
        expect(await list()).toEqual(["foo"]);
      }
      pass(2);
      expect(await texts("foo")).toEqual([]);
      expect(await list()).toEqual([]);
    });

    test("is renewed by each message", async () => {
      const { publish, page, pass, clock } = await setUp({ ttl: 10 });
      await publish("foo", "x");
      for (let i = 0; i < 5; i++) {
        pass(9);
        await publish("foo", "x");
      }
      pass(9);
      clock.advance(999);
      expect(await page("foo")).toHaveLength(6);
      clock.advance(1);
      expect(await page("foo")).toEqual([]);
    });

    test("does not depend on the wall clock, if the broker has another one", async () => {
      const { publish, texts, pass, clock, capabilities } = await setUp();
      await publish("foo", "hello");
      clock.jumpWall(365 * 86_400 * 1_000_000);
      if (!capabilities.monotonicExpiry) return expect(await texts("foo")).toEqual([]);
      pass(TTL - 1);
      expect(await texts("foo")).toEqual(["hello"]);
      clock.jumpWall(-2 * 365 * 86_400 * 1_000_000);
      pass(1);
      expect(await texts("foo")).toEqual([]);
    });

    test("follows each stream's own time-to-live, which messages do not change", async () => {
      const { create, publish, list, pass } = await setUp({ ttl: 30 });
      await create({ name: "short", ttl: 5 });
      await create({ name: "long", ttl: 2000 });
      await publish("short", "x");
      await publish("long", "x");
      await publish("default", "x");
      pass(4);
      expect(await list()).toEqual(["default", "long", "short"]);
      pass(3);
      expect(await list()).toEqual(["default", "long"]);
      pass(25);
      expect(await list()).toEqual(["long"]);
      pass(1966);
      expect(await list()).toEqual(["long"]);
      pass(4);
      expect(await list()).toEqual([]);
    });

    test("is announced once per idle period, with the seconds left", async () => {
      const { publish, heard, pass, broker, clock } = await setUp({ ttl: 1024 });
      await publish("foo", "x");
      pass(900);
      await heard.settled();
      expect(heard.of("foo")).toEqual(["published foo x"]);
      pass(70);
      const warning = await heard.until(/^expiring foo /);
      const seconds = Number(warning.split(" ")[2]);
      expect(seconds).toBeGreaterThanOrEqual(1024 - 970);
      expect(seconds).toBeLessThan(1024 - 900);
      await publish("foo", "y");
      pass(900);
      await heard.settled();
      expect(heard.of("foo")).toEqual(["published foo x", warning, "published foo y"]);
      pass(123);
      clock.advance(2000);
      broker.onTimer();
      await heard.until("ended foo idle");
      const [, , , again, ...rest] = heard.of("foo");
      expect(again).toMatch(/^expiring foo \d+$/);
      expect(rest).toEqual(["ended foo idle"]);
    });

    test("is in the position, with what is kept and the time-to-live", async () => {
      const { broker, clock, create, publish, pass, capabilities } = await setUp();
      const position = async () => {
        const { cursor: _, ...rest } = await broker.subscribe("foo");
        return rest;
      };
      expect(await position()).toEqual({ ttl: TTL, left: undefined, count: 0 });
      const { owner } = await create({ name: "foo", ttl: 20 });
      clock.advance(500);
      expect(await position()).toEqual({ ttl: 20, left: 19_500, count: 0 });
      await publish("foo", "hello");
      if (capabilities.monotonicExpiry) clock.jumpWall(-3600e6);
      pass(3);
      expect(await position()).toEqual({ ttl: 20, left: 17_000, count: 1 });
      await broker.end("foo", owner);
      expect(await position()).toEqual({ ttl: TTL, left: undefined, count: 0 });
    });

    test("is announced to a short-lived stream in time for a message to renew it", async () => {
      const { create, heard, pass } = await setUp();
      await create({ name: "foo", ttl: 20 });
      pass(14);
      await heard.settled();
      expect(heard.of("foo")).toEqual(["created foo 20"]);
      pass(4);
      await heard.until(/^expiring foo [1-6]$/);
    });

    test("frees the name and leaves nothing of the earlier stream", async () => {
      const { broker, create, publish, texts, pass, heard } = await setUp();
      const { owner } = await create({ name: "foo", ttl: 10 });
      await publish("foo", "old");
      pass(12);
      await heard.until("ended foo idle");
      await publish("foo", "new");
      expect(await texts("foo")).toEqual(["new"]);
      expect(await broker.list(10, "")).toMatchObject([{ name: "foo", ttl: TTL }]);
      expect(await codeOf(() => broker.end("foo", owner))).toBe("token_wrong");
    });

    test("does not make a private name public: for a day, a message creates an unlisted stream", async () => {
      const { broker, create, publish, list, pass, heard } = await setUp({ ttl: 10 });
      const { owner } = await create({ name: "ended", private: true });
      await broker.end("ended", owner);
      await create({ name: "foo", private: true });
      await publish("foo", "old");
      pass(12);
      await heard.until("ended foo idle");
      for (const name of ["foo", "ended", "other"]) await publish(name, "new");
      expect(await list()).toEqual(["other"]);
      // Private like the earlier one: to those without its token it looks absent.
      expect(await codeOf(() => broker.end("foo", "token"))).toBe("not_found");
      // A day after the last one was deleted.
      pass(12);
      await publish("foo", "again");
      expect(await list()).toEqual([]);
    });

    test("lets a new stream with a name that was private be created as public", async () => {
      const { broker, create, publish, list } = await setUp();
      const { owner } = await create({ name: "foo", private: true });
      await broker.end("foo", owner);
      expect(await create({ name: "foo" })).toMatchObject({ private: false });
      await publish("foo", "hello");
      expect(await list()).toEqual(["foo"]);
    });
  });
}
