import { expect, test } from "bun:test";
import { Message } from "../../core/message.ts";
import { Page } from "../../core/page.ts";
import { Arena } from "./arena.ts";
import { ByteBudget, UNLIMITED } from "./budget.ts";
import { PageCache, type NewestQuery } from "./page-cache.ts";
import { Stream } from "./stream.ts";

const query: NewestQuery = { kind: "newest", order: "oldest first", limit: 25 };

function newStream(name: string): Stream {
  const store = { arena: new Arena(Infinity), budget: new ByteBudget(Infinity) };
  return new Stream(name, { private: false, ttl: 10, owner: undefined }, store, UNLIMITED, 1, 0, 0);
}

function pageOf(text: string): Page {
  return new Page(
    Array.from({ length: 25 }, (_, i) => new Message("foo", `${i}`, i, "test", text)),
    25,
  );
}

/** Caches a page of each of 300 streams and returns how many still are. */
function cached(text: string): number {
  const cache = new PageCache();
  const streams = Array.from({ length: 300 }, (_, i) => newStream(`s${i}`));
  for (const stream of streams) cache.set(stream, query, pageOf(text));
  const kept = streams.map((stream) => cache.get(stream, query) !== undefined);
  const count = kept.filter(Boolean).length;
  // Those that were read last.
  expect(kept.slice(-count).every(Boolean)).toBe(true);
  return count;
}

test("keeps 256 pages of short messages, and 8 MB of long ones", () => {
  expect(cached("x".repeat(100))).toBe(256);
  const long = cached("\u{1f600}".repeat(1024));
  expect(long).toBeGreaterThan(15);
  // A page has three copies of 25 texts of 4 kB.
  expect(long * 25 * 3 * 4096).toBeLessThanOrEqual(8 * 1024 * 1024);
});

test("keeps no page of a deleted stream", () => {
  const cache = new PageCache();
  const stream = newStream("foo");
  cache.set(stream, query, pageOf("hello"));
  cache.delete(stream);
  expect(cache.get(stream, query)).toBeUndefined();
});
