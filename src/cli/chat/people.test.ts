import { expect, test } from "bun:test";
import type { Presence } from "../../client/index.ts";
import { HOSTILE } from "../../../test-support/client/hostile-server.ts";
import { People } from "./people.ts";

function presence(names: string[], more = 0): Presence {
  const people = names.map((name) => ({ name, status: "online" as const }));
  return { observers: names.length + more + 1, people, more, created: "1" };
}

function updates(people: People, ...lists: Presence[]): string[][] {
  return lists.map((list) => people.update(list).map(({ text }) => text));
}

test("says who is here at first, then who joined and left, without the user", () => {
  const people = new People((_, text) => text);
  people.own("Ann");
  expect(
    updates(
      people,
      presence(["Ann", "Bob"]),
      presence(["Bob", "Eve", "Ann"]),
      presence(["Ann"]),
      presence([]),
    ),
  ).toEqual([["Bob here"], ["Eve joined"], ["Bob and Eve left"], []]);
  expect(updates(new People((_, text) => text), presence([]))).toEqual([[]]);
});

test("names a few of many", () => {
  const people = new People((_, text) => text);
  const [[first] = []] = updates(people, presence(["a", "b", "c", "d", "e"], 3));
  expect(first).toBe("a, b, c and 5 others here");
  expect(people.all().text).toBe("a, b, c, d, e, 3 more, 1 without a name");
});

test("names control nothing", () => {
  const people = new People((_, text) => text);
  const [[line = ""] = []] = updates(people, presence([HOSTILE]));
  expect(line + people.all().text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
