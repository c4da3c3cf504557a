import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManualClock } from "../../test-support/clock.ts";
import { GroupReader, Reader, ReaderGroup, Turns } from "../../test-support/readers.ts";
import { MemoryBroker } from "../brokers/memory/broker.ts";
import type { Cursor } from "../protocol/cursor.ts";
import { MAX_MESSAGES } from "../protocol/limits.ts";
import { checkText } from "../protocol/text.ts";
import type { Broker, BrokerListener, Catchup } from "./broker.ts";
import { Hub } from "./hub.ts";
import { Numbering } from "./id-generator.ts";

const TTL = 60;
const STREAM = "foo";

/** A hub on a memory broker, or on what stands before it. */
function setUp<B extends Broker = MemoryBroker>(wrap?: (memory: MemoryBroker) => B) {
  const clock = new ManualClock();
  const numbering = new Numbering(clock, "test");
  const memory = new MemoryBroker({ ttl: TTL, maxMemory: 1024 ** 3 }, numbering, clock);
  const broker = (wrap?.(memory) ?? memory) as B;
  const turns = new Turns();
  const hub = new Hub(broker, numbering, clock, turns.schedule);
  const publish = (text: string): Cursor => memory.publish(STREAM, checkText(text)).created;
  const join = <R extends Reader>(reader: R, cursor?: Cursor): R => {
    hub.subscribe(STREAM, reader, cursor);
    return reader;
  };
  return { clock, broker, turns, hub, publish, join };
}

/** A broker at a distance: its answers about history come when the test says so. */
class SlowBroker implements Broker {
  private readonly memory: MemoryBroker;
  private readonly early: boolean;
  /** Questions about history that wait for their answer. */
  readonly asked: (() => void)[] = [];
  fails = false;

  /** `early`: an answer is what was true when it was asked for; else when it is given. */
  constructor(memory: MemoryBroker, early: boolean) {
    this.memory = memory;
    this.early = early;
  }

  async catchUp(stream: string, cursor: Cursor, limit: number): Promise<Catchup> {
    const read = () => this.memory.catchUp(stream, cursor, limit);
    const answer = this.early ? read() : undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.asked.push(resolve);
    await promise;
    if (this.fails) throw new Error("the connection is lost");
    return answer ?? read();
  }

  /** Answers a question, and lets the answer arrive. */
  async answer(which = 0): Promise<void> {
    this.asked.splice(which, 1)[0]?.();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  get origin(): string {
    return this.memory.origin;
  }

  listen(listener: BrokerListener): void {
    this.memory.listen(listener);
  }

  create: Broker["create"] = (request) => this.memory.create(request);
  publish: Broker["publish"] = (stream, text) => this.memory.publish(stream, text);
  page: Broker["page"] = (stream, query) => this.memory.page(stream, query);
  list: Broker["list"] = (limit, prefix) => this.memory.list(limit, prefix);
  end: Broker["end"] = (stream, owner) => this.memory.end(stream, owner);
  advance = (): void => this.memory.advance();
}

describe("what comes in a turn", () => {
  test("is one write to each reader at its end, encoded once for all", () => {
    const { turns, publish, join } = setUp();
    const readers = [join(new Reader()), join(new Reader())];
    const group = new ReaderGroup();
    const members = [join(new GroupReader(group)), join(new GroupReader(group))];
    turns.end();
    const before = [...readers, ...members].map(({ batches }) => batches.length);
    const written = group.writes;
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`);
    texts.forEach(publish);
    expect([...readers, ...members].map(({ batches }) => batches.length)).toEqual(before);
    turns.end();
    expect([...readers, ...members].map(({ batches }) => batches.length)).toEqual(before.map((n) => n + 1));
    expect(group.writes).toBe(written + 1);
    for (const { batches } of [...readers, ...members])
      expect(batches.at(-1)).toBe(readers[0]?.batches.at(-1));
    for (const reader of [...readers, ...members]) expect(reader.texts).toEqual(texts);
    turns.end();
    expect(group.writes).toBe(written + 1);
  });

  test("before a reader joins from now on is not for it, what comes after is", () => {
    const { turns, publish, join } = setUp();
    const first = join(new Reader());
    publish("a");
    const second = join(new Reader());
    publish("b");
    turns.end();
    expect(first.texts).toEqual(["a", "b"]);
    expect(second.texts).toEqual(["b"]);
  });

  test("is given to a reader from history or live, never both", () => {
    const { turns, publish, join } = setUp();
    publish("a");
    const first = join(new Reader(), 0);
    publish("b");
    const second = join(new Reader(), 0);
    publish("c");
    turns.end();
    expect(first.texts).toEqual(["a", "b", "c"]);
    expect(second.texts).toEqual(["a", "b", "c"]);
  });

  test("goes out before its end where it is much, so that no write is very large", () => {
    const { turns, publish, join } = setUp();
    const reader = join(new Reader());
    turns.end();
    const count = 1000;
    for (let i = 0; i < count; i++) publish("x".repeat(1000));
    expect(reader.texts.length).toBeGreaterThan(count - 150);
    turns.end();
    expect(reader.texts).toHaveLength(count);
    for (const { entries } of reader.batches)
      expect(entries.reduce((sum, { json }) => sum + json.length, 0)).toBeLessThan(140 * 1024);
    // And after that, a turn is one write again.
    const before = reader.batches.length;
    for (let i = 0; i < 10; i++) publish("x");
    turns.end();
    expect(reader.batches).toHaveLength(before + 1);
  });

  test("is not for who has left", () => {
    const { turns, hub, publish, join } = setUp();
    const group = new ReaderGroup();
    const readers = [join(new Reader()), join(new GroupReader(group))];
    publish("a");
    for (const reader of readers) reader.leave();
    publish("b");
    turns.end();
    for (const reader of readers) {
      expect(reader.texts).toEqual([]);
      reader.leave();
      reader.resume();
    }
    expect(hub.observers(STREAM)).toBe(0);
    expect(group.members.size).toBe(0);
  });
});

describe("a group", () => {
  test("that nobody is in any more is forgotten, though others listen", () => {
    const { turns, publish, join } = setUp();
    join(new Reader());
    const groups = Array.from({ length: 10 }, () => new ReaderGroup());
    for (const group of groups) join(new GroupReader(group)).leave();
    publish("a");
    turns.end();
    expect(groups.map(({ writes }) => writes)).toEqual(groups.map(() => 0));
  });

  test("that outlives its members gives those who come later nothing from before", () => {
    const { turns, publish, join } = setUp();
    const group = new ReaderGroup();
    const first = join(new GroupReader(group));
    publish("a");
    first.leave();
    const second = join(new GroupReader(group));
    publish("b");
    turns.end();
    expect(second.texts).toEqual(["b"]);
  });

  test("and readers without one have the same", () => {
    const { turns, publish, join } = setUp();
    const group = new ReaderGroup();
    const readers = [join(new Reader()), join(new GroupReader(group)), join(new GroupReader(group), 0)];
    const slow = readers[1];
    if (slow !== undefined) slow.room = false;
    for (const text of ["a", "b", "c"]) {
      publish(text);
      turns.end();
    }
    expect(group.members.size).toBe(1);
    slow?.drain();
    expect(group.members.size).toBe(2);
    publish("d");
    turns.end();
    for (const reader of readers) expect(reader.texts).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a reader who cannot keep up", () => {
  test("is left alone, and resumes where it was", () => {
    const { turns, publish, join } = setUp();
    const [slow, other] = [join(new Reader()), join(new Reader())];
    slow.room = false;
    for (let i = 0; i < 200; i++) {
      publish(`${i}`);
      turns.end();
    }
    expect(slow.overruns).toBe(0);
    expect(slow.texts.length).toBeLessThan(2);
    slow.drain();
    publish("last");
    turns.end();
    expect(slow.texts).toEqual(other.texts);
    expect(slow.state).toBe("live");
  });

  test("has what came in the turn in which it resumes once", () => {
    const { turns, publish, join } = setUp();
    const slow = join(new Reader());
    slow.room = false;
    publish("a");
    turns.end();
    publish("b");
    slow.drain();
    publish("c");
    turns.end();
    expect(slow.texts).toEqual(["a", "b", "c"]);
  });

  test("for other reasons than what it was given here is left alone as well", () => {
    const { turns, publish, join } = setUp();
    const readers = [join(new Reader()), join(new GroupReader(new ReaderGroup()))];
    publish("a");
    turns.end();
    for (const slow of readers) {
      slow.full = true;
      slow.fallBehind();
      slow.fallBehind();
    }
    publish("b");
    turns.end();
    for (const slow of readers) {
      expect(slow.texts).toEqual(["a"]);
      slow.drain();
      expect(slow.texts).toEqual(["a", "b"]);
    }
    publish("c");
    turns.end();
    for (const slow of readers) expect(slow.texts).toEqual(["a", "b", "c"]);
  });

  test("and has no room when it joins, is read to when it has", () => {
    const { turns, publish, join } = setUp();
    publish("a");
    const reader = new Reader();
    reader.full = true;
    join(reader, 0);
    publish("b");
    turns.end();
    expect(reader.batches).toEqual([]);
    reader.drain();
    publish("c");
    turns.end();
    expect(reader.texts).toEqual(["a", "b", "c"]);
  });

  test("may fall behind again while it catches up", () => {
    const { turns, publish, join } = setUp();
    for (let i = 0; i < 300; i++) publish(`${i}`);
    const slow = new Reader();
    slow.room = false;
    join(slow, 0);
    for (let writes = 1; slow.state !== "live" && writes < 50; writes++) {
      expect(slow.batches).toHaveLength(writes);
      slow.drain();
      slow.room = false;
      publish(`more ${writes}`);
      slow.resume();
      turns.end();
      slow.room = true;
      slow.drain();
    }
    expect(slow.gaps).toEqual([]);
    expect(slow.texts.slice(0, 300)).toEqual(Array.from({ length: 300 }, (_, i) => `${i}`));
    expect(new Set(slow.texts).size).toBe(slow.texts.length);
  });

  test("is told what it missed for good", () => {
    const { turns, publish, join } = setUp();
    const slow = join(new Reader());
    slow.room = false;
    const seen = publish("seen");
    turns.end();
    const cursors = Array.from({ length: MAX_MESSAGES + 10 }, (_, i) => publish(`${i}`));
    turns.end();
    slow.drain();
    expect(slow.gaps).toEqual([{ from: seen, to: cursors[10] ?? 0 }]);
    expect(slow.texts).toEqual(["seen", ...Array.from({ length: MAX_MESSAGES }, (_, i) => `${i + 10}`)]);
  });

  test("is told of a gap once, though it has no room for more than that", () => {
    const { broker, clock, turns, hub, publish, join } = setUp();
    const old = publish("old");
    clock.advance((TTL + 1) * 1000);
    hub.advance();
    broker.create({ name: STREAM, private: false, ttl: undefined });
    const slow = new Reader();
    slow.room = false;
    join(slow, old);
    expect(slow.gaps.map(({ from }) => from)).toEqual([old]);
    slow.drain();
    publish("new");
    turns.end();
    expect(slow.gaps).toHaveLength(1);
    expect(slow.texts).toEqual(["new"]);
  });

  test("on an event only, misses and doubles nothing: events have no cursor", () => {
    const { turns, hub, publish, join } = setUp();
    for (const before of [[], ["a"]]) {
      before.forEach(publish);
      const slow = join(new Reader());
      slow.room = false;
      turns.end();
      hub.expiring(STREAM, 5);
      turns.end();
      expect(slow.full).toBe(true);
      expect(slow.state).toBe("full");
      publish("b");
      turns.end();
      slow.drain();
      publish("c");
      turns.end();
      expect(slow.texts).toEqual(["b", "c"]);
      // Of a stream that was not there at first it is not known that nothing came before.
      if (before.length > 0) expect(slow.gaps).toEqual([]);
      slow.leave();
    }
  });
});

describe("a reader who leaves while it is written to", () => {
  /** Its connection turns out to be broken when it is used: runtimes tell so from within the write. */
  class Broken extends Reader {
    override write(batch: Parameters<Reader["write"]>[0]): boolean {
      super.write(batch);
      this.leave();
      return true;
    }
  }

  test("live, is gone, and the others have all", () => {
    const { turns, hub, publish, join } = setUp();
    const broken = new Broken();
    const readers = [join(new Reader()), join(broken), join(new Reader())];
    publish("a");
    turns.end();
    publish("b");
    turns.end();
    expect(broken.batches).toHaveLength(1);
    expect(readers[0]?.texts).toEqual(["a", "b"]);
    expect(readers[2]?.texts).toEqual(["a", "b"]);
    expect(hub.observers(STREAM)).toBe(2);
  });

  test("from history, is gone too", () => {
    const { turns, hub, publish, join } = setUp();
    publish("a");
    const broken = join(new Broken(), 0);
    expect(broken.state).toBe("away");
    const other = join(new Reader());
    publish("b");
    turns.end();
    expect(broken.batches).toHaveLength(1);
    expect(other.texts).toEqual(["b"]);
    expect(hub.observers(STREAM)).toBe(1);
  });

  test("as the last one, does not take along the one who joins just then", () => {
    const { turns, hub, publish, join } = setUp();
    join(new Broken());
    publish("a");
    const reader = join(new Reader());
    expect(hub.observers(STREAM)).toBe(1);
    publish("b");
    turns.end();
    expect(reader.texts).toEqual(["b"]);
  });
});

type Step =
  | { readonly kind: "publish"; readonly count: number }
  | { readonly kind: "join"; readonly group: boolean; readonly from: "now" | "earliest" | number }
  | { readonly kind: "full" | "drain" | "leave"; readonly reader: number }
  | { readonly kind: "answer"; readonly which: number }
  | { readonly kind: "turn" | "second" | "die" }
  | { readonly kind: "clock"; readonly jump: number };

const which = fc.nat(9);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("publish" as const), count: fc.integer({ min: 1, max: 90 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("publish" as const), count: fc.constant(900) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("turn" as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("join" as const),
        group: fc.boolean(),
        from: fc.oneof(fc.constantFrom("now" as const, "earliest" as const), fc.nat(2000)),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom("full" as const, "drain" as const, "leave" as const),
        reader: which,
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("answer" as const), which }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("second" as const, "die" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("clock" as const),
        jump: fc.integer({ min: -1e9, max: 1e9 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 80 },
);

/** How history is read: at once, or later, as it was when it was asked for or when it is given. */
type History = "at once" | "early" | "late";

/** A reader, and the cursor after which it must be given every message. */
interface Joined {
  readonly reader: Reader;
  readonly start: Cursor | "earliest";
}

/** A stream with readers, step by step. Where history is slow, `broker` answers when a step says so. */
class World {
  private readonly slow: SlowBroker | undefined;
  private readonly world: ReturnType<typeof setUp<Broker>>;
  private group = new ReaderGroup();
  private readonly published: Cursor[] = [];
  private readonly joined: Joined[] = [];

  constructor(history: History) {
    let slow: SlowBroker | undefined;
    this.world = setUp<Broker>((memory) => {
      if (history === "at once") return memory;
      slow = new SlowBroker(memory, history === "early");
      return slow;
    });
    this.slow = slow;
  }

  async take(step: Step): Promise<void> {
    const { clock, hub, turns, publish } = this.world;
    switch (step.kind) {
      case "publish":
        for (let i = 0; i < step.count; i++) this.published.push(publish("x"));
        break;
      case "join": {
        // As the server does: a group goes with its last member.
        if (hub.observers(STREAM) === 0) this.group = new ReaderGroup();
        const reader = step.group ? new GroupReader(this.group) : new Reader();
        this.join(reader, step.from);
        break;
      }
      case "full": {
        const reader = this.reader(step.reader);
        if (reader !== undefined) reader.room = false;
        break;
      }
      case "drain":
        // It may say so at any time: a socket drains for all its streams.
        this.reader(step.reader)?.drain();
        break;
      case "leave":
        this.reader(step.reader)?.leave();
        break;
      case "answer":
        await this.slow?.answer(step.which % Math.max(this.slow.asked.length, 1));
        break;
      case "turn":
        turns.end();
        break;
      case "second":
        clock.advance(1000);
        hub.advance();
        break;
      case "die":
        clock.advance((TTL + 1) * 1000);
        hub.advance();
        break;
      case "clock":
        clock.jumpWall(step.jump);
    }
  }

  /** Lets all who still listen have all that there is. */
  async settle(): Promise<void> {
    this.world.turns.end();
    const listening = this.joined.map(({ reader }) => reader).filter(({ state }) => state !== "away");
    for (let i = 0; i < 1000 && listening.some(({ state }) => state !== "live"); i++) {
      for (const reader of listening) if (reader.full) reader.drain();
      for (const reader of listening) reader.room = true;
      await this.slow?.answer();
      this.world.turns.end();
    }
    expect(listening.map(({ state }) => state)).toEqual(listening.map(() => "live"));
    expect(this.world.hub.observers(STREAM)).toBe(listening.length);
  }

  /** Each was given every message after its start once, in order, or was told that it is gone. */
  check(): void {
    for (const { reader, start } of this.joined) {
      const { cursors, gaps } = reader;
      expect(reader.overruns).toBe(0);
      for (const [i, cursor] of cursors.entries())
        if (i > 0) expect(cursor).toBeGreaterThan(cursors[i - 1] ?? 0);
      for (const { from, to } of gaps) {
        expect(from).toBeLessThan(to);
        expect(cursors.filter((cursor) => cursor > from && cursor < to)).toEqual([]);
      }
      const last = reader.state === "away" ? (cursors.at(-1) ?? 0) : Number.MAX_SAFE_INTEGER;
      // From the earliest: what is kept when history is read, which for a slow one is not known here.
      const after = start === "earliest" ? (cursors[0] ?? last) - 1 : start;
      const expected = this.published.filter((cursor) => cursor > after && cursor <= last);
      const missing = expected.filter((cursor) => !gaps.some(({ from, to }) => cursor > from && cursor < to));
      expect(cursors).toEqual(missing);
    }
  }

  private join(reader: Reader, from: "now" | "earliest" | number): void {
    const { join } = this.world;
    if (from === "now") {
      this.joined.push({ reader, start: this.published.at(-1) ?? 0 });
      join(reader);
      return;
    }
    const index = typeof from === "number" ? from % (this.published.length || 1) : -1;
    const cursor = from === "earliest" ? 0 : (this.published.at(index) ?? 0);
    this.joined.push({ reader, start: cursor === 0 ? "earliest" : cursor });
    join(reader, cursor);
  }

  private reader(number: number): Reader | undefined {
    return this.joined[number % (this.joined.length || 1)]?.reader;
  }
}

describe("whatever happens, each reader is given every message once, in order, or told of the gap", () => {
  const names: Record<History, string> = {
    "at once": "where history is read at once",
    early: "where history is read later, as it was when it was asked for",
    late: "where history is read later, as it is when it is given",
  };
  for (const history of ["at once", "early", "late"] as const) {
    test(names[history], async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const world = new World(history);
          for (const step of all) await world.take(step);
          await world.settle();
          world.check();
        }),
        { numRuns: 150 },
      );
    });
  }
});

describe("history from a distance", () => {
  const distant = (early: boolean) => setUp((memory) => new SlowBroker(memory, early));

  test("what comes while it is on its way follows it, once", async () => {
    for (const early of [true, false]) {
      const { broker, turns, publish, join } = distant(early);
      publish("a");
      const reader = join(new Reader(), 0);
      publish("b");
      turns.end();
      publish("c");
      await broker.answer();
      publish("d");
      turns.end();
      while (broker.asked.length > 0) await broker.answer();
      turns.end();
      expect(reader.texts).toEqual(["a", "b", "c", "d"]);
      expect(reader.state).toBe("live");
    }
  });

  test("is not for a reader who left before it came", async () => {
    const { broker, publish, join } = distant(false);
    publish("a");
    const reader = join(new Reader(), 0);
    reader.leave();
    await broker.answer();
    expect(reader.batches).toEqual([]);
    expect(reader.state).toBe("away");
  });

  test("that does not come ends the connection: the reader comes back and resumes", async () => {
    const { broker, publish, join } = distant(false);
    publish("a");
    const reader = join(new Reader(), 0);
    broker.fails = true;
    await broker.answer();
    expect(reader.closed).toBe(true);
    expect(reader.texts).toEqual([]);
  });

  test("is given once, though the reader says meanwhile that it can take more", async () => {
    // A socket drains: all its subscriptions resume, those too whose first history is on its way.
    const { broker, turns, publish, join } = distant(true);
    const texts = Array.from({ length: 100 }, (_, i) => `${i}`);
    texts.forEach(publish);
    const reader = join(new Reader(), 0);
    reader.resume();
    while (broker.asked.length > 0) await broker.answer();
    turns.end();
    expect(reader.texts).toEqual(texts);
  });
});
