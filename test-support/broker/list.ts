import { describe, expect, test } from "bun:test";
import { codeOf, TTL, type SetUp } from "./set-up.ts";

/** Tests listing streams. */
export function describeList(setUp: SetUp): void {
  describe("list", () => {
    test("is empty at first; reading does not create streams", async () => {
      const { list, page, broker } = await setUp();
      expect(await page("foo")).toEqual([]);
      expect(await broker.replay("foo", 0, 10)).toMatchObject({ gap: undefined, messages: [] });
      expect(await codeOf(() => broker.end("foo", "token"))).toBe("not_found");
      expect(await list()).toEqual([]);
    });

    test("is ordered by newest message, or by creation for streams without one", async () => {
      const { create, publish, list } = await setUp();
      await publish("a", "1");
      await publish("b", "1");
      await create({ name: "c" });
      expect(await list()).toEqual(["c", "b", "a"]);
      await publish("a", "2");
      expect(await list()).toEqual(["a", "c", "b"]);
      await publish("b", "2");
      await publish("b", "3");
      expect(await list()).toEqual(["b", "a", "c"]);
    });

    test("contains the newest message's time, the time-to-live and an id", async () => {
      const { create, publish, broker } = await setUp();
      await create({ name: "a", ttl: 5 });
      const { created } = await publish("a", "hello");
      await publish("b", "hello");
      const [b, a] = await broker.list(10, "");
      expect(a).toMatchObject({ name: "a", ttl: 5, updated: created });
      expect(b).toMatchObject({ name: "b", ttl: TTL });
      expect(a?.id).not.toBe(b?.id);
    });

    test("never contains a private stream", async () => {
      const { create, publish, list, broker, pass } = await setUp();
      const secret = await create({ name: "secret", private: true, ttl: 10 });
      await publish("open", "hello");
      await publish("secret", "hello");
      await publish("secret", "again");
      expect(await list()).toEqual(["open"]);
      expect(await list(10, "secret")).toEqual([]);
      pass(9);
      expect(await list()).toEqual(["open"]);
      await broker.end("secret", secret.owner);
      expect(await list()).toEqual(["open"]);
    });

    test("never contains a stream whose name begins with . or ~, also if a message created it", async () => {
      const { create, publish, list } = await setUp();
      for (const stream of [".a", "~a", "open"]) await publish(stream, "hello");
      for (const stream of [".b", "~b"]) await create({ name: stream });
      for (const stream of [".b", "~b", ".a", "~a"]) await publish(stream, "hello");
      expect(await list()).toEqual(["open"]);
      for (const prefix of [".", "~", "~a"]) expect(await list(10, prefix)).toEqual([]);
    });

    test("honours the limit and the prefix", async () => {
      const { publish, list } = await setUp();
      for (const stream of ["ab", "b", "abc", "aB", "a"]) await publish(stream, "hello");
      expect(await list(2)).toEqual(["a", "aB"]);
      expect(await list(10, "ab")).toEqual(["abc", "ab"]);
      expect(await list(1, "ab")).toEqual(["abc"]);
      expect(await list(10, "c")).toEqual([]);
    });
  });
}
