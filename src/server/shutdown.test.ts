import { describe, expect, test } from "bun:test";
import { SocketClient } from "../../test-support/clients.ts";
import { ManualClock } from "../../test-support/clock.ts";
import { problemOf, TestServer } from "../../test-support/server.ts";
import { Problem } from "../protocol/problem.ts";
import { Shutdown } from "./shutdown.ts";

/** When each of the listeners left, and when it was asked to come back, in milliseconds since the beginning. */
function announce(count: number, step = 20) {
  const clock = new ManualClock();
  const shutdown = new Shutdown(clock);
  const began = clock.monotonic();
  const times: { index: number; left: number; back: number }[] = [];
  const gone = new Set<number>();
  const leavers = Array.from({ length: count }, (_, index) => ({
    isBehind: false,
    leave(comeBack: number) {
      if (gone.has(index)) return;
      gone.add(index);
      const left = clock.monotonic() - began;
      times.push({ index, left, back: left + comeBack });
    },
  }));
  shutdown.begin(() => leavers);
  while (!shutdown.isAnnounced) {
    clock.advance(step);
    shutdown.onTimer();
  }
  return { shutdown, clock, times, took: clock.monotonic() - began };
}

describe("listeners", () => {
  test("that are few leave at once", () => {
    expect(announce(0).took).toBe(0);
    expect(announce(1).took).toBe(0);
    expect(announce(100).took).toBe(0);
  });

  test("that are many leave one after the other, in random order, and come back after the end at different times", () => {
    for (const [count, duration] of [
      [1000, 1000],
      [20_000, 8000],
    ] as const) {
      const { times, took } = announce(count);
      expect(took).toBe(duration);
      expect(times).toHaveLength(count);
      // In every tenth of the time leaves a tenth of them.
      for (let tenth = 0; tenth < 10; tenth++) {
        const begin = (tenth * duration) / 10;
        const leaving = times.filter(({ left }) => left >= begin && left < begin + duration / 10);
        expect(leaving.length / count).toBeCloseTo(0.1, 1);
      }
      expect(times.map(({ index }) => index)).not.toEqual(times.map((_, i) => i));
      expect(Math.min(...times.map(({ back }) => back))).toBeGreaterThanOrEqual(duration + 1000);
      const returns = new Set(times.map(({ back }) => Math.floor(back / (duration / 10))));
      expect(returns.size).toBeGreaterThanOrEqual(10);
    }
  });
});

test("nothing is accepted once it has begun, and Retry-After is after the end", () => {
  const clock = new ManualClock();
  const shutdown = new Shutdown(clock);
  shutdown.check();
  shutdown.begin(() => Array.from({ length: 5000 }, () => ({ isBehind: false, leave() {} })));
  const delays = new Set<number>();
  for (let i = 0; i < 200; i++) {
    try {
      shutdown.check();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      expect(error.code).toBe("shutting_down");
      delays.add(error.retryAfter ?? 0);
    }
  }
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(6);
  expect(Math.max(...delays)).toBeLessThanOrEqual(11);
  expect(delays.size).toBeGreaterThan(3);
});

test("requests have 10 s to end", () => {
  const { shutdown, clock } = announce(1);
  clock.advance(9990);
  expect(shutdown.isDue).toBe(false);
  clock.advance(10);
  expect(shutdown.isDue).toBe(true);
});

test("a request that became a listener after the beginning leaves at the end", () => {
  const clock = new ManualClock();
  const shutdown = new Shutdown(clock);
  let left = 0;
  const leavers = Array.from({ length: 200 }, () => ({ isBehind: false, leave() {} }));
  shutdown.begin(() => leavers);
  leavers.push({ isBehind: false, leave: () => left++ });
  for (let i = 0; i < 3; i++) {
    clock.advance(100);
    shutdown.onTimer();
  }
  expect(left).toBeGreaterThan(0);
});

test("a listener that is behind leaves when it has caught up, or late in the notice, and does not delay the others", () => {
  const clock = new ManualClock();
  const shutdown = new Shutdown(clock);
  const began = clock.monotonic();
  const left: [name: string, time: number][] = [];
  const listening = ["live", "reading", "stalled"].map((name) => ({
    isBehind: name !== "live",
    leave() {
      left.push([name, clock.monotonic() - began]);
      listening.splice(listening.indexOf(this), 1);
    },
  }));
  const [, reading] = listening;
  shutdown.begin(() => [...listening]);
  expect(shutdown.isAnnounced).toBe(true);
  for (let time = 100; time <= 10_000; time += 100) {
    clock.advance(100);
    if (reading !== undefined) reading.isBehind = time < 2000;
    shutdown.onTimer();
  }
  expect(left).toEqual([
    ["live", 0],
    ["reading", 2000],
    ["stalled", 9000],
  ]);
});

test("while listeners leave, messages are rejected over HTTP and WebSocket", async () => {
  const clock = new ManualClock();
  const server = new TestServer({ clock });
  const sockets = await Promise.all(Array.from({ length: 101 }, () => SocketClient.open(server.url, "foo")));
  const stopped = server.stop();
  for (const path of ["/messages?stream=foo&text=late", "/ready"]) {
    const late = await fetch(server.url + path, { method: path === "/ready" ? "GET" : "POST" });
    expect(late.headers.get("retry-after")).toMatch(/^[0-9]+$/);
    expect(await problemOf(late)).toMatchObject({ status: 503, code: "shutting_down" });
  }
  expect(await sockets[0]?.ask({ Type: "message", Text: "late" })).toMatchObject({ Code: "shutting_down" });
  expect(await sockets[0]?.ask({ Type: "ping" })).toMatchObject({ Type: "ack" });
  expect(
    (await server.hub.page("foo", { kind: "newest", order: "newest first", limit: 1 })).messages,
  ).toEqual([]);
  clock.advance(1000);
  for (const socket of sockets) expect((await socket.closed).code).toBe(4000);
  await stopped;
});
