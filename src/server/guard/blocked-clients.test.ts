import { expect, test } from "bun:test";
import { ManualClock } from "../../../test-support/clock.ts";
import { testLimits } from "../../../test-support/limits.ts";
import { accepts, FLAGS } from "../../../test-support/packet-filter.ts";
import { parseAddress, parseNetwork } from "../../protocol/address.ts";
import { Clients } from "../limits/clients.ts";
import { ServerLog } from "../log.ts";
import { BlockedClients } from "./blocked-clients.ts";

const ATTACKER = "203.0.113.9";
const PROXY = "198.51.100.1";

/** Refused connections until a client is blocked. */
const TOO_MANY = 101;

function setUp({ works = true } = {}) {
  const clock = new ManualClock();
  const logged: string[] = [];
  const log = new ServerLog((line) => logged.push(line), clock);
  const limits = testLimits({ trustProxies: [parseNetwork(PROXY) ?? []].flat() });
  const clients = new Clients({ limits, clock, log });
  const counters = { blocked: 0 };
  const programs: (Uint8Array | undefined)[] = [];
  const calls = { set: 0, refresh: 0 };
  const filter = {
    set(next: Uint8Array | undefined) {
      calls.set++;
      programs.push(next);
      return works;
    },
    refresh: () => void calls.refresh++,
  };
  const blocked = new BlockedClients({ filter, clock, log, counters });
  const refuse = (peer: string, times = TOO_MANY, headers: Record<string, string> = {}) => {
    for (let i = 0; i < times; i++)
      blocked.refused(clients.of({ headers: new Headers(headers) }, peer), peer);
  };
  const isBlocked = (text: string) => {
    const program = programs.at(-1);
    return program !== undefined && !accepts(program, { source: parseAddress(text) ?? [], flags: FLAGS.SYN });
  };
  const pass = (milliseconds: number) => {
    clock.advance(milliseconds);
    blocked.onTimer();
  };
  return {
    blocked,
    calls,
    counters,
    isBlocked,
    logged,
    pass,
    refuse,
    hasFilter: () => programs.at(-1) !== undefined,
  };
}

test("blocks a client that goes on connecting for two seconds, and nobody else", () => {
  const { counters, hasFilter, isBlocked, logged, pass, refuse } = setUp();
  refuse(ATTACKER, 100);
  expect(hasFilter()).toBe(false);
  refuse(ATTACKER, 1000);
  expect(isBlocked(ATTACKER)).toBe(true);
  expect(isBlocked("203.0.113.8")).toBe(false);
  pass(1999);
  expect(isBlocked(ATTACKER)).toBe(true);
  pass(1);
  expect(hasFilter()).toBe(false);
  expect(counters.blocked).toBe(1);
  expect(logged).toHaveLength(1);
  expect(logged[0]).not.toContain(ATTACKER);
});

test("a client that is refused a hundred times a second is not blocked", () => {
  const { hasFilter, pass, refuse } = setUp();
  for (let i = 0; i < 1000; i++) {
    refuse(ATTACKER, 1);
    pass(10);
  }
  expect(hasFilter()).toBe(false);
});

test("an IPv6 client is blocked by its /64, and an IPv4-mapped one as IPv4", () => {
  const { isBlocked, refuse } = setUp();
  refuse("2001:db8::1:0:0:1");
  refuse(`::ffff:${ATTACKER}`);
  expect(isBlocked("2001:db8::9")).toBe(true);
  expect(isBlocked("2001:db8:0:1::1")).toBe(false);
  expect(isBlocked(ATTACKER)).toBe(true);
});

test("the block of a client that goes on is twice as long each time, up to 16 s, until it waits for a minute", () => {
  const { counters, isBlocked, pass, refuse } = setUp();
  const durations = [2000, 4000, 8000, 16_000, 16_000];
  for (const duration of durations) {
    refuse(ATTACKER);
    pass(duration - 1);
    expect(isBlocked(ATTACKER)).toBe(true);
    pass(1);
    expect(isBlocked(ATTACKER)).toBe(false);
  }
  pass(60_000);
  refuse(ATTACKER);
  pass(2000);
  expect(isBlocked(ATTACKER)).toBe(false);
  expect(counters.blocked).toBe(durations.length + 1);
});

test("proxies, their clients and this machine are never blocked", () => {
  const { calls, refuse } = setUp();
  refuse(PROXY);
  refuse(PROXY, TOO_MANY, { "x-forwarded-for": ATTACKER });
  refuse(PROXY, TOO_MANY, { forwarded: `for=${ATTACKER}` });
  // A proxy that the operator does not trust, or all connections through a container's network.
  refuse("172.17.0.1");
  refuse("172.17.0.1", TOO_MANY, { "x-forwarded-for": ATTACKER });
  refuse("127.0.0.1");
  refuse("127.0.0.1", TOO_MANY, { "x-forwarded-for": ATTACKER });
  refuse("::1");
  refuse("");
  expect(calls.set).toBe(0);
});

test("what a client's own connections claim does not matter", () => {
  const { isBlocked, refuse } = setUp();
  refuse(ATTACKER, TOO_MANY, { "x-forwarded-for": "203.0.113.8" });
  expect(isBlocked(ATTACKER)).toBe(true);
  expect(isBlocked("203.0.113.8")).toBe(false);
});

test("at most 32 clients are blocked; one that no longer is makes room for another", () => {
  const { counters, isBlocked, pass, refuse } = setUp();
  refuse("203.0.113.0");
  pass(1000);
  for (let i = 1; i < 40; i++) refuse(`203.0.113.${i}`);
  expect(counters.blocked).toBe(32);
  expect(isBlocked("203.0.113.31")).toBe(true);
  expect(isBlocked("203.0.113.32")).toBe(false);
  pass(1000);
  refuse("203.0.113.40");
  expect(isBlocked("203.0.113.40")).toBe(true);
  expect(isBlocked("203.0.113.0")).toBe(false);
});

test("other listening sockets get the filter that the earlier ones have", () => {
  const { blocked, calls, refuse } = setUp();
  blocked.refresh();
  expect(calls).toEqual({ set: 0, refresh: 1 });
  refuse(ATTACKER);
  blocked.refresh();
  expect(calls).toEqual({ set: 2, refresh: 2 });
});

test("where the system refuses, it is asked once", () => {
  const { calls, logged, refuse } = setUp({ works: false });
  refuse(ATTACKER, 1000);
  refuse("203.0.113.8", 1000);
  expect(calls.set).toBe(1);
  expect(logged).toHaveLength(1);
});
