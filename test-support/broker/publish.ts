import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { checkMessage } from "../../src/protocol/checked-message.ts";
import { formatNanoseconds } from "../../src/protocol/cursor.ts";
import { MAX_MESSAGES, MAX_TTL } from "../../src/protocol/limits.ts";
import { checkText } from "../../src/protocol/text.ts";
import { codeOf, MEGABYTE, REF, TTL, type SetUp } from "./set-up.ts";

/** Tests publishing, with and without a ref. */
export function describePublish(setUp: SetUp): void {
  describe("publish", () => {
    test("creates the stream: public, with the default time-to-live and no owner", async () => {
      const { publish, texts, broker, heard } = await setUp();
      const message = await publish("foo", "hello");
      expect(message).toMatchObject({ stream: "foo", text: "hello" });
      expect(JSON.parse(message.json)).toEqual({
        Id: message.id,
        Text: "hello",
        Type: "message",
        Created: formatNanoseconds(message.created),
        Stream: "foo",
        Metadata: null,
      });
      expect(await texts("foo")).toEqual(["hello"]);
      expect(await broker.list(10, "")).toMatchObject([{ name: "foo", ttl: TTL }]);
      expect(await codeOf(() => broker.end("foo", ""))).toBe("token_wrong");
      await heard.until("published foo hello");
    });

    test("reports each message once, in order, as it is stored", async () => {
      const { publish, page, heard } = await setUp();
      for (let i = 0; i < 20; i++) await publish(i % 2 === 0 ? "even" : "odd", `${i}`);
      await heard.settled();
      for (const [parity, stream] of ["even", "odd"].entries()) {
        const texts = heard.messages.filter((message) => message.stream === stream).map(({ text }) => text);
        expect(texts).toEqual(Array.from({ length: 10 }, (_, i) => `${2 * i + parity}`));
      }
      const stored = [...(await page("even")), ...(await page("odd"))];
      expect(heard.messages.map(({ json }) => json).toSorted()).toEqual(
        stored.map(({ json }) => json).toSorted(),
      );
    });

    test("gives each message its own id", async () => {
      const { publish, page } = await setUp();
      const ids = new Set<string>();
      for (let i = 0; i < 100; i++) ids.add((await publish(`s${i % 3}`, "same")).id);
      expect(ids.size).toBe(100);
      for (const { id } of await page("s0")) expect(ids).toContain(id);
    });

    test("Created strictly increases within a stream, whatever the wall clock does", async () => {
      const jump = fc.integer({ min: -100_000_000, max: 100_000_000 });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(fc.constant(0), jump), { maxLength: 30 }), async (jumps) => {
          const { publish, texts, clock } = await setUp({ ttl: MAX_TTL });
          const newest = [0, 0];
          for (const [i, microseconds] of jumps.entries()) {
            clock.jumpWall(microseconds);
            const { created } = await publish(`s${i % 2}`, `${i}`);
            expect(created).toBeGreaterThan(newest[i % 2] ?? Number.NaN);
            newest[i % 2] = created;
          }
          expect(await texts("s0", { limit: 100 })).toEqual(
            jumps.map((_, i) => `${i}`).filter((_, i) => i % 2 === 0),
          );
        }),
        { numRuns: 30 },
      );
    });

    test("Created follows the wall clock", async () => {
      const { publish, clock } = await setUp();
      await publish("foo", "before");
      clock.jumpWall(3_600_000_000);
      const { created } = await publish("foo", "after");
      expect(Math.abs(created - clock.wall())).toBeLessThan(1000);
    });

    test("the 1025th message evicts the first", async () => {
      const { fill, publish, texts } = await setUp();
      await fill("foo", MAX_MESSAGES);
      expect((await texts("foo", { limit: MAX_MESSAGES }))[0]).toBe("x0");
      await publish("foo", "last");
      const kept = await texts("foo", { limit: MAX_MESSAGES });
      expect(kept).toHaveLength(MAX_MESSAGES);
      expect(kept[0]).toBe("x1");
      expect(kept.at(-1)).toBe("last");
    });

    test("keeps and reports names, also of messages that are read again", async () => {
      const { broker, page, heard } = await setUp();
      await heard.follow("foo");
      const sent = [
        checkMessage("foo", "hello", "Ada"),
        checkMessage("foo", "nobody"),
        checkMessage("foo", `"\u{1f600}"`, `"\u{1f600}" \\`),
        checkMessage("foo", "\u{1f600}".repeat(1024), "\u{1f600}".repeat(32)),
      ];
      for (const message of sent) await broker.publish("foo", message);
      await heard.settled();
      const expected = sent.map(({ text, name }) => [text, name]);
      expect(heard.messages.map(({ text, name }) => [text, name])).toEqual(expected);
      const stored = await page("foo");
      expect(stored.map(({ text, name }) => [text, name])).toEqual(expected);
      expect(stored.map(({ json }) => json)).toEqual(heard.messages.map(({ json }) => json));
      const { messages } = await broker.replay("foo", 0, 10);
      expect(messages.map(({ json }) => json)).toEqual(heard.messages.map(({ json }) => json));
    });

    test("keeps every valid text unchanged", async () => {
      const { publish, texts } = await setUp();
      const given = [
        "\ufeffmark",
        `"quoted" \\ \t\n`,
        "\u{1f600}".repeat(1024),
        "\u202eright",
        "é".repeat(1024),
      ];
      for (const text of given) await publish("foo", text);
      expect(await texts("foo")).toEqual(given);
    });
  });

  describe("publish with a ref", () => {
    test("returns the first message again and does not publish twice", async () => {
      const { broker, heard, publish, texts } = await setUp();
      await heard.follow("foo");
      const first = await broker.publish("foo", checkText('"hello"'), REF);
      await publish("foo", "between");
      const again = await broker.publish("foo", checkText('"hello"'), REF);
      expect(again.json).toBe(first.json);
      await heard.settled();
      expect(heard.of("foo")).toHaveLength(2);
      expect(await texts("foo")).toEqual(['"hello"', "between"]);
    });

    test("keeps refs separate per stream; messages without one are never merged", async () => {
      const { broker, publish, texts } = await setUp();
      for (const stream of ["foo", "bar", "foo", "bar"]) {
        await broker.publish(stream, checkText("x"), REF);
        await publish(stream, "y");
      }
      for (const stream of ["foo", "bar"]) expect(await texts(stream)).toEqual(["x", "y", "y"]);
    });

    test("rejects a ref that was used with another text, and changes nothing", async () => {
      const { broker, texts } = await setUp();
      await broker.publish("foo", checkText("hello"), REF);
      expect(await codeOf(() => broker.publish("foo", checkText("other"), REF))).toBe("ref_reused");
      expect(await texts("foo")).toEqual(["hello"]);
    });

    test("rejects a ref that was used with another name", async () => {
      const { broker, page } = await setUp();
      const publish = (name?: string) => broker.publish("foo", checkMessage("foo", "hello", name), REF);
      const first = await publish("Ada");
      expect((await publish("Ada")).json).toBe(first.json);
      for (const name of ["Bob", undefined]) expect(await codeOf(() => publish(name))).toBe("ref_reused");
      expect((await page("foo")).map(({ json }) => json)).toEqual([first.json]);
    });

    test("does not remember the ref of a rejected message", async () => {
      const { broker, fill, texts, pass, capabilities } = await setUp({ maxMemory: MEGABYTE });
      const full = async () => {
        for (let i = 0; ; i++) await fill(`s${i}`, 1024, "x".repeat(100));
      };
      expect(await codeOf(full)).toBe("memory_full");
      // Each may be full.
      for (let i = 0; capabilities.shards > 1 && i < 64; i++)
        await codeOf(() => fill(`t${i}`, 1024, "x".repeat(100)));
      expect(await codeOf(() => broker.publish("foo", checkText("hello"), REF))).toBe("memory_full");
      pass(TTL + 1);
      await broker.publish("foo", checkText("other"), REF);
      expect(await texts("foo")).toEqual(["other"]);
    });

    test("returns the first message even if memory is full, it was evicted, or its stream was deleted", async () => {
      const { broker, create, fill, texts } = await setUp();
      const { owner } = await create({ name: "foo" });
      const { id } = await broker.publish("foo", checkText("hello"), REF);
      await fill("foo", MAX_MESSAGES);
      const publishAgain = () => broker.publish("foo", checkText("hello"), REF);
      expect((await publishAgain()).id).toBe(id);
      expect(await texts("foo", { limit: 1024 })).not.toContain("hello");
      expect(await codeOf(() => broker.publish("foo", checkText("other"), REF))).toBe("ref_reused");
      await broker.end("foo", owner);
      expect((await publishAgain()).id).toBe(id);
      expect(await broker.list(10, "")).toEqual([]);
    });

    test("is remembered for two minutes", async () => {
      const { broker, pass, texts } = await setUp({ ttl: 1000 });
      await broker.publish("foo", checkText("hello"), REF);
      pass(119);
      await broker.publish("foo", checkText("hello"), REF);
      expect(await texts("foo")).toHaveLength(1);
      // Publishing again does not extend it.
      pass(1);
      await broker.publish("foo", checkText("hello"), REF);
      expect(await texts("foo")).toHaveLength(2);
    });
  });
}
