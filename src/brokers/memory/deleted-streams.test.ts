import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { DeletedStreams } from "./deleted-streams.ts";

const MAX_STREAMS = 65_536;

test("remembers the newest message of each name, however often it is deleted", () => {
  const deletion = fc.record({ name: fc.nat(5), newest: fc.integer({ min: 1, max: 1000 }) });
  fc.assert(
    fc.property(fc.array(deletion), (deletions) => {
      const deleted = new DeletedStreams(0);
      const newest = [0, 0, 0, 0, 0, 0];
      for (const one of deletions) {
        deleted.add(`s${one.name}`, one.newest);
        newest[one.name] = Math.max(newest[one.name] ?? 0, one.newest);
      }
      expect(newest.map((_, i) => deleted.deletedUpTo(`s${i}`))).toEqual(newest);
    }),
  );
});

test("knows nothing of streams before its start", () => {
  const deleted = new DeletedStreams(100);
  deleted.add("foo", 200);
  expect(deleted.deletedUpTo("foo")).toBe(200);
  expect(deleted.deletedUpTo("bar")).toBe(100);
});

test("deletions of other streams do not affect a stream while all are remembered", () => {
  const deleted = new DeletedStreams(100);
  for (let i = 0; i < MAX_STREAMS; i++) deleted.add(`s${i}`, 1000 + i);
  expect(deleted.deletedUpTo("quiet")).toBe(100);
});

test("a forgotten stream may have been deleted up to the newest message of all forgotten ones", () => {
  const deleted = new DeletedStreams(100);
  deleted.add("foo", 5000);
  deleted.add("bar", 2000);
  for (let i = 0; i < MAX_STREAMS; i++) deleted.add(`s${i}`, 6000 + i);
  expect(deleted.deletedUpTo("foo")).toBe(5000);
  expect(deleted.deletedUpTo("bar")).toBe(5000);
  expect(deleted.deletedUpTo("s0")).toBe(6000);
});
