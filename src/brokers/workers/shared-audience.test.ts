import { expect, test } from "bun:test";
import { ManualClock } from "../../../test-support/clock.ts";
import { LinkedWorkers } from "../../../test-support/linked-broker.ts";
import { Reader } from "../../../test-support/readers.ts";
import { Hub } from "../../core/hub.ts";
import { IdGenerator } from "../../core/id-generator.ts";
import type { WirePerson } from "../../protocol/presence.ts";
import { checkText } from "../../protocol/text.ts";
import { MemoryBroker } from "../memory/broker.ts";

const ada: WirePerson = { Name: "Ada", Status: "online" };
const bob: WirePerson = { Name: "Bob", Status: "typing" };

function setUp() {
  const clock = new ManualClock();
  const memory = new MemoryBroker({ ttl: 1000, maxMemory: 1024 ** 2 }, new IdGenerator(clock, "main"), clock);
  const workers = new LinkedWorkers(memory, clock);
  const open = () => {
    const { broker, kill } = workers.open();
    const hub = new Hub(broker, new IdGenerator(clock, "worker"), clock, (flush) => setImmediate(flush));
    return { hub, kill };
  };
  return { clock, workers, open };
}

/** Resolves when the listener has received an event, and returns the newest of that name. */
async function told(reader: Reader, name: "connect" | "close" | "presence" | "welcome") {
  for (;;) {
    const found = name === "welcome" ? reader.welcomes.length > 0 : reader.events(name).at(-1);
    if (found !== undefined && found !== false) return found;
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Subscribes, and resolves when welcomed. */
async function listen(hub: Hub, person?: WirePerson): Promise<Reader> {
  const reader = new Reader();
  hub.subscribe("foo", reader, undefined, person);
  await told(reader, "welcome");
  return reader;
}

test("listeners in different workers are told of each other, and listed together", async () => {
  const { clock, open, workers } = setUp();
  const [one, other] = [open(), open()];
  const first = await listen(one.hub, ada);
  expect(await told(first, "connect")).toMatchObject({ Observers: 1, People: [ada] });
  clock.advance(1000);
  const second = await listen(other.hub, bob);
  expect(await told(second, "connect")).toMatchObject({ Observers: 2, People: [bob] });
  while (first.events("connect").length < 2) await turn();
  // The same event for all.
  expect(first.events("connect").at(-1)).toEqual(second.events("connect").at(-1));

  for (const { hub } of [one, other]) {
    expect(await hub.presence("foo")).toMatchObject({ Observers: 2, People: [ada, bob], More: 0 });
    await hub.publish("foo", checkText("hello"));
    expect(await hub.list(10, "")).toMatchObject([{ name: "foo", observers: 2 }]);
  }

  // Within the same second, the change is announced by the timer.
  second.setPerson({ ...bob, Status: "away" });
  clock.advance(1000);
  while (first.events("presence").length === 0) {
    workers.links.onTimer();
    await turn();
  }
  expect(first.events("presence")[0]).toMatchObject({ People: [{ Name: "Bob", Status: "away" }] });
});

test("listeners of a worker that dies have left", async () => {
  const { clock, open, workers } = setUp();
  const [one, other] = [open(), open()];
  const first = await listen(one.hub, ada);
  await listen(other.hub, bob);
  await listen(other.hub);
  expect(await one.hub.presence("foo")).toMatchObject({ Observers: 3 });
  clock.advance(1000);
  workers.links.onTimer();
  clock.advance(1000);
  other.kill();
  expect(await told(first, "close")).toMatchObject({
    Observers: 1,
    People: [{ Name: "Bob", Status: "offline" }],
  });
  expect(await one.hub.presence("foo")).toMatchObject({ Observers: 1, People: [ada] });
});

test("nothing is kept of a stream whose last listener has left", async () => {
  const { open, workers } = setUp();
  const { hub } = open();
  const reader = await listen(hub, ada);
  expect(workers.links.listenedStreams).toBe(1);
  reader.unsubscribe();
  expect(await hub.presence("foo")).toMatchObject({ Observers: 0, People: [] });
  expect(workers.links.listenedStreams).toBe(0);
});
