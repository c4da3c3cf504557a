import { expect, test } from "bun:test";
import { inOrder } from "./presence-list.ts";

test("people are the user, those who are here, and those who are away, each by name", () => {
  const people = [
    { name: "Zoe", status: "typing" },
    { name: "Bob", status: "away" },
    { name: "Me", status: "away" },
    { name: "ada", status: "online" },
    { name: "Alf", status: "away" },
  ] as const;
  expect(inOrder(people, "Me").map(({ name }) => name)).toEqual(["Me", "ada", "Zoe", "Alf", "Bob"]);
});
