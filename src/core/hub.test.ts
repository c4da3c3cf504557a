import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManualClock } from "../../test-support/clock.ts";
import { Reader, Turns } from "../../test-support/readers.ts";
import { MemoryBroker } from "../brokers/memory/broker.ts";
import { formatNanoseconds } from "../protocol/cursor.ts";
import { checkText } from "../protocol/text.ts";
import { Hub } from "./hub.ts";
import { IdGenerator } from "./id-generator.ts";

function setUp(ttl = 1024) {
  const clock = new ManualClock();
  const ids = new IdGenerator(clock, "test");
  const broker = new MemoryBroker({ ttl, maxMemory: 1024 ** 3 }, ids, clock);
  const turns = new Turns();
  const hub = new Hub(broker, ids, clock, turns.schedule);
  return {
    clock,
    hub,
    turns,
    publish: (stream: string, text: string) => broker.publish(stream, checkText(text)),
    join: (stream: string, cursor?: number) => {
      const reader = new Reader();
      hub.subscribe(stream, reader, cursor);
      return reader;
    },
    pass: (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        clock.advance(1000);
        hub.onTimer();
        turns.end();
      }
    },
  };
}

describe("the hub", () => {
  test("delivers each stream's messages to its own readers", () => {
    const { turns, publish, join } = setUp();
    const [foo, bar] = [join("foo"), join("bar")];
    publish("foo", "1");
    publish("bar", "2");
    publish("baz", "3");
    publish("foo", "4");
    turns.end();
    expect(foo.texts).toEqual(["1", "4"]);
    expect(bar.texts).toEqual(["2"]);
  });

  test("schedules one flush, however many streams have messages", () => {
    const { hub, publish, join } = setUp();
    let asked = 0;
    const clock = new ManualClock();
    const ids = new IdGenerator(clock, "test");
    const broker = new MemoryBroker({ ttl: 10, maxMemory: 1024 ** 2 }, ids, clock);
    const counting = new Hub(broker, ids, clock, () => asked++);
    for (const stream of ["a", "b", "c"]) counting.subscribe(stream, new Reader());
    for (let i = 0; i < 30; i++) broker.publish("abc".charAt(i % 3), checkText("x"));
    expect(asked).toBe(1);
    // None without listeners.
    join("foo").unsubscribe();
    publish("foo", "x");
    expect(hub.observers("foo")).toBe(0);
  });

  test("lets the broker work for a part of each turn, in one chain of turns", () => {
    const clock = new ManualClock();
    const ids = new IdGenerator(clock, "test");
    const broker = new MemoryBroker({ ttl: 10, maxMemory: 1024 ** 2 }, ids, clock);
    const turns = new Turns();
    const hub = new Hub(broker, ids, clock, turns.schedule);
    const worked: number[] = [];
    let left = 5;
    broker.onTimer = () => {
      worked.push(--left);
      return left > 0;
    };
    hub.onTimer();
    hub.onTimer();
    expect(worked).toEqual([4]);
    turns.end();
    expect(worked).toEqual([4, 3]);
    for (let i = 0; i < 10; i++) turns.end();
    expect(worked).toEqual([4, 3, 2, 1, 0]);
  });

  test("delivers a message as it is stored", async () => {
    const { hub, turns, join } = setUp();
    const reader = join("foo");
    const message = await hub.publish("foo", checkText(`"quoted"\n`));
    turns.end();
    expect(reader.given.at(-1)).toEqual({
      Id: message.id,
      Text: `"quoted"\n`,
      Type: "message",
      Created: formatNanoseconds(message.created),
      Stream: "foo",
      Metadata: null,
    });
  });

  test("does not create a stream for a listener", async () => {
    const { hub, turns, join } = setUp();
    join("foo");
    join("bar", 0);
    turns.end();
    expect(await hub.list(10, "")).toEqual([]);
    expect(hub.observers("foo")).toBe(1);
  });

  test("lists the number of listeners", async () => {
    const { hub, publish, join } = setUp();
    publish("bar", "x");
    publish("foo", "x");
    join("foo");
    join("foo").unsubscribe();
    join("foo", 0);
    expect((await hub.list(10, "")).map(({ name, observers }) => [name, observers])).toEqual([
      ["foo", 2],
      ["bar", 0],
    ]);
  });
});

describe("stream events", () => {
  test("arrive after the messages before them", () => {
    const { clock, hub, turns, publish, join } = setUp(100);
    const reader = join("foo");
    publish("foo", "a");
    turns.end();
    clock.advance(80_000);
    hub.onTimer();
    turns.end();
    clock.advance(20_000);
    hub.onTimer();
    turns.end();
    publish("foo", "new life");
    turns.end();
    expect(reader.given.map(({ Text }) => Text)).toEqual(["connect", "a", "expiring", "ended", "new life"]);
    expect(reader.events("expiring")).toMatchObject([{ Stream: "foo", Seconds: 20, Metadata: null }]);
    expect(reader.events("ended")).toMatchObject([{ Reason: "idle" }]);
  });

  test("report that the owner ended the stream, in the order in which it happened", async () => {
    const { hub, turns, join } = setUp();
    const { owner } = await hub.create({ name: "foo", private: false, ttl: undefined });
    const reader = join("foo");
    await hub.publish("foo", checkText("a"));
    await hub.end("foo", owner);
    await hub.publish("foo", checkText("b"));
    turns.end();
    expect(reader.given.map(({ Text }) => Text)).toEqual(["connect", "a", "ended", "b"]);
    expect(reader.events("ended")).toMatchObject([{ Reason: "owner" }]);
  });

  test("have their own id and time, and no cursor", () => {
    const { turns, publish, join, pass } = setUp(10);
    const reader = join("foo");
    publish("foo", "x");
    turns.end();
    pass(12);
    const entries = reader.batches.flatMap((batch) => batch.entries);
    expect(entries.filter(({ created }) => created > 0)).toHaveLength(1);
    const { given } = reader;
    expect(new Set(given.map(({ Id }) => Id)).size).toBe(given.length);
    expect(new Set(given.map(({ Created }) => Created)).size).toBe(given.length);
    for (const event of reader.events("connect", "close", "gap", "expiring", "ended"))
      expect(event).toMatchObject({ Type: "event", Stream: "foo", Metadata: null });
  });

  test("begin with the gap for a reader who resumes on a recreated stream", () => {
    const { turns, publish, join, pass } = setUp(10);
    const old = publish("foo", "old");
    publish("foo", "lost");
    pass(12);
    const recreated = publish("foo", "new");
    const reader = join("foo", old.created);
    turns.end();
    expect(reader.given.map(({ Text }) => Text).slice(0, 2)).toEqual(["gap", "new"]);
    expect(reader.events("gap")).toMatchObject([
      { From: formatNanoseconds(old.created), To: formatNanoseconds(recreated.created) },
    ]);
    expect(reader.batches[0]?.entries[0]).toMatchObject({ created: 0 });
  });

  test("report a gap before all kept messages for a cursor in the future", () => {
    const { clock, turns, publish, join } = setUp();
    publish("foo", "a");
    const future = clock.wall() + 1e9;
    const reader = join("foo", future);
    publish("foo", "b");
    turns.end();
    expect(reader.gaps.map(({ from }) => from)).toEqual([0]);
    expect(reader.texts).toEqual(["a", "b"]);
  });
});

describe("the people of a stream", () => {
  const ada = { Name: "Ada", Status: "online" } as const;

  test("are announced with the number of listeners, in one event a second", () => {
    const { clock, hub, turns } = setUp();
    const witness = new Reader();
    hub.subscribe("foo", witness);
    const readers = Array.from({ length: 100 }, () => new Reader());
    for (const [i, reader] of readers.entries()) {
      hub.subscribe("foo", reader, undefined, { Name: `n${i}`, Status: "online" });
    }
    readers[0]?.setPerson({ Name: "n0", Status: "typing" });
    clock.advance(1000);
    hub.onTimer();
    turns.end();
    for (const reader of readers) reader.setPerson();
    hub.onTimer();
    turns.end();
    clock.advance(1000);
    hub.onTimer();
    turns.end();
    const [first, connect, presence, ...others] = witness.events("connect", "close", "presence");
    expect(others).toEqual([]);
    expect(first).not.toHaveProperty("People");
    expect(connect).toMatchObject({ Text: "connect", Observers: 101, More: 36 });
    expect(connect?.People).toHaveLength(64);
    expect(connect?.People?.[0]).toEqual({ Name: "n0", Status: "typing" });
    expect(presence).toMatchObject({ Text: "presence", Observers: 101, More: 36 });
    expect(presence?.People?.every(({ Status }) => Status === "offline")).toBe(true);
  });

  test("leave with their last connection; the last listener clears the list", () => {
    const { hub, turns } = setUp();
    const [one, two] = [new Reader(), new Reader()];
    hub.subscribe("foo", one, undefined, ada);
    hub.subscribe("foo", two, 0, { ...ada, Status: "away" });
    expect(hub.presence("foo")).toMatchObject({ Stream: "foo", Observers: 2, People: [ada], More: 0 });
    one.unsubscribe();
    expect(hub.presence("foo")).toMatchObject({ Observers: 1, People: [{ ...ada, Status: "away" }] });
    two.unsubscribe();
    two.setPerson(ada);
    expect(hub.presence("foo")).toMatchObject({ Observers: 0, People: [], More: 0 });
    const later = new Reader();
    hub.subscribe("foo", later);
    turns.end();
    expect(later.events("connect")).toMatchObject([{ Observers: 1 }]);
    expect(later.events("connect")[0]).not.toHaveProperty("People");
  });

  test("are listed up to 256; the rest are counted", async () => {
    const { hub } = setUp();
    for (let i = 0; i < 300; i++) hub.subscribe("foo", new Reader(), undefined, { ...ada, Name: `n${i}` });
    const { People, More } = await hub.presence("foo");
    expect(People).toHaveLength(256);
    expect(People[255]).toEqual({ Name: "n255", Status: "online" });
    expect(More).toBe(44);
  });

  test("have a snapshot time that is earlier than every later change", async () => {
    const { clock, hub, turns } = setUp();
    const reader = new Reader();
    hub.subscribe("foo", reader, undefined, ada);
    turns.end();
    const { Created } = await hub.presence("foo");
    clock.advance(1000);
    reader.setPerson();
    turns.end();
    const [connect, presence] = reader.events("connect", "presence");
    expect(BigInt(connect?.Created ?? 0) <= BigInt(Created)).toBe(true);
    expect(BigInt(presence?.Created ?? 0) > BigInt(Created)).toBe(true);
  });
});

describe("the number of listeners", () => {
  test("is sent to a reader who joins, itself included", () => {
    const { turns, join } = setUp();
    const reader = join("foo");
    turns.end();
    expect(reader.events("connect")).toMatchObject([{ Observers: 1 }]);
  });

  test("is sent again to the first reader after everyone has left", () => {
    const { turns, join } = setUp();
    join("foo").unsubscribe();
    const reader = join("foo");
    turns.end();
    expect(reader.events("connect")).toMatchObject([{ Observers: 1 }]);
  });

  test("is announced once, a second later, when a thousand join together", () => {
    const { turns, join, pass } = setUp();
    const first = join("foo");
    turns.end();
    for (let i = 0; i < 1000; i++) {
      join("foo");
      turns.end();
    }
    expect(first.events("connect", "close")).toHaveLength(1);
    pass(1);
    expect(first.events("connect", "close")).toMatchObject([
      { Text: "connect", Observers: 1 },
      { Text: "connect", Observers: 1001 },
    ]);
  });

  test("is announced to the others when a reader leaves", () => {
    const { turns, join, pass } = setUp();
    const [first, second] = [join("foo"), join("foo")];
    pass(1);
    second.unsubscribe();
    turns.end();
    pass(1);
    expect(first.events("connect", "close").at(-1)).toMatchObject({ Text: "close", Observers: 1 });
    expect(second.events("close")).toEqual([]);
    pass(5);
    expect(first.events("connect", "close")).toHaveLength(3);
  });

  test("is announced at most once a second, and ends up correct", () => {
    const step = fc.record({
      kind: fc.constantFrom("join", "join", "leave", "time"),
      who: fc.nat(20),
      time: fc.integer({ min: 0, max: 1500 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, hub, turns, join, pass } = setUp();
        const witness = join("foo");
        const told: { at: number; count: number }[] = [];
        const look = () => {
          turns.end();
          const events = witness.events("connect", "close");
          for (const { Text, Observers = 0 } of events.slice(told.length)) {
            const before = told.at(-1);
            expect(Text).toBe(Observers > (before?.count ?? 0) ? "connect" : "close");
            expect(Observers).toBe(hub.observers("foo"));
            if (before !== undefined) expect(clock.monotonic() - before.at).toBeGreaterThanOrEqual(1000);
            told.push({ at: clock.monotonic(), count: Observers });
          }
        };
        look();
        const others: Reader[] = [];
        for (const { kind, who, time } of steps) {
          if (kind === "join") others.push(join("foo"));
          else if (kind === "leave") others.splice(who % (others.length || 1), 1)[0]?.unsubscribe();
          else clock.advance(time);
          hub.onTimer();
          look();
        }
        pass(2);
        expect(hub.observers("foo")).toBe(1 + others.length);
        expect(witness.events("connect", "close").at(-1)?.Observers).toBe(1 + others.length);
      }),
      { numRuns: 200 },
    );
  });
});
