import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Broker, Payer, StreamRequest } from "../src/core/broker.ts";
import { formatNanoseconds, type Cursor } from "../src/protocol/cursor.ts";
import { MAX_MESSAGES } from "../src/protocol/limits.ts";
import { checkName } from "../src/protocol/name.ts";
import { Problem, type ProblemCode } from "../src/protocol/problem.ts";
import { readPageQuery, type PageQuery } from "../src/protocol/query.ts";
import { checkText } from "../src/protocol/text.ts";
import type { ManualClock } from "./clock.ts";
import { NewsRecorder } from "./news-recorder.ts";

export interface BrokerOptions {
  /** Default idle time-to-live of a stream, in seconds. */
  readonly ttl: number;
  /** Bytes. */
  readonly maxMemory: number;
}

/** A fresh broker without streams, and its clock. */
export interface BrokerUnderTest {
  readonly broker: Broker;
  readonly clock: ManualClock;
  /** Resolves when all news so far has been delivered; absent if it is delivered synchronously. */
  readonly settle?: () => Promise<void>;
}

const TTL = 100;
const REF = "0123456789abcdef";
const MEGABYTE = 1024 ** 2;

/** Tests the contract of {@link Broker}, for brokers that answer synchronously or later. */
export function describeBroker(
  name: string,
  make: (options: BrokerOptions) => BrokerUnderTest | Promise<BrokerUnderTest>,
): void {
  /** A broker, its clock, its listener, and short forms of its operations. */
  async function setUp(options: Partial<BrokerOptions> = {}) {
    const { broker, clock, settle } = await make({ ttl: TTL, maxMemory: 64 * MEGABYTE, ...options });
    const heard = new NewsRecorder(broker, settle);
    return {
      broker,
      clock,
      heard,
      create: async (request: Partial<StreamRequest> = {}) => {
        if (request.name !== undefined) await heard.follow(request.name);
        return broker.create({ name: undefined, private: false, ttl: undefined, ...request });
      },
      publish: async (stream: string, text: string) => {
        await heard.follow(stream);
        return broker.publish(stream, checkText(text));
      },
      /** Publishes `count` messages and returns their cursors. */
      fill: async (stream: string, count: number, text = "x"): Promise<Cursor[]> => {
        const cursors: Cursor[] = [];
        await heard.follow(stream);
        for (let i = 0; i < count; i++)
          cursors.push((await broker.publish(stream, checkText(`${text}${i}`))).created);
        return cursors;
      },
      page: async (stream: string, parameters: Record<string, string | number> = {}) =>
        (await broker.page(stream, query(parameters))).messages,
      texts: async (stream: string, parameters: Record<string, string | number> = {}) =>
        (await broker.page(stream, query(parameters))).messages.map(({ text }) => text),
      list: async (limit = 1000, prefix = "") =>
        (await broker.list(limit, prefix)).map((stream) => stream.name),
      /** Advances the clock and calls the broker once a second, as a server does. */
      pass: (seconds: number) => {
        for (let left = seconds; left > 0; left--) {
          clock.advance(Math.min(left, 1) * 1000);
          broker.onTimer();
        }
      },
    };
  }

  describe(name, () => {
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

      test("generates names of 8 characters, or of 128 bits for private streams", async () => {
        const { create } = await setUp();
        const names = new Set<string>();
        for (let i = 0; i < 50; i++) {
          const open = await create();
          const secret = await create({ private: true });
          expect(checkName(open.name)).toHaveLength(8);
          // A character of the grammar has at most 6 bits.
          expect(checkName(secret.name).length).toBeGreaterThanOrEqual(22);
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
            const { publish, texts, clock } = await setUp();
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

      test("does not remember the ref of a rejected message", async () => {
        const { broker, fill, texts, pass } = await setUp({ maxMemory: MEGABYTE });
        const full = async () => {
          for (let i = 0; ; i++) await fill(`s${i}`, 1024, "x".repeat(100));
        };
        expect(await codeOf(full)).toBe("memory_full");
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
        const limits = fc.array(
          fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1024 })),
          {
            minLength: 1,
            maxLength: 5,
          },
        );
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

      test("does not depend on the wall clock", async () => {
        const { publish, texts, pass, clock } = await setUp();
        await publish("foo", "hello");
        clock.jumpWall(365 * 86_400 * 1_000_000);
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

      test("is announced to a short-lived stream in time for a message to renew it", async () => {
        const { create, heard, pass } = await setUp();
        await create({ name: "foo", ttl: 20 });
        pass(14);
        await heard.settled();
        expect(heard.of("foo")).toEqual([]);
        pass(4);
        await heard.until(/^expiring foo [1-6]$/);
      });

      test("frees the name and leaves nothing of the earlier stream", async () => {
        const { broker, create, publish, texts, pass, heard } = await setUp();
        const { owner } = await create({ name: "foo", private: true, ttl: 10 });
        await publish("foo", "old");
        pass(12);
        await heard.until("ended foo idle");
        await publish("foo", "new");
        expect(await texts("foo")).toEqual(["new"]);
        expect(await broker.list(10, "")).toMatchObject([{ name: "foo", ttl: TTL }]);
        expect(await codeOf(() => broker.end("foo", owner))).toBe("token_wrong");
      });
    });

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
        expect(heard.of("foo")).toEqual(["published foo hello", "ended foo owner"]);
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

    describe("a payer", () => {
      test("is asked before a stream is created, not for other messages", async () => {
        const { broker, create, texts, list } = await setUp();
        const payer = new CountingPayer("192.0.2.1");
        await create({ name: "created", payer });
        await broker.publish("created", checkText("1"), undefined, payer);
        await broker.publish("published", checkText("1"), undefined, payer);
        await broker.publish("published", checkText("2"), undefined, payer);
        expect(payer.streams).toBe(2);
        payer.refuses = true;
        const attempts = [
          () => create({ name: "foo", payer }),
          () => broker.publish("foo", checkText("1"), undefined, payer),
        ];
        for (const attempt of attempts) expect(await codeOf(attempt)).toBe("memory_full");
        await broker.publish("published", checkText("3"), undefined, payer);
        expect(await texts("foo")).toEqual([]);
        expect(await texts("published")).toEqual(["1", "2", "3"]);
        expect(await list()).toEqual(["published", "created"]);
      });

      test("is not asked for a message that is sent again", async () => {
        const { broker, create } = await setUp();
        const payer = new CountingPayer("192.0.2.1");
        const { owner } = await create({ name: "foo" });
        const first = await broker.publish("foo", checkText("hello"), REF, payer);
        await broker.end("foo", owner);
        expect((await broker.publish("foo", checkText("hello"), REF, payer)).id).toBe(first.id);
        expect(payer.streams).toBe(0);
      });
    });

    describe("memory", () => {
      const long = "x".repeat(1000);

      test("when full, rejects messages and streams and loses nothing that is kept", async () => {
        const { broker, create, publish, page, list, heard } = await setUp({ maxMemory: MEGABYTE / 4 });
        let kept = 0;
        while ((await codeOf(() => publish(`s${kept % 3}`, `${kept} ${long}`))) === undefined) kept++;
        expect(await codeOf(() => publish("s0", long))).toBe("memory_full");
        expect(await codeOf(() => publish("another", long))).toBe("memory_full");
        let created = 0;
        while ((await codeOf(() => create({ name: `c${created}` }))) === undefined) created++;
        expect(await codeOf(() => create({ private: true }))).toBe("memory_full");

        // A quarter of a megabyte holds about 250 messages of a thousand bytes.
        expect(kept).toBeGreaterThan(150);
        expect(kept).toBeLessThan(262);
        expect(await list()).toHaveLength(3 + created);
        const all = (await Promise.all(["s0", "s1", "s2"].map(async (s) => page(s, { limit: 1024 })))).flat();
        expect(all.map(({ text }) => Number.parseInt(text, 10)).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: kept }, (_, i) => i),
        );
        // Rejected messages were not reported.
        await heard.until(`published s${(kept - 1) % 3} ${kept - 1} ${long}`);
        expect(heard.messages).toHaveLength(kept);
        expect((await broker.replay("another", 0, 1)).messages).toEqual([]);
      });

      test("is freed each time streams expire or are ended", async () => {
        const { broker, create, publish, pass, heard } = await setUp({ maxMemory: MEGABYTE / 4, ttl: 10 });
        const lives: number[] = [];
        for (let life = 0; life < 6; life++) {
          const { owner } = await create({ name: "owned" });
          let kept = 0;
          while ((await codeOf(() => publish(kept % 2 === 0 ? "owned" : `s${kept}`, long))) === undefined)
            kept++;
          lives.push(kept);
          await broker.end("owned", owner);
          expect(await codeOf(() => publish("room", long))).toBeUndefined();
          pass(12);
          await heard.until("ended room idle");
          heard.forget();
        }
        expect(lives).toEqual(lives.map(() => lives[0] ?? 0));
      });

      test("is freed by eviction: a full stream takes any number of messages", async () => {
        const { publish, page } = await setUp({ maxMemory: 1.5 * MEGABYTE });
        const texts = [long, "é".repeat(500), "short", `"${"\\".repeat(400)}"`];
        // 10,000 messages: about six times what fits in memory.
        for (let i = 0; i < 10_000; i++) await publish("foo", texts[i % texts.length] ?? "");
        for (let i = 0; i < 4000; i++) await publish("bar", "x");
        expect(await page("foo", { limit: 1024 })).toHaveLength(1024);
      });

      test("is not used by rejected streams", async () => {
        const { broker, create, publish, pass, heard, list } = await setUp({
          maxMemory: MEGABYTE / 8,
          ttl: 10,
        });
        await publish("foo", long);
        while ((await codeOf(() => create())) === undefined);
        for (let i = 0; i < 1000; i++) {
          expect(await codeOf(() => create())).toBe("memory_full");
          expect(await codeOf(() => broker.publish(`p${i}`, checkText(long)))).toBe("memory_full");
        }
        pass(12);
        await heard.until("ended foo idle");
        expect(await list()).toEqual([]);
        expect(await codeOf(() => publish("foo", long))).toBeUndefined();
      });
    });
  });
}

/** Counts the streams it is asked for, or refuses them. */
class CountingPayer implements Payer {
  streams = 0;
  refuses = false;

  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  admitStream(): void {
    if (this.refuses) throw new Problem("memory_full");
    this.streams++;
  }
}

/** The query of `GET /messages` with these parameters. */
function query(parameters: Record<string, string | number>): PageQuery {
  return readPageQuery({ get: (name) => parameters[name]?.toString() }, "");
}

/** Returns the problem that the attempt throws; undefined if it succeeds. */
async function problemOf(attempt: () => unknown): Promise<Problem | undefined> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  return undefined;
}

async function codeOf(attempt: () => unknown): Promise<ProblemCode | undefined> {
  return (await problemOf(attempt))?.code;
}
