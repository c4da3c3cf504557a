import { describe, expect, test } from "bun:test";
import { codeOf, problemOf, type SetUp } from "./set-up.ts";

/** Tests deleting streams with their owner token. */
export function describeEnd(setUp: SetUp): void {
  describe("end", () => {
    test("deletes the stream immediately and reports the reason", async () => {
      const { broker, create, publish, page, list, heard } = await setUp();
      const { owner } = await create({ name: "foo" });
      await publish("foo", "hello");
      await heard.settled();
      await broker.end("foo", owner);
      expect(await page("foo")).toEqual([]);
      expect(await list()).toEqual([]);
      await heard.until("ended foo owner");
      expect(heard.of("foo")).toEqual(["created foo 100", "published foo hello", "ended foo owner"]);
      expect(await codeOf(() => broker.end("foo", owner))).toBe("not_found");
    });

    test("deletes a stream only once", async () => {
      const { broker, create, publish, texts, pass, heard } = await setUp({ ttl: 10 });
      const { owner } = await create({ name: "foo" });
      pass(5);
      await broker.end("foo", owner);
      await publish("foo", "new life");
      pass(7);
      expect(await texts("foo")).toEqual(["new life"]);
      pass(5);
      await heard.until("ended foo idle");
      expect(heard.of("foo").filter((line) => line.startsWith("ended"))).toEqual([
        "ended foo owner",
        "ended foo idle",
      ]);
    });

    test("rejects any other token and leaves the stream unchanged", async () => {
      const { broker, create, publish, texts } = await setUp();
      const { owner = "" } = await create({ name: "foo" });
      await publish("foo", "hello");
      const wrong = ["", owner.slice(1), `${owner}a`, owner.toUpperCase(), "undefined", "\u{1f600}"];
      for (const token of wrong) expect(await codeOf(() => broker.end("foo", token))).toBe("token_wrong");
      expect(await texts("foo")).toEqual(["hello"]);
    });

    test("rejects every token for a stream without an owner", async () => {
      const { broker, publish, texts } = await setUp();
      await publish("foo", "hello");
      for (const token of ["", "undefined", "null"])
        expect(await codeOf(() => broker.end("foo", token))).toBe("token_wrong");
      expect(await texts("foo")).toEqual(["hello"]);
    });

    test("deletes a sealed stream without a token, which its caller has checked, and no other", async () => {
      const { broker, create, publish, texts } = await setUp();
      await create({ name: "~created" });
      await publish("~published", "~1.AA");
      for (const stream of ["~created", "~published"]) {
        await broker.end(stream);
        expect(await texts(stream)).toEqual([]);
        expect(await codeOf(() => broker.end(stream))).toBe("not_found");
      }
      await create({ name: "foo" });
      await create({ name: ".foo" });
      expect(await codeOf(() => broker.end("foo"))).toBe("token_wrong");
      expect(await codeOf(() => broker.end(".foo"))).toBe("not_found");
      await publish("~published", "~1.AA");
      expect(await codeOf(() => broker.end("~published", "token"))).toBe("not_found");
      expect(await texts("~published")).toEqual(["~1.AA"]);
    });

    test("reports a private stream as not found without its token", async () => {
      const { broker, create } = await setUp();
      const { name: secret, owner } = await create({ private: true });
      const rejection = async (stream: string) => problemOf(() => broker.end(stream, "wrong"));
      expect((await rejection(secret))?.details()).toEqual((await rejection("absent"))?.details());
      expect((await rejection(secret))?.code).toBe("not_found");
      expect(await codeOf(() => broker.end(secret, owner))).toBeUndefined();
    });
  });
}
