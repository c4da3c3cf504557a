import { describe, expect, test } from "bun:test";
import { checkName } from "../../src/protocol/name.ts";
import { codeOf, TTL, type SetUp } from "./set-up.ts";

/** Tests creating streams. */
export function describeCreate(setUp: SetUp): void {
  describe("create", () => {
    test("returns the stream and its owner token", async () => {
      const { create } = await setUp();
      const { owner, ...stream } = await create({ name: "foo", ttl: 7 });
      expect(stream).toEqual({ name: "foo", private: false, ttl: 7 });
      expect(owner?.length).toBeGreaterThanOrEqual(22);
    });

    test("makes no owner token for a sealed stream, which is private, whatever is asked for", async () => {
      const { create } = await setUp();
      expect(await create({ name: "~sealed", private: false, ttl: 7 })).toEqual({
        name: "~sealed",
        private: true,
        ttl: 7,
        owner: undefined,
      });
      expect(await create({ name: ".unlisted" })).toMatchObject({ private: true });
    });

    test("uses the default time-to-live if none is given", async () => {
      const { create } = await setUp({ ttl: 77 });
      expect((await create()).ttl).toBe(77);
    });

    test("is reported to those who listen; a first message that creates a stream says so itself", async () => {
      const { create, publish, heard } = await setUp();
      await create({ name: "foo", ttl: 7 });
      await publish("bar", "hello");
      await heard.settled();
      expect(heard.of("foo")).toEqual(["created foo 7"]);
      expect(heard.of("bar")).toEqual(["published bar hello"]);
    });

    test("rejects a name that exists, created or published to", async () => {
      const { create, publish } = await setUp();
      await create({ name: "created" });
      await create({ name: "secret", private: true });
      await publish("published", "hello");
      for (const taken of ["created", "secret", "published"])
        expect(await codeOf(() => create({ name: taken }))).toBe("stream_exists");
    });

    test("changes nothing when it rejects", async () => {
      const { create, publish, texts, broker } = await setUp();
      const { owner } = await create({ name: "foo" });
      await publish("foo", "kept");
      await codeOf(() => create({ name: "foo", private: true, ttl: 1 }));
      expect(await texts("foo")).toEqual(["kept"]);
      expect(await broker.list(10, "")).toMatchObject([{ name: "foo", ttl: TTL }]);
      expect(await codeOf(() => broker.end("foo", owner))).toBeUndefined();
    });

    test("generates names of 8 characters, or of 130 bits after a dot for private streams", async () => {
      const { create } = await setUp();
      const names = new Set<string>();
      for (let i = 0; i < 50; i++) {
        const open = await create();
        const secret = await create({ private: true });
        expect(checkName(open.name)).toHaveLength(8);
        // Never listed, and 5 bits a character.
        expect(checkName(secret.name)).toMatch(/^\.[a-z2-9]{26}$/);
        names.add(open.name).add(secret.name);
      }
      expect(names.size).toBe(100);
    });

    test("gives each stream its own token", async () => {
      const { create, broker } = await setUp();
      const one = await create({ name: "one" });
      const other = await create({ name: "other" });
      expect(one.owner).not.toBe(other.owner);
      expect(await codeOf(() => broker.end("other", one.owner))).toBe("token_wrong");
    });
  });
}
