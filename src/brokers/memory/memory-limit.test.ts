// What the memory limit promises: what it calls free can be used, by whatever comes, and each payer has its share.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManualClock } from "../../../test-support/clock.ts";
import type { Payer } from "../../core/broker.ts";
import { IdGenerator } from "../../core/id-generator.ts";
import { checkMessage } from "../../protocol/checked-message.ts";
import { MAX_MESSAGES } from "../../protocol/limits.ts";
import { Problem, type ProblemCode } from "../../protocol/problem.ts";
import { checkTextOf } from "../../protocol/text.ts";
import { MemoryBroker } from "./broker.ts";

const MEGABYTE = 1024 ** 2;
const EMOJI = "\u{1f600}".repeat(1024);
const LONGEST_NAME = "\u{1f600}".repeat(32);

/** Returns an envelope of this many characters. */
const envelope = (length: number) => `~1.${"A".repeat(length - 3)}`;

function setUp(maxMemory: number) {
  const clock = new ManualClock();
  const broker = new MemoryBroker({ ttl: 1024, maxMemory }, new IdGenerator(clock, "test"), clock);
  return {
    clock,
    broker,
    publish: (stream: string, text: string, payer?: Payer, name?: string) =>
      codeOf(() => {
        const checked = text.startsWith("~1.") ? checkTextOf("~", text) : checkMessage("foo", text, name);
        return broker.publish(stream, checked, undefined, payer);
      }),
    pass: (seconds: number) => {
      clock.advance(seconds * 1000);
      while (broker.onTimer());
    },
  };
}

function codeOf(attempt: () => unknown): ProblemCode | undefined {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
  return undefined;
}

function payerOf(key: string): Payer {
  return { key, admitStream() {} };
}

/** Publishes messages of 100 characters, a hundred to a stream, until memory is full. Returns how many were accepted. */
function fillUp(publish: (stream: string, text: string) => ProblemCode | undefined): number {
  const text = "x".repeat(100);
  for (let i = 0; ; i++) if (publish(`fill${Math.floor(i / 100)}`, text) !== undefined) return i;
}

describe("free memory", () => {
  test("is usable after short-lived streams of long messages died between long-lived ones", async () => {
    const { broker, publish, pass } = setUp(32 * MEGABYTE);
    const fresh = setUp(32 * MEGABYTE);
    const honest = fillUp(fresh.publish);
    for (let i = 0; i < 128; i++) {
      await broker.create({ name: `long${i}`, private: false, ttl: 604_800 });
      await broker.create({ name: `short${i}`, private: false, ttl: 6 });
      publish(`long${i}`, EMOJI);
      for (let j = 0; j < 31; j++) publish(`short${i}`, EMOJI);
    }
    pass(7);
    // The long-lived streams take about 2% of the memory.
    expect(fillUp(publish)).toBeGreaterThan(honest * 0.95);
  }, 60_000);

  test("is usable after any history", async () => {
    const limit = 2 * MEGABYTE;
    const stream = fc.record({
      ttl: fc.constantFrom(2, 5, 604_800),
      text: fc.constantFrom("x", "é".repeat(100), "x".repeat(220), "x".repeat(1000), EMOJI, envelope(6400)),
      name: fc.constantFrom(undefined, undefined, "Ada", LONGEST_NAME),
      count: fc.integer({ min: 1, max: 40 }),
    });
    const step = fc.oneof(
      { weight: 10, arbitrary: stream },
      { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 4 }) }) },
    );
    const each = fc.constantFrom(
      "x",
      "x".repeat(100),
      "x".repeat(500),
      "x".repeat(1000),
      EMOJI,
      envelope(8192),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), each, async (steps, text) => {
        const { broker, publish, pass } = setUp(limit);
        let streams = 0;
        for (const one of steps) {
          if ("pass" in one) {
            pass(one.pass);
            continue;
          }
          const name = `s${streams++}`;
          await broker.create({ name, private: false, ttl: one.ttl }).catch(() => {});
          for (let i = 0; i < one.count; i++) publish(name, one.text, undefined, one.name);
        }
        pass(5);
        for (let i = 0; publish(`fill${Math.floor(i / 30)}`, text) === undefined; i++);
        // Not even the largest segment fits: all that was free is used.
        expect(limit - broker.memory.used).toBeLessThan(3 * (text.length > 4096 ? 8448 : 4224));
        expect(broker.memory.used).toBeLessThanOrEqual(limit);
        expect(broker.memory.resident).toBeLessThanOrEqual(limit + 7 * 264 * 1024);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("is given back by streams that died, while others go on", async () => {
    const { broker, publish, pass } = setUp(32 * MEGABYTE);
    for (let i = 0; i < 1000; i++) {
      await broker.create({ name: `s${i}`, private: false, ttl: i % 50 === 0 ? 604_800 : 6 });
      for (let j = 0; j < 6; j++) publish(`s${i}`, EMOJI);
    }
    expect(broker.memory.resident).toBeGreaterThan(24 * MEGABYTE);
    pass(7);
    expect(broker.memory.resident).toBeLessThan(4 * MEGABYTE);
    expect(await broker.list(1000, "")).toHaveLength(20);
    for (const { name } of await broker.list(1000, "")) {
      const { messages } = broker.page(name, { kind: "newest", order: "oldest first", limit: 10 });
      expect(messages.map(({ text }) => text)).toEqual(Array.from({ length: 6 }, () => EMOJI));
    }
  });
});

describe("a full stream", () => {
  test("takes messages that replace old ones while memory is full, and nothing that needs more", () => {
    const { broker, publish } = setUp(4 * MEGABYTE);
    for (const name of ["tiny", "mixed"])
      for (let i = 0; i < MAX_MESSAGES; i++)
        publish(name, name === "tiny" ? `${i}` : "x".repeat(i % 512 || 1));
    fillUp(publish);
    for (let i = 0; publish(`rest${i}`, "x") === undefined; i++);
    expect(publish("another", "x")).toBe("memory_full");
    for (let i = 0; i < 3 * MAX_MESSAGES; i++) {
      expect(publish("tiny", `${i}`)).toBeUndefined();
      expect(publish("mixed", "x".repeat(i % 512 || 1))).toBeUndefined();
    }
    // A message that is rejected evicts nothing.
    let accepted = 0;
    while (publish("tiny", EMOJI) === undefined) accepted++;
    expect(accepted).toBeLessThan(10);
    const page = () => broker.page("tiny", { kind: "newest", order: "oldest first", limit: MAX_MESSAGES });
    const before = page().json;
    expect(publish("tiny", EMOJI)).toBe("memory_full");
    expect(page().json).toBe(before);
    expect(page().messages).toHaveLength(MAX_MESSAGES);
    expect(broker.memory.used).toBeLessThanOrEqual(4 * MEGABYTE);
  });

  test("takes messages of the size that it has, whatever that is", () => {
    for (const size of [1, 50, 100, 300, 1024]) {
      for (const first of [size, 1, 300]) {
        const { publish } = setUp(5 * MEGABYTE);
        publish("room", "x".repeat(first));
        for (let i = 1; i < MAX_MESSAGES; i++) publish("room", "x".repeat(size));
        fillUp(publish);
        for (let i = 0; publish(`rest${i}`, "x") === undefined; i++);
        for (let i = 0; i < 3 * MAX_MESSAGES; i++) expect(publish("room", "x".repeat(size))).toBeUndefined();
      }
    }
  }, 60_000);

  test("takes envelopes of the size that it has, whatever that is", () => {
    for (const size of [600, 1620, 4196, 4200, 4204, 4208, 6400, 8192]) {
      const { publish } = setUp(12 * MEGABYTE);
      for (let i = 0; i < MAX_MESSAGES; i++) expect(publish("room", envelope(size))).toBeUndefined();
      fillUp(publish);
      for (let i = 0; publish(`rest${i}`, "x") === undefined; i++);
      for (let i = 0; i < 2 * MAX_MESSAGES; i++) expect(publish("room", envelope(size))).toBeUndefined();
    }
  });

  test("takes named messages of the size that it has, also the longest ones with the longest names", () => {
    for (const [text, name] of [
      ["x", "A"],
      ["x", LONGEST_NAME],
      ["x".repeat(1000), "Ada"],
      [EMOJI, "A"],
      [EMOJI, LONGEST_NAME],
    ] as const) {
      const { broker, publish } = setUp(12 * MEGABYTE);
      const send = () => publish("room", text, undefined, name);
      for (let i = 0; i < MAX_MESSAGES; i++) expect(send()).toBeUndefined();
      fillUp(publish);
      for (let i = 0; publish(`rest${i}`, "x") === undefined; i++);
      for (let i = 0; i < 2 * MAX_MESSAGES; i++) expect(send()).toBeUndefined();
      expect(broker.memory.used).toBeLessThanOrEqual(12 * MEGABYTE);
      const { messages } = broker.page("room", {
        kind: "newest",
        order: "oldest first",
        limit: MAX_MESSAGES,
      });
      expect(messages).toHaveLength(MAX_MESSAGES);
      for (const message of messages) expect([message.text, message.name]).toEqual([text, name]);
    }
  });

  test("takes them from a new payer, and from one that is over its share", () => {
    const { publish } = setUp(4 * MEGABYTE);
    const greedy = payerOf("192.0.2.1");
    for (let i = 0; i < MAX_MESSAGES; i++) publish("room", "x".repeat(100));
    let i = 0;
    for (; publish(`greedy${i}`, "x".repeat(1000), greedy) === undefined; i++);
    expect(publish(`greedy${i}`, EMOJI, greedy)).toBe("quota_exceeded");
    for (let j = 0; j < 100; j++) expect(publish("room", "x".repeat(100), greedy)).toBeUndefined();
    fillUp(publish);
    for (let j = 0; publish(`rest${j}`, "x") === undefined; j++);
    for (let j = 0; j < 2 * MAX_MESSAGES; j++) {
      expect(publish("room", "x".repeat(100), payerOf("192.0.2.2"))).toBeUndefined();
      expect(publish("room", "x".repeat(100), greedy)).toBeUndefined();
    }
  });
});

describe("payers", () => {
  test("hold at most what is free: alone half, each of n one part of n + 1", () => {
    for (const count of [1, 3]) {
      const limit = 8 * MEGABYTE;
      const { broker, publish } = setUp(limit);
      const payers = Array.from({ length: count }, (_, i) => payerOf(`192.0.2.${i}`));
      const full = new Set<Payer>();
      for (let i = 0; full.size < count; i++) {
        for (const [j, one] of payers.entries()) {
          const code = publish(`s${j}-${i}`, "x".repeat(900), one);
          if (code !== undefined) full.add(one);
          expect(code ?? "quota_exceeded").toBe("quota_exceeded");
        }
      }
      for (const { key } of payers)
        expect(Math.abs(broker.memory.heldBy(key) - limit / (count + 1))).toBeLessThan(32 * 1024);
      expect(publish("newcomer", EMOJI, payerOf("198.51.100.1"))).toBeUndefined();
      expect(publish("exempt", EMOJI)).toBeUndefined();
    }
  });

  test("are credited when their messages are evicted or die, whoever's stream it is", () => {
    const { broker, publish, pass } = setUp(8 * MEGABYTE);
    const [one, other] = [payerOf("192.0.2.1"), payerOf("192.0.2.2")];
    for (let i = 0; i < 500; i++) publish("shared", "x".repeat(100), i % 2 === 0 ? one : other);
    publish("own", "x", other);
    const held = broker.memory.heldBy(other.key);
    expect(held).toBeGreaterThan(250 * 100);
    expect(Math.abs(held - broker.memory.heldBy(one.key))).toBeLessThan(8192);
    for (let i = 0; i < 2000; i++) publish("shared", "x".repeat(100), one);
    expect(broker.memory.heldBy(other.key)).toBeLessThan(2000);
    expect(broker.memory.payers).toBe(2);
    pass(1100);
    expect(broker.memory).toMatchObject({ used: 0, payers: 0 });
  });

  test("pay for a message that evicts the last one they had", () => {
    const { broker, publish, pass } = setUp(8 * MEGABYTE);
    const one = payerOf("192.0.2.1");
    publish("room", "first");
    // Each of these has a segment of its own.
    publish("room", EMOJI, one);
    for (let i = 2; i < MAX_MESSAGES; i++) publish("room", EMOJI);
    publish("room", EMOJI);
    expect(publish("room", EMOJI, one)).toBeUndefined();
    expect(broker.memory.payers).toBe(1);
    expect(broker.memory.heldBy(one.key)).toBeGreaterThan(4096);
    pass(1100);
    expect(broker.memory).toMatchObject({ used: 0, payers: 0 });
  });

  test("count what they create, and no stream that is rejected", async () => {
    const { broker, publish } = setUp(MEGABYTE);
    const one = payerOf("192.0.2.1");
    let created = 0;
    const create = () => broker.create({ name: undefined, private: true, ttl: undefined, payer: one });
    const isCreated = () =>
      create().then(
        () => true,
        (error: unknown) => {
          expect(error).toEqual(new Problem("quota_exceeded"));
          return false;
        },
      );
    while (await isCreated()) created++;
    expect(created).toBeGreaterThan(500);
    expect(created).toBeLessThan(1200);
    const held = broker.memory.heldBy(one.key);
    expect(publish("another", "x", one)).toBe("quota_exceeded");
    const refused: Payer = {
      key: "192.0.2.2",
      admitStream() {
        throw new Problem("rate_limited");
      },
    };
    expect(publish("another", "x", refused)).toBe("rate_limited");
    expect(broker.memory.heldBy(refused.key)).toBe(0);
    expect(broker.memory.heldBy(one.key)).toBe(held);
  });
});
