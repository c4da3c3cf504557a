import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Problem } from "../../protocol/problem.ts";
import { RecentRefs } from "./recent-refs.ts";

test("a ref belongs to its stream and is remembered with its text for two minutes", () => {
  const refs = new RecentRefs();
  refs.remember("foo", "ref", "hello", 7, 1000);
  expect(refs.find("foo", "ref", "hello", 1000)).toBe(7);
  expect(refs.find("foo", "ref", "hello", 120_999)).toBe(7);
  expect(refs.find("bar", "ref", "other", 1000)).toBeUndefined();
  expect(refs.find("foo", "ref2", "other", 1000)).toBeUndefined();
  expect(refs.find("foo", "ref", "hello", 121_000)).toBeUndefined();
  refs.remember("foo", "ref", "another", 8, 121_000);
  expect(refs.find("foo", "ref", "another", 121_000)).toBe(8);
});

test("a ref with any other text is rejected", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, other) => {
      const refs = new RecentRefs();
      refs.remember("foo", "ref", text, 7, 0);
      const find = () => refs.find("foo", "ref", other, 0);
      if (other === text) expect(find()).toBe(7);
      else expect(find).toThrow(new Problem("ref_reused"));
    }),
    {
      examples: [
        ["hello", "hellp"],
        ["ab", "ba"],
        ["a", "a "],
        ["\u00e9", "e\u0301"],
      ],
    },
  );
});

test("remembers exactly the newest 65,536 refs", () => {
  const refs = new RecentRefs();
  const count = 200_000;
  for (let i = 0; i < count; i++) refs.remember("foo", `ref${i}`, "x", i, 0);
  const first = count - 65_536;
  for (let i = 0; i < count; i++) {
    const found = refs.find("foo", `ref${i}`, "x", 0);
    if (found !== (i < first ? undefined : i)) throw new Error(`${i} is ${found}`);
  }
  expect(refs.find("foo", `ref${count - 1}`, "x", 120_000)).toBeUndefined();
  // Works again after all have expired.
  refs.remember("foo", "ref", "x", 1, 120_000);
  expect(refs.find("foo", "ref", "x", 120_000)).toBe(1);
});
