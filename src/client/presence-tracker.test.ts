import { expect, test } from "bun:test";
import { PresenceTracker, type Presence } from "./presence-tracker.ts";
import type { PersonChange, PresenceEvent } from "./stream-event.ts";

const settled = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

function list(created: string, ...names: string[]): Presence {
  const people = names.map((name) => ({ name, status: "online" as const }));
  return { created, observers: names.length, people, more: 0 };
}

function event(created: string, observers: number, change?: PersonChange, more = 0): PresenceEvent {
  return { type: "presence", created, observers, people: change ? [change] : [], more };
}

/** A tracker whose lists arrive when the test says so. */
function setUp() {
  const fetches: PromiseWithResolvers<Presence>[] = [];
  const told: Presence[] = [];
  const tracker = new PresenceTracker(
    () => {
      const fetching = Promise.withResolvers<Presence>();
      fetches.push(fetching);
      return fetching.promise;
    },
    (presence) => told.push(presence),
  );
  const names = () => told.at(-1)?.people.map(({ name, status }) => `${name} ${status}`);
  return { tracker, fetches, told, names };
}

test("a list that arrives late does not undo later events", async () => {
  const { tracker, fetches, names } = setUp();
  tracker.refresh();
  tracker.take(event("0900", 1, { name: "Zoe", status: "online" }));
  tracker.take(event("2000", 2, { name: "Ada", status: "offline" }));
  tracker.take(event("3000", 3, { name: "Bob", status: "away" }));
  fetches[0]?.resolve(list("1000", "Ada", "Cleo"));
  await settled();
  // The list includes the first event: Zoe has left since.
  expect(names()).toEqual(["Cleo online", "Bob away"]);
});

test("each change is reported with the whole list", async () => {
  const { tracker, fetches, told, names } = setUp();
  tracker.refresh();
  fetches[0]?.resolve(list("1000", "Ada"));
  await settled();
  tracker.take(event("1000", 7, { name: "old", status: "online" }));
  tracker.take(event("2000", 2, { name: "Bob", status: "typing" }));
  expect(names()).toEqual(["Ada online", "Bob typing"]);
  expect(told.at(-1)).toMatchObject({ observers: 2, created: "2000" });
});

test("the list is fetched again after an incomplete event, and after a failed fetch", async () => {
  const { tracker, fetches, told, names } = setUp();
  tracker.refresh();
  fetches[0]?.resolve(list("1000", "Ada"));
  await settled();
  tracker.take(event("2000", 99, undefined, 35));
  tracker.take(event("3000", 98, { name: "Ada", status: "offline" }));
  fetches[1]?.resolve(list("2500", "Ada", "Bob"));
  await settled();
  expect(names()).toEqual(["Bob online"]);
  tracker.refresh();
  const before = told.length;
  fetches[2]?.reject(new Error("away"));
  while (fetches.length < 4) await settled();
  fetches[3]?.resolve(list("4000", "Cleo"));
  await settled();
  expect(told.length).toBe(before + 1);
  expect(names()).toEqual(["Cleo online"]);
});

test("a list requested before a reconnection is ignored", async () => {
  const { tracker, fetches, names } = setUp();
  tracker.refresh();
  tracker.refresh();
  fetches[1]?.resolve(list("2000", "Bob"));
  fetches[0]?.resolve(list("9000", "Ada"));
  await settled();
  expect(names()).toEqual(["Bob online"]);
  tracker.stop();
});
