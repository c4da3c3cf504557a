import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Arena } from "./arena.ts";
import { Directory } from "./directory.ts";
import { Stream } from "./stream.ts";

function stream(name: string, secret = false): Stream {
  return new Stream(name, { private: secret, ttl: 10, owner: undefined }, new Arena(Infinity), 1, 0, 0);
}

function names(directory: Directory, limit = 1000, prefix = ""): string[] {
  return directory.list(limit, prefix, 0).map(({ name }) => name);
}

describe("the directory", () => {
  test("finds streams by name, private ones too", () => {
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

  test("names that objects have by nature are names like others", () => {
    const directory = new Directory();
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(directory.get(name)).toBeUndefined();
      directory.add(stream(name));
    }
    expect(names(directory)).toEqual(["toString", "constructor", "__proto__"]);
  });

  test("lists the public streams as a sorted array would, whatever happens", () => {
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
          for (const { kind, name: which, secret } of steps) {
            const known = directory.get(which);
            if (kind === "add" && known === undefined) {
              const added = stream(which, secret);
              directory.add(added);
              model.unshift(added);
            } else if (kind === "touch" && known !== undefined) {
              directory.touch(known);
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
});
