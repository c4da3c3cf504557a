import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Reader } from "../../test-support/readers.ts";
import {
  MAX_CHANGES,
  MAX_NAMES,
  MAX_SEALED_PERSON,
  type Status,
  type WirePerson,
} from "../protocol/presence.ts";
import { PresenceList } from "./presence.ts";

const person = (Name: string, Status: Status = "online"): WirePerson => ({ Name, Status });
const gone = (Name: string) => ({ Name, Status: "offline" as const });

/** A list with these people, already announced. */
function setUp(...names: string[]) {
  const people = new PresenceList();
  const readers = names.map((name) => {
    const reader = new Reader();
    people.set(reader, person(name));
    return reader;
  });
  people.takeChanges();
  return { people, readers };
}

describe("the list", () => {
  test("has the people with connections, in order of arrival", () => {
    const { people, readers } = setUp("Ada", "Bob", "Cleo");
    const [ada, bob] = readers;
    if (ada === undefined || bob === undefined) throw new Error("they are there");
    expect(people.list(10)).toEqual({ People: [person("Ada"), person("Bob"), person("Cleo")], More: 0 });
    people.set(ada, person("Ada", "away"));
    people.set(bob);
    people.set(bob, person("Bob"));
    expect(people.list(2)).toEqual({ People: [person("Ada", "away"), person("Cleo")], More: 1 });
  });

  test("shows connections of one name as one person with the most active status", () => {
    const people = new PresenceList();
    const [phone, desk, couch] = [new Reader(), new Reader(), new Reader()];
    const said: [Reader, Status | undefined, Status | "offline"][] = [
      [phone, "away", "away"],
      [desk, "online", "online"],
      [couch, "typing", "typing"],
      [desk, "typing", "typing"],
      [couch, undefined, "typing"],
      [desk, "online", "online"],
      [desk, "away", "away"],
      [phone, undefined, "away"],
      [desk, undefined, "offline"],
    ];
    for (const [reader, status, shown] of said) {
      people.set(reader, status === undefined ? undefined : person("Ada", status));
      const { People: here } = people.list(10);
      expect(here).toEqual(shown === "offline" ? [] : [person("Ada", shown)]);
    }
  });

  test("takes any name", () => {
    const { people } = setUp("__proto__", "constructor");
    expect(people.list(10).People).toEqual([person("__proto__"), person("constructor")]);
  });
});

describe("changes", () => {
  test("are returned once, as the current status", () => {
    const { people, readers } = setUp("Ada", "Bob");
    const [ada, bob] = readers;
    if (ada === undefined || bob === undefined) throw new Error("they are there");
    expect(people.changed).toBe(false);
    people.set(ada, person("Ada", "typing"));
    people.set(ada, person("Ada", "away"));
    people.set(bob, person("Rob"));
    expect(people.changed).toBe(true);
    expect(people.takeChanges()).toEqual({ People: [person("Ada", "away"), person("Rob"), gone("Bob")] });
    expect(people.changed).toBe(false);
    expect(people.takeChanges()).toEqual({});
  });

  test("that were undone are not returned", () => {
    const { people, readers } = setUp("Ada");
    const [ada] = readers;
    if (ada === undefined) throw new Error("she is there");
    const passer = new Reader();
    people.set(passer, person("Passer-by"));
    people.set(passer);
    people.set(ada, person("Ada", "typing"));
    people.set(ada, person("Ada"));
    people.set(ada);
    people.set(ada, person("Ada"));
    expect(people.changed).toBe(false);
  });

  test("include a person who joined and left if the list was fetched in between", () => {
    const { people } = setUp("Ada");
    const passer = new Reader();
    people.set(passer, person("Passer-by"));
    expect(people.list(10).People).toContainEqual(person("Passer-by"));
    people.set(passer);
    expect(people.takeChanges()).toEqual({ People: [gone("Passer-by")] });
    people.set(passer, person("Passer-by"));
    people.set(passer);
    expect(people.changed).toBe(false);
  });

  test("beyond the limit of an event are counted", () => {
    const people = new PresenceList();
    const readers = Array.from({ length: 10_000 }, () => new Reader());
    for (const [i, reader] of readers.entries()) people.set(reader, person(`n${i}`));
    const { People: changes = [], More } = people.takeChanges();
    expect(changes).toEqual(Array.from({ length: MAX_CHANGES }, (_, i) => person(`n${i}`)));
    expect(More).toBe(10_000 - MAX_CHANGES);
    for (const reader of readers) people.set(reader);
    expect(people.takeChanges()).toMatchObject({ More: 10_000 - MAX_CHANGES });
    expect(people.list(10)).toEqual({ People: [], More: 0 });
  });

  test("beyond the limit of an event are counted even if the others were undone", () => {
    const people = new PresenceList();
    const first = Array.from({ length: MAX_CHANGES }, () => new Reader());
    for (const [i, reader] of first.entries()) people.set(reader, person(`n${i}`));
    people.set(new Reader(), person("last"));
    for (const reader of first) people.set(reader);
    expect(people.changed).toBe(true);
    expect(people.takeChanges()).toEqual({ More: 1 });
  });
});

test("a snapshot and the later changes always add up to the current list", () => {
  const statuses = [undefined, "typing", "online", "away"] as const;
  const step = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        reader: fc.nat(99),
        name: fc.nat({ max: 90 }),
        status: fc.constantFrom(...statuses),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom("fetch" as const, "announce" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: "max" }), (steps) => {
      const people = new PresenceList();
      const readers = Array.from({ length: 100 }, () => new Reader());
      /** What each connection shows: the reference. */
      const said = new Map<Reader, WirePerson>();
      /** What each client that fetched a snapshot knows. */
      const clients: Map<string, string>[] = [new Map<string, string>()];
      for (const action of [...steps, "announce" as const]) {
        if (action === "fetch") {
          clients.push(fetchList(people));
        } else if (action === "announce") {
          const { People: changes = [], More = 0 } = people.takeChanges();
          expect(changes.length).toBeLessThanOrEqual(MAX_CHANGES);
          for (const [i, list] of clients.entries()) {
            for (const { Name, Status } of changes) {
              if (Status === "offline") list.delete(Name);
              else list.set(Name, Status);
            }
            const now = More > 0 ? fetchList(people) : list;
            clients[i] = now;
            expect(Object.fromEntries(now)).toEqual(expectedList(said));
          }
        } else {
          const reader = readers[action.reader] ?? new Reader();
          const shown = action.status && person(`n${action.name}`, action.status);
          people.set(reader, shown);
          if (shown === undefined) said.delete(reader);
          else said.set(reader, shown);
        }
      }
    }),
  );
});

function fetchList(people: PresenceList): Map<string, string> {
  const { People: here, More } = people.list(1000);
  expect(More).toBe(0);
  return new Map(here.map(({ Name, Status }) => [Name, Status]));
}

function expectedList(said: ReadonlyMap<Reader, WirePerson>): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const liveliest of ["away", "online", "typing"] as const) {
    for (const { Name, Status } of said.values()) if (Status === liveliest) shown[Name] = Status;
  }
  return shown;
}

describe("long names", () => {
  const names = Array.from({ length: 100 }, (_, i) => `~1.${`${i}`.padStart(MAX_SEALED_PERSON - 3, "A")}`);
  const lengthOf = (people: readonly { Name: string }[] = []) =>
    people.reduce((sum, { Name }) => sum + Name.length, 0);

  test("fill the list and the changes up to a length, and further ones are counted", () => {
    const { people } = setUp();
    for (const name of names) people.set(new Reader(), person(name));
    const { People, More } = people.list(256);
    expect([People.length + More, People.length]).toEqual([
      100,
      Math.floor(MAX_NAMES.list / MAX_SEALED_PERSON),
    ]);
    expect(lengthOf(People)).toBeLessThanOrEqual(MAX_NAMES.list);
    const changes = people.takeChanges();
    expect((changes.People?.length ?? 0) + (changes.More ?? 0)).toBe(100);
    expect(lengthOf(changes.People)).toBeLessThanOrEqual(MAX_NAMES.event);
    expect(people.takeChanges()).toEqual({});
  });

  test("leave room again when a change is taken back", () => {
    const { people } = setUp();
    const reader = new Reader();
    for (const name of names) {
      people.set(reader, person(name));
      people.set(reader);
    }
    expect(people.takeChanges()).toEqual({});
    people.set(reader, person("~1.AA"));
    expect(people.takeChanges()).toEqual({ People: [person("~1.AA")] });
  });
});
