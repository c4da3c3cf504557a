import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_ENVELOPE } from "../../protocol/envelope.ts";
import { Problem } from "../../protocol/problem.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { testLimits } from "../../../test-support/limits.ts";
import { LivePeers } from "../guard/live-peers.ts";
import type { ServerLimits } from "../http/request-context.ts";
import { ClientTable } from "./client-table.ts";
import { Client, type ClientContext } from "./client.ts";
import { Quota } from "./quota.ts";
import { ratesOf } from "./rates.ts";

const RATES = { rateLimit: 10, byteRate: 1024 ** 2, streamRate: 60 };

function contextOf(clock: ManualClock, options: Partial<ServerLimits> = {}): ClientContext {
  const limits = testLimits({ ...RATES, ...options });
  return {
    clock,
    rates: ratesOf(limits),
    connections: new Quota("connections", limits.maxConnections),
    subscriptions: new Quota("subscriptions", limits.maxSubscriptions),
    live: new LivePeers(),
    maxConnectionsPerClient: limits.maxConnectionsPerClient,
    maxSubscriptionsPerClient: limits.maxSubscriptionsPerClient,
  };
}

/** The problem that a call throws; undefined if it throws none. */
function refused(call: () => unknown): Problem | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  return undefined;
}

/** How often a call succeeds in a row, at most `most` times. */
function successes(call: () => unknown, most = 10_000): number {
  for (let count = 0; count < most; count++) if (refused(call) !== undefined) return count;
  return most;
}

describe("connections and subscriptions", () => {
  test("have a limit per client, and can be opened again", () => {
    const context = contextOf(new ManualClock(), {
      maxConnectionsPerClient: 2,
      maxSubscriptionsPerClient: 3,
    });
    const client = new Client("a", context);
    client.openConnection();
    expect(successes(() => client.openConnection())).toBe(1);
    expect(successes(() => client.openSubscription())).toBe(3);
    expect(refused(() => client.openConnection())).toMatchObject({
      code: "too_many_connections",
      status: 429,
    });
    expect(refused(() => client.openSubscription())).toMatchObject({
      code: "too_many_subscriptions",
      status: 429,
    });
    expect(client.isOpen).toBe(true);
    // Another one is not affected.
    const other = new Client("b", context);
    expect(successes(() => other.openConnection())).toBe(2);
    client.closeConnection();
    expect(successes(() => client.openConnection())).toBe(1);
  });

  test("have a total, also for the exempt client", () => {
    const context = contextOf(new ManualClock(), {
      maxConnections: 4,
      maxSubscriptions: 5,
      maxConnectionsPerClient: 3,
    });
    const exempt = new Client("loopback", context, { exempt: true });
    const client = new Client("a", context);
    expect(successes(() => client.openConnection())).toBe(2);
    expect(successes(() => exempt.openConnection())).toBe(2);
    expect(refused(() => exempt.openConnection())).toMatchObject({ code: "too_busy", status: 503 });
    expect(refused(() => new Client("b", context).openConnection())?.code).toBe("too_busy");
    expect(successes(() => exempt.openSubscription())).toBe(5);
    expect(refused(() => exempt.openSubscription())?.retryAfter).toBeGreaterThan(0);
    exempt.closeConnection();
    // A listener needs both: without the subscription, the connection is not counted either.
    expect(refused(() => exempt.openListener())?.code).toBe("too_busy");
    expect(successes(() => exempt.openConnection())).toBe(1);
  });

  test("are shared, so that greedy clients leave room for newcomers", () => {
    const context = contextOf(new ManualClock(), { maxConnections: 100, maxSubscriptions: 1000 });
    const clients = Array.from({ length: 9 }, (_, index) => new Client(`greedy ${index}`, context));
    const held = { connections: 0, subscriptions: 0 };
    // In turns, as if they attacked together.
    for (let turn = 0; turn < 1000; turn++) {
      for (const client of clients) {
        held.connections += successes(() => client.openConnection(), 1);
        held.subscriptions += successes(() => client.openSubscription(), 1);
      }
    }
    expect(held).toEqual({ connections: 90, subscriptions: 900 });
    expect(refused(() => clients[0]?.openConnection())).toMatchObject({ code: "too_busy", status: 503 });
    const newcomer = new Client("newcomer", context);
    expect(successes(() => newcomer.openConnection())).toBe(5);
    expect(successes(() => newcomer.openSubscription())).toBe(50);
  });
});

describe("messages", () => {
  test("to listed streams have a burst of 100, then 10 per second", () => {
    const clock = new ManualClock();
    const client = new Client("a", contextOf(clock));
    const publish = () => client.admitMessage("foo", { text: "text" });
    expect(successes(publish)).toBe(100);
    expect(refused(publish)).toMatchObject({ code: "rate_limited", status: 429, retryAfter: 1 });
    clock.advance(1000);
    expect(successes(publish)).toBe(10);
    clock.advance(60_000);
    expect(successes(publish)).toBe(100);
  });

  test("to unlisted streams have a rate of bytes", () => {
    const clock = new ManualClock();
    const client = new Client("a", contextOf(clock));
    const longest = "😀".repeat(1024);
    expect(successes(() => client.admitMessage(".private", { text: longest }))).toBe(4096);
    expect(refused(() => client.admitMessage("~sealed", { text: "x" }))?.code).toBe("rate_limited");
    clock.advance(1000);
    expect(successes(() => client.admitMessage("~sealed", { text: longest }))).toBe(256);
    // Listed streams have their own rate.
    expect(successes(() => client.admitMessage("foo", { text: "x" }))).toBe(100);
    // Short ones cost 256 bytes.
    clock.advance(1000);
    expect(successes(() => client.admitMessage(".private", { text: "x" }))).toBe(4096);
  });

  test("have no rate for the exempt client, and none at all with --rate-limit 0", () => {
    const clock = new ManualClock();
    const free = [
      new Client("loopback", contextOf(clock), { exempt: true }),
      new Client("a", contextOf(clock, { rateLimit: 0 })),
    ];
    for (const client of free) {
      expect(successes(() => client.admitMessage("foo", { text: "x" }), 20_000)).toBe(20_000);
      expect(successes(() => client.admitMessage(".foo", { text: "x".repeat(1024) }), 20_000)).toBe(20_000);
      expect(successes(() => client.admitStream(), 1000)).toBe(1000);
      expect(successes(() => client.admitFrame())).toBe(10_000);
      expect(client.chargeMessage("foo", { text: "x" }, 1)).toBe(0);
      client.chargeMalformed();
      expect(client.chargeRefusal(1_000_000)).toBe(true);
    }
    expect(free.map(({ payer }) => payer?.key)).toEqual([undefined, "a"]);
  });

  test("over WebSocket are ahead by at most 256, then refused until half of that is paid", () => {
    const clock = new ManualClock();
    const client = new Client("a", contextOf(clock));
    const delays: number[] = [];
    const publish = () => delays.push(client.chargeMessage("foo", { text: "x" }, 1));
    expect(successes(publish)).toBe(356);
    expect(delays.slice(0, 100).every((delay) => delay === 0)).toBe(true);
    expect(delays[100]).toBeCloseTo(100, 6);
    expect(delays.at(-1)).toBeCloseTo(25_600, 6);
    expect(refused(publish)).toMatchObject({ code: "rate_limited", retryAfter: 13 });
    // HTTP has to wait for all of it, and another WebSocket that is not ahead may send.
    expect(refused(() => client.admitMessage("foo", { text: "x" }))?.retryAfter).toBe(26);
    expect(successes(() => client.chargeMessage("foo", { text: "x" }, 2))).toBe(256);
    clock.advance(25_600 + 13_000);
    expect(successes(publish)).toBe(130);
  });

  test("bytes over WebSocket are ahead by at most 256 of the longest messages", () => {
    const clock = new ManualClock();
    const client = new Client("a", contextOf(clock));
    const longest = "x".repeat(MAX_ENVELOPE);
    expect(successes(() => client.chargeMessage("~sealed", { text: longest }, 1))).toBe(2048 + 256);
    expect(refused(() => client.chargeMessage(".private", { text: "x" }, 1))?.retryAfter).toBe(2);
  });

  test("malformed requests cost several, up to a bound", () => {
    const clock = new ManualClock();
    const client = new Client("a", contextOf(clock));
    for (let i = 0; i < 10; i++) client.chargeMalformed();
    expect(successes(() => client.admitMessage("foo", { text: "x" }))).toBe(50);
    for (let i = 0; i < 10_000; i++) client.chargeMalformed();
    expect(refused(() => client.admitMessage("foo", { text: "x" }))?.retryAfter).toBeLessThanOrEqual(26);
  });
});

test("new streams have a burst of 60, then 60 per minute", () => {
  const clock = new ManualClock();
  const client = new Client("a", contextOf(clock));
  expect(successes(() => client.admitStream())).toBe(60);
  expect(refused(() => client.admitStream())).toMatchObject({ code: "rate_limited", retryAfter: 1 });
  clock.advance(10_000);
  expect(successes(() => client.admitStream())).toBe(10);
});

test("frames have a burst of 2048, and refused ones close the WebSocket in the end", () => {
  const clock = new ManualClock();
  const client = new Client("a", contextOf(clock));
  expect(successes(() => client.admitFrame())).toBe(2048);
  let refusals = 0;
  while (client.chargeRefusal(10)) refusals++;
  expect(refusals).toBe(102);
  clock.advance(60_000);
  expect(client.chargeRefusal(10)).toBe(true);
});

describe("a full table", () => {
  /** Publishes from a client of the table, as a server does. */
  function publish(table: ClientTable, key: string): boolean {
    const client = table.get(key) ?? table.add(key, { mayForward: false });
    return refused(() => client.admitMessage("foo", { text: "x" })) === undefined;
  }

  test("hands out no fresh bursts: all prefixes together send what its clients may", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.record({ prefix: fc.nat(40), pause: fc.constantFrom(0, 0, 0, 50, 500) }), {
          minLength: 500,
          maxLength: 3000,
        }),
        (capacity, requests) => {
          const clock = new ManualClock();
          const table = new ClientTable(capacity, contextOf(clock, { rateLimit: 1 }));
          const begin = clock.monotonic();
          let admitted = 0;
          for (const { prefix, pause } of requests) {
            clock.advance(pause);
            if (publish(table, `p${prefix}`)) admitted++;
          }
          const seconds = (clock.monotonic() - begin) / 1000;
          expect(admitted).toBeLessThanOrEqual(capacity * (10 + seconds));
          expect(table.size).toBeLessThanOrEqual(capacity);
        },
      ),
      { numRuns: 30 },
    );
  }, 60_000);

  test("flooding it with other prefixes does not reset a client's rate", () => {
    const clock = new ManualClock();
    const table = new ClientTable(100, contextOf(clock));
    let admitted = 0;
    // Ten times as many prefixes as it has slots, and more messages than their bursts together.
    for (let round = 0; round < 100; round++)
      for (let i = 0; i < 1000; i++) if (publish(table, `p${i}`)) admitted++;
    expect(admitted).toBe(100 * 100);
  }, 60_000);

  test("finds a client by other texts, a bounded number of them, until it is forgotten", () => {
    const table = new ClientTable(2, contextOf(new ManualClock()));
    const a = table.add("a", { mayForward: false });
    for (let i = 0; i < 10_000; i++) table.addAlias(`alias ${i}`, a);
    expect(table.get("alias 9999")).toBe(a);
    expect(table.get("alias 0")).toBeUndefined();
    table.addAlias("x".repeat(100), a);
    expect(table.get("x".repeat(100))).toBeUndefined();
    for (const key of ["b", "c", "d", "e"]) table.add(key, { mayForward: false });
    expect(table.get("alias 9999")).toBeUndefined();
  });

  test("forgets one that was not seen for long, and none that has something open", () => {
    const context = contextOf(new ManualClock());
    const table = new ClientTable(3, context);
    for (const key of ["a", "b", "c"]) table.add(key, { mayForward: false });
    const open = table.get("a");
    open?.openConnection();
    table.add("d", { mayForward: false });
    expect(["a", "b", "c", "d"].map((key) => table.get(key)?.key)).toEqual(["a", undefined, "c", "d"]);
    for (let i = 0; i < 10; i++) table.add(`e${i}`, { mayForward: false });
    expect(table.get("a")?.isOpen).toBe(true);
    open?.closeConnection();
    for (let i = 0; i < 10; i++) table.add(`f${i}`, { mayForward: false });
    expect(table.get("a")).toBeUndefined();
    expect(table.size).toBe(3);
  });
});
