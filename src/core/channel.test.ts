import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../test-support/clock.ts";
import { GroupReader, Reader, ReaderGroup, Turns } from "../../test-support/readers.ts";
import { MemoryBroker } from "../brokers/memory/broker.ts";
import type { Cursor } from "../protocol/cursor.ts";
import { MAX_MESSAGES } from "../protocol/limits.ts";
import { checkText, checkTextOf } from "../protocol/text.ts";
import { Hub } from "./hub.ts";
import { IdGenerator } from "./id-generator.ts";

const TTL = 60;
const STREAM = "foo";

/** A hub on a memory broker. */
function setUp() {
  const clock = new ManualClock();
  const ids = new IdGenerator(clock, "test");
  const broker = new MemoryBroker({ ttl: TTL, maxMemory: 1024 ** 3 }, ids, clock);
  const turns = new Turns();
  const hub = new Hub(broker, ids, clock, turns.schedule);
  const publish = (text: string): Cursor => broker.publish(STREAM, checkText(text)).created;
  const join = <R extends Reader>(reader: R, cursor?: Cursor): R => {
    hub.subscribe(STREAM, reader, cursor);
    return reader;
  };
  return { clock, broker, turns, hub, publish, join };
}

describe("a replay of envelopes", () => {
  test("is written in pieces of bounded size, without loss", () => {
    const { broker, turns, join } = setUp();
    const texts = Array.from({ length: 100 }, (_, i) => `~1.${`${i}`.padStart(8189, "A")}`);
    for (const text of texts) broker.publish(STREAM, checkTextOf("~", text));
    const reader = join(new Reader(), 0);
    turns.end();
    expect(reader.texts).toEqual(texts);
    expect(reader.state).toBe("live");
    for (const { lines } of reader.batches) expect(lines.length).toBeLessThan(64 * 1024);
  });
});

describe("the messages of one turn", () => {
  test("are written once to each reader at its end, and encoded once", () => {
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

  test("reach a live reader from the moment it joins", () => {
    const { turns, publish, join } = setUp();
    const first = join(new Reader());
    publish("a");
    const second = join(new Reader());
    publish("b");
    turns.end();
    expect(first.texts).toEqual(["a", "b"]);
    expect(second.texts).toEqual(["b"]);
  });

  test("are delivered from history or live, never both", () => {
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

  test("are flushed early when there are many, so that no write is very large", () => {
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
    // After that, a turn is one write again.
    const before = reader.batches.length;
    for (let i = 0; i < 10; i++) publish("x");
    turns.end();
    expect(reader.batches).toHaveLength(before + 1);
  });

  test("do not reach a reader who has left", () => {
    const { turns, hub, publish, join } = setUp();
    const group = new ReaderGroup();
    const readers = [join(new Reader()), join(new GroupReader(group))];
    publish("a");
    for (const reader of readers) reader.unsubscribe();
    publish("b");
    turns.end();
    for (const reader of readers) {
      expect(reader.texts).toEqual([]);
      reader.unsubscribe();
      reader.resume();
    }
    expect(hub.observers(STREAM)).toBe(0);
    expect(group.members.size).toBe(0);
  });
});

describe("a replay that has to wait for its turn", () => {
  /** Waits to be called. */
  class Patient extends Reader {
    readonly turns: (() => void)[] = [];

    override takeTurn(replay: () => void): void {
      this.turns.push(replay);
    }
  }

  test("has everything once, also what was published meanwhile", () => {
    const { turns, publish, join } = setUp();
    publish("a");
    const live = join(new Reader());
    const reader = join(new Patient(), 0);
    publish("b");
    turns.end();
    publish("c");
    expect(reader.texts).toEqual([]);
    reader.turns.pop()?.();
    publish("d");
    turns.end();
    expect(reader.texts).toEqual(["a", "b", "c", "d"]);
    expect(live.texts).toEqual(["b", "c", "d"]);
    reader.room = false;
    publish("e");
    turns.end();
    publish("f");
    reader.drain();
    turns.end();
    expect(reader.texts).toEqual(["a", "b", "c", "d", "e"]);
    reader.turns.pop()?.();
    expect(reader.texts).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  test("does nothing if its reader has left", () => {
    const { turns, publish, join } = setUp();
    publish("a");
    const reader = join(new Patient(), 0);
    reader.unsubscribe();
    reader.turns.pop()?.();
    turns.end();
    expect(reader.texts).toEqual([]);
  });
});

describe("a group", () => {
  test("without members is forgotten while others listen", () => {
    const { turns, publish, join } = setUp();
    join(new Reader());
    const groups = Array.from({ length: 10 }, () => new ReaderGroup());
    for (const group of groups) join(new GroupReader(group)).unsubscribe();
    publish("a");
    turns.end();
    expect(groups.map(({ writes }) => writes)).toEqual(groups.map(() => 0));
  });

  test("that outlives its members does not deliver earlier messages to later ones", () => {
    const { turns, publish, join } = setUp();
    const group = new ReaderGroup();
    const first = join(new GroupReader(group));
    publish("a");
    first.unsubscribe();
    const second = join(new GroupReader(group));
    publish("b");
    turns.end();
    expect(second.texts).toEqual(["b"]);
  });

  test("delivers the same as to readers without one", () => {
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
  test("receives nothing until it resumes, then continues from its cursor", () => {
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

  test("receives the messages of the turn in which it resumes once", () => {
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

  test("because of other writes is also paused", () => {
    const { turns, publish, join } = setUp();
    const readers = [join(new Reader()), join(new GroupReader(new ReaderGroup()))];
    publish("a");
    turns.end();
    for (const slow of readers) {
      slow.full = true;
      slow.pause();
      slow.pause();
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

  test("when it joins receives history once it has room", () => {
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

  test("may pause again while it catches up", () => {
    const { turns, publish, join } = setUp();
    for (let i = 0; i < 300; i++) publish(`${i}`);
    const slow = new Reader();
    slow.room = false;
    join(slow, 0);
    for (let writes = 1; slow.state !== "live" && writes < 50; writes++) {
      slow.drain();
      expect(slow.batches.length).toBeGreaterThanOrEqual(writes);
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

  test("gets a gap for evicted messages", () => {
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

  test("gets a gap once, even if it has no room for more", () => {
    const { broker, clock, turns, hub, publish, join } = setUp();
    const old = publish("old");
    publish("lost");
    clock.advance((TTL + 1) * 1000);
    hub.onTimer();
    void broker.create({ name: STREAM, private: false, ttl: undefined });
    const slow = new Reader();
    slow.room = false;
    join(slow, old);
    slow.full = false;
    slow.resume();
    expect(slow.gaps.map(({ from }) => from)).toEqual([old]);
    slow.drain();
    publish("new");
    turns.end();
    expect(slow.gaps).toHaveLength(1);
    expect(slow.texts).toEqual(["new"]);
  });

  test("and pauses on an event misses and repeats no message: events have no cursor", () => {
    const { turns, hub, publish, join } = setUp();
    for (const before of [[], ["a"]]) {
      before.forEach(publish);
      const slow = join(new Reader());
      slow.room = false;
      turns.end();
      hub.expiring(STREAM, 5);
      turns.end();
      expect(slow.full).toBe(true);
      expect(slow.state).toBe("paused");
      publish("b");
      turns.end();
      slow.drain();
      publish("c");
      turns.end();
      expect(slow.texts).toEqual(["b", "c"]);
      // For a stream that did not exist, earlier messages cannot be ruled out.
      if (before.length > 0) expect(slow.gaps).toEqual([]);
      slow.unsubscribe();
    }
  });
});

describe("a reader who leaves during a write", () => {
  /** Its connection turns out to be broken when it is used: runtimes report that from within the write. */
  class LeavesOnWrite extends Reader {
    override write(batch: Parameters<Reader["write"]>[0]): boolean {
      super.write(batch);
      this.unsubscribe();
      return true;
    }
  }

  test("is removed, and the others receive everything", () => {
    const { turns, hub, publish, join } = setUp();
    const broken = new LeavesOnWrite();
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

  test("of history is removed, too", () => {
    const { turns, hub, publish, join } = setUp();
    publish("a");
    const broken = join(new LeavesOnWrite(), 0);
    expect(broken.state).toBe("detached");
    const other = join(new Reader());
    publish("b");
    turns.end();
    expect(broken.batches).toHaveLength(1);
    expect(other.texts).toEqual(["b"]);
    expect(hub.observers(STREAM)).toBe(1);
  });

  test("as the last one does not affect a reader who joins at the same moment", () => {
    const { turns, hub, publish, join } = setUp();
    join(new LeavesOnWrite());
    publish("a");
    const reader = join(new Reader());
    expect(hub.observers(STREAM)).toBe(1);
    publish("b");
    turns.end();
    expect(reader.texts).toEqual(["b"]);
  });
});

describe("a reader whose write throws", () => {
  class Throwing extends Reader {
    override write(): boolean {
      throw new Error("broken");
    }
  }

  test("is closed, and the others miss nothing", () => {
    const { turns, hub, publish, join } = setUp();
    const [first, broken, last] = [join(new Reader()), join(new Throwing()), join(new Reader())];
    publish("a");
    turns.end();
    publish("b");
    turns.end();
    expect(broken.closed).toBe(true);
    for (const reader of [first, last]) expect(reader.texts).toEqual(["a", "b"]);
    expect(hub.observers(STREAM)).toBe(2);
  });

  test("does not stop delivery to other streams", () => {
    const { broker, turns, hub, publish, join } = setUp();
    join(new Throwing());
    const other = new Reader();
    hub.subscribe("bar", other);
    publish("a");
    for (const text of ["a", "b"]) {
      broker.publish("bar", checkText(text));
      turns.end();
    }
    expect(other.texts).toEqual(["a", "b"]);
  });

  test("is closed when it is welcomed", () => {
    class ThrowsOnWelcome extends Reader {
      override welcome(): boolean {
        throw new Error("broken");
      }
    }
    const { hub, publish, join } = setUp();
    publish("a");
    for (const cursor of [undefined, 0]) {
      const reader = join(new ThrowsOnWelcome(), cursor);
      expect(reader.closed).toBe(true);
      expect(reader.batches).toEqual([]);
    }
    expect(hub.observers(STREAM)).toBe(0);
  });

  test("is closed when it replays history", () => {
    const { hub, publish, join } = setUp();
    publish("a");
    expect(join(new Throwing(), 0).closed).toBe(true);
    expect(hub.observers(STREAM)).toBe(0);
  });
});
