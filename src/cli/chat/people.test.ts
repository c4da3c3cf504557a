import { expect, test } from "bun:test";
import type { Presence } from "../../client/index.ts";
import type { Plain } from "../plain.ts";
import { HOSTILE } from "../../../test-support/client/hostile-server.ts";
import { People } from "./people.ts";

const STYLE = { coloured: (_: string, text: Plain) => text, dim: (text: Plain) => text };

function presence(names: string[], more = 0): Presence {
  const people = names.map((name) => ({ name, status: "online" as const }));
  return { observers: names.length + more + 1, people, more, created: "1" };
}

function updates(people: People, ...lists: Presence[]): string[][] {
  return lists.map((list) => people.update(list).map(({ text }) => text));
}

test("says who is here at first, then who joined and left, without the user", () => {
  const people = new People(STYLE);
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
  expect(updates(new People(STYLE), presence([]))).toEqual([[]]);
});

test("who is typing, until they have written", () => {
  const people = new People(STYLE);
  people.own("Ann");
  const typing = (...names: string[]): Presence => {
    const list = presence(names);
    return { ...list, people: list.people.map((person) => ({ ...person, status: "typing" })) };
  };
  people.update(presence(["Bob"]));
  expect(people.typing).toBeUndefined();
  people.update(typing("Ann", "Bob", "Eve"));
  expect(people.typing?.text).toBe("Bob and Eve are typing…");
  people.wrote("Eve");
  expect(people.typing?.text).toBe("Bob is typing…");
  people.update(typing("Eve"));
  expect(people.typing?.text).toBe("Eve is typing…");
});

test("names a few of many", () => {
  const people = new People(STYLE);
  const [[first] = []] = updates(people, presence(["a", "b", "c", "d", "e"], 3));
  expect(first).toBe("a, b, c and 5 others here");
  expect(people.all().text).toBe("a, b, c, d, e, 3 more, 1 without a name");
});

test("names control nothing", () => {
  const people = new People(STYLE);
  const [[line = ""] = []] = updates(people, presence([HOSTILE]));
  expect(line + people.all().text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
