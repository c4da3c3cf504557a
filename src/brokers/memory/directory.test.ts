import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arena } from "./arena.ts";
import { ByteBudget } from "./budget.ts";
import { Directory } from "./directory.ts";
import { Stream } from "./stream.ts";

function stream(name: string, secret = false, created = 1): Stream {
  const store = { arena: new Arena(Infinity), budget: new ByteBudget(Infinity) };
  return new Stream(name, { private: secret, ttl: 10, owner: undefined }, store, 0, created, 0, 0);
}

/** As if a message came. */
function touch(directory: Directory, touched: Stream, updated: number): void {
  touched.updated = updated;
  directory.touch(touched);
}

function names(directory: Directory, limit = 1000, prefix = ""): string[] {
  return directory.list(limit, prefix, 0).map(({ name }) => name);
}

describe("directory", () => {
  test("finds public and private streams by name", () => {
    const directory = new Directory();
    const [open, secret] = [stream("open"), stream("secret", true)];
    directory.add(open);
    directory.add(secret);
    expect(directory.get("open")).toBe(open);
    expect(directory.get("secret")).toBe(secret);
    expect(directory.get("absent")).toBeUndefined();
    expect(directory.size).toBe(2);
    directory.delete(secret);
    expect(directory.get("secret")).toBeUndefined();
    expect(directory.size).toBe(1);
  });

  test("accepts the names of an object's own properties", () => {
    const directory = new Directory();
    for (const [i, name] of ["__proto__", "constructor", "toString"].entries()) {
      expect(directory.get(name)).toBeUndefined();
      directory.add(stream(name, false, i + 1));
    }
    expect(names(directory)).toEqual(["toString", "constructor", "__proto__"]);
  });

  test("lists public streams like a sorted array", () => {
    const name = fc.constantFrom("a", "ab", "abc", "b", "ba", "c");
    const step = fc.record({
      kind: fc.constantFrom("add", "touch", "touch", "delete"),
      name,
      secret: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.nat(7),
        fc.constantFrom("", "a", "ab", "c", "z"),
        (steps, limit, prefix) => {
          const directory = new Directory();
          let model: Stream[] = [];
          for (const [i, { kind, name: which, secret }] of steps.entries()) {
            const known = directory.get(which);
            if (kind === "add" && known === undefined) {
              const added = stream(which, secret, i + 1);
              directory.add(added);
              model.unshift(added);
            } else if (kind === "touch" && known !== undefined) {
              touch(directory, known, i + 1);
              model = [known, ...model.filter((other) => other !== known)];
            } else if (kind === "delete" && known !== undefined) {
              directory.delete(known);
              model = model.filter((other) => other !== known);
            }
            expect(directory.size).toBe(model.length);
          }
          const listed = model.filter((known) => !known.options.private && known.name.startsWith(prefix));
          expect(directory.list(limit, prefix, 0)).toEqual(listed.slice(0, limit));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("finds a few old streams without reading the names of all", () => {
    const directory = new Directory();
    let reads = 0;
    for (let i = 0; i < 50_000; i++) {
      const added = stream(i < 3 ? `old-${i}` : `new-${i}`, false, i + 1);
      const { name } = added;
      Object.defineProperty(added, "name", { get: () => (reads++, name) });
      directory.add(added);
    }
    reads = 0;
    expect(names(directory, 10, "old")).toEqual(["old-2", "old-1", "old-0"]);
    expect(names(directory, 10, "older")).toEqual([]);
    expect(names(directory, 2, "new-49999")).toEqual(["new-49999"]);
    expect(reads).toBeLessThan(5000);
  });

  test("lists streams like a sorted array when there are too many for one bucket", () => {
    const random = randomNumbers(42);
    const directory = new Directory();
    const streams: Stream[] = [];
    let updated = 0;
    for (let i = 0; i < 20_000; i++) {
      const name = i % 2 === 0 ? `room-${i}` : `a-very-long-prefix-that-many-share-${i}`;
      const added = stream(name, i % 50 === 0, ++updated);
      directory.add(added);
      streams.push(added);
    }
    for (let i = 0; i < 20_000; i++) {
      const touched = streams[random(streams.length)];
      if (touched !== undefined) touch(directory, touched, ++updated);
    }
    for (let i = 0; i < 15_000; i++) {
      const [deleted] = streams.splice(random(streams.length), 1);
      if (deleted !== undefined) directory.delete(deleted);
    }
    const sorted = streams
      .filter(({ options }) => !options.private)
      .toSorted((one, other) => other.updated - one.updated);
    for (const prefix of [
      "",
      "r",
      "room-1",
      "room-12",
      "room-19998",
      "a-very-long-prefix",
      "a-very-x",
      "b",
    ]) {
      const expected = sorted.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name);
      expect(names(directory, 1000, prefix)).toEqual(expected.slice(0, 1000));
      expect(names(directory, 20_000, prefix)).toEqual(expected);
    }
    for (const left of streams) directory.delete(left);
    expect(names(directory)).toEqual([]);
  });

  test("keeps nothing of what many streams needed once few are left", () => {
    const directory = new Directory();
    const prefix = "x".repeat(59);
    const streams = Array.from({ length: 20_000 }, (_, i) => stream(`${prefix}${10_000 + i}`, false, i));
    for (const added of streams) directory.add(added);
    const many = branches(directory);
    expect(many).toBeGreaterThan(60);
    for (const deleted of streams.splice(0, streams.length - 14)) directory.delete(deleted);
    expect(branches(directory)).toBe(1);
    expect(names(directory, 20, prefix)).toEqual(streams.map(({ name }) => name).toReversed());
    expect(names(directory, 20, `${prefix}29999`)).toEqual([`${prefix}29999`]);
  });
});

/** Counts the branches of the prefix index. */
function branches(directory: Directory): number {
  const count = (node: unknown): number =>
    node instanceof Map ? 1 + [...node.values()].reduce((sum: number, child) => sum + count(child), 0) : 0;
  return count(Reflect.get(Reflect.get(directory, "listed") as object, "root"));
}

/** A small generator of numbers below a limit, the same in each run (Numerical Recipes §7.1). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
