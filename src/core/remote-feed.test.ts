import { describe, expect, test } from "bun:test";
import type { Gap, Position, Replay } from "./broker.ts";
import { Message } from "./message.ts";
import { RemoteFeed, type FeedBroker } from "./remote-feed.ts";
import { TailBudget } from "./tail.ts";
import type { Cursor } from "../protocol/cursor.ts";

const POSITION: Position = { cursor: 100, ttl: 10, left: 5000, count: 0 };

/** A remote stream whose answers and news arrive when the test says so. */
class RemoteStream implements FeedBroker {
  /** Oldest first. */
  readonly kept: Message[] = [];
  /** The number of positions that were requested. */
  asked = 0;
  /** Cursors of the replays that were requested. */
  readonly replays: Cursor[] = [];
  unsubscribed = false;
  /** Called instead of an answer. */
  failure: (() => never) | undefined = undefined;
  private readonly waiting: (() => void)[] = [];
  private newest: Cursor = 100;

  /** Appends a message. Its news is not delivered. */
  append(text = "x"): Message {
    const message = new Message("foo", `${++this.newest}`, this.newest, "test", text);
    this.kept.push(message);
    return message;
  }

  /** Deletes the messages. */
  clear(): void {
    this.kept.length = 0;
  }

  subscribe(): Promise<Position> {
    this.failure?.();
    this.asked++;
    const position = { ...POSITION, cursor: this.newest, count: this.kept.length };
    return new Promise((resolve) => {
      this.waiting.push(() => resolve(position));
    });
  }

  replay(_stream: string, cursor: Cursor, limit: number): Promise<Replay> {
    this.failure?.();
    this.replays.push(cursor);
    const { newest } = this;
    const messages = this.kept.filter(({ created }) => created > cursor).slice(0, limit);
    const oldest = this.kept[0]?.created ?? newest + 1;
    const gap = cursor !== 0 && cursor < oldest - 1 ? { from: cursor, to: oldest } : undefined;
    return new Promise((resolve) => {
      const cut = messages.length === limit ? messages.at(-1)?.created : undefined;
      this.waiting.push(() => resolve({ gap, messages, cursor: cut ?? newest }));
    });
  }

  unsubscribe(): void {
    this.unsubscribed = true;
  }

  /** Lets the answers arrive that wait now. */
  async answer(): Promise<void> {
    await microtasks();
    for (const answer of this.waiting.splice(0)) answer();
    await microtasks();
  }
}

async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** A feed subscribed at position 100, and what it delivered. */
async function setUp(position = Promise.resolve(POSITION), budget = new TailBudget(1024 ** 3)) {
  const remote = new RemoteStream();
  const delivered: Cursor[] = [];
  const gaps: Gap[] = [];
  const feed = new RemoteFeed(
    remote,
    "foo",
    { deliver: ({ created }) => delivered.push(created), missed: (gap) => gaps.push(gap) },
    position,
    budget,
  );
  await microtasks();
  return { remote, feed, delivered, gaps };
}

describe("a repair", () => {
  test("that failed is completed before later news is delivered, even without a previous message", async () => {
    const { remote, feed, delivered } = await setUp();
    remote.failure = () => {
      throw new Error("connection lost");
    };
    remote.append();
    feed.resumed(101);
    await microtasks();
    expect(delivered).toEqual([]);
    remote.failure = undefined;
    feed.published(remote.append());
    expect(delivered).toEqual([]);
    await remote.answer();
    expect(delivered).toEqual([101, 102]);
  });

  test("takes one round trip, however many messages arrive during it", async () => {
    const { remote, feed, delivered } = await setUp();
    remote.append();
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 100; i++) {
        const message = remote.append();
        feed.published(message, message.created - 1);
      }
      await remote.answer();
    }
    expect(remote.replays).toEqual([100]);
    expect(delivered).toEqual(remote.kept.map(({ created }) => created));
  });

  test("of news that arrived before the position takes one round trip, too", async () => {
    const { promise, resolve } = Promise.withResolvers<Position>();
    const { remote, feed, delivered } = await setUp(promise);
    for (let i = 0; i < 100; i++) feed.published(remote.append());
    resolve({ ...POSITION, cursor: 150 });
    await microtasks();
    for (let i = 0; i < 100; i++) feed.published(remote.append());
    await remote.answer();
    expect(remote.replays.length).toBeLessThanOrEqual(1);
    expect(delivered).toEqual(Array.from({ length: 150 }, (_, i) => 151 + i));
  });

  test("misses nothing when more messages arrive than a stream holds", async () => {
    const { remote, feed, delivered } = await setUp();
    remote.append();
    for (let i = 0; i < 5000; i++) {
      const message = remote.append();
      feed.published(message, message.created - 1);
    }
    for (let i = 0; i < 10; i++) {
      await remote.answer();
      const message = remote.append();
      feed.published(message, message.created - 1);
    }
    expect(delivered).toEqual(remote.kept.map(({ created }) => created));
  });

  test("that fills the last hole leaves nothing waiting for the timer", async () => {
    const { remote, feed, delivered } = await setUp();
    remote.append();
    feed.resumed(101);
    const settled = remote.answer();
    // During all microtasks in which the repair may end.
    for (let i = 0; i < 40; i++) {
      await Promise.resolve();
      feed.published(remote.append());
    }
    await settled;
    await remote.answer();
    expect(delivered).toEqual(remote.kept.map(({ created }) => created));
  });

  test("is tried again by the timer when the broker throws", async () => {
    const { remote, feed, delivered } = await setUp();
    remote.failure = () => {
      throw new Error("not connected");
    };
    feed.published(remote.append(), 100);
    remote.append();
    feed.resumed(102);
    await microtasks();
    feed.onTimer();
    await microtasks();
    remote.failure = undefined;
    feed.onTimer();
    await remote.answer();
    expect(delivered).toEqual([101, 102]);
  });

  test("reports what can no longer be read", async () => {
    const { remote, feed, delivered, gaps } = await setUp();
    remote.append();
    remote.append();
    remote.clear();
    feed.published(remote.append(), 102);
    await remote.answer();
    expect(gaps).toEqual([{ from: 100, to: 103 }]);
    expect(delivered).toEqual([103]);
  });

  test("stops when the feed is closed", async () => {
    const { remote, feed, delivered } = await setUp();
    remote.append();
    feed.resumed(101);
    feed.close();
    await remote.answer();
    feed.onTimer();
    feed.resumed(105);
    await remote.answer();
    expect(remote.unsubscribed).toBe(true);
    expect(remote.replays).toEqual([100]);
    expect(delivered).toEqual([]);
  });
});

describe("the position", () => {
  test("is asked for again for readers who join later, once for those who join at the same time", async () => {
    const { promise, resolve } = Promise.withResolvers<Position>();
    const { remote, feed } = await setUp(promise);
    const first = [feed.position(), feed.position()];
    resolve(POSITION);
    expect(await Promise.all(first)).toEqual([POSITION, POSITION]);
    expect(remote.asked).toBe(0);
    const later = [feed.position(), feed.position()];
    await remote.answer();
    feed.published(remote.append());
    for (const position of later) expect(await position).toEqual({ ...POSITION, count: 0 });
    expect(remote.asked).toBe(1);
    const last = feed.position();
    await remote.answer();
    expect(await last).toEqual({ ...POSITION, cursor: 101, count: 1 });
    expect(remote.asked).toBe(2);
  });

  test("is asked for again after a failure", async () => {
    const { promise, resolve } = Promise.withResolvers<Position>();
    const { remote, feed } = await setUp(promise);
    resolve(POSITION);
    await feed.position();
    await microtasks();
    remote.failure = () => {
      throw new Error("connection lost");
    };
    expect(feed.position()).rejects.toThrow("connection lost");
    await microtasks();
    remote.failure = undefined;
    const position = feed.position();
    await remote.answer();
    expect(await position).toEqual(POSITION);
  });
});

describe("a deleted stream", () => {
  test("is no longer served from the tail", async () => {
    const { remote, feed } = await setUp();
    for (let i = 0; i < 3; i++) feed.published(remote.append());
    expect(feed.read(100, 10)).toMatchObject({ messages: [{ created: 101 }, {}, {}], cursor: 103 });
    remote.clear();
    feed.ended();
    const replay = feed.read(100, 10);
    await remote.answer();
    expect(await replay).toEqual({ gap: { from: 100, to: 104 }, messages: [], cursor: 103 });
  });

  test("is no longer served from the tail after an interruption, which may have hidden its end", async () => {
    const { remote, feed } = await setUp();
    for (let i = 0; i < 3; i++) feed.published(remote.append());
    remote.clear();
    feed.resumed(103);
    const replay = feed.read(100, 10);
    await remote.answer();
    expect(await replay).toEqual({ gap: { from: 100, to: 104 }, messages: [], cursor: 103 });
  });

  test("is not added to the tail again by a read in progress", async () => {
    const { remote, feed } = await setUp();
    const messages = [remote.append(), remote.append()];
    for (const message of messages) feed.published(message);
    feed.ended();
    const early = feed.read(100, 10);
    await microtasks();
    remote.clear();
    feed.ended();
    const joined = feed.read(100, 10);
    await remote.answer();
    expect((await early).messages).toEqual(messages);
    expect((await joined).messages).toEqual([]);
    const late = feed.read(100, 10);
    await remote.answer();
    expect((await late).messages).toEqual([]);
  });
});

test("history that does not reach the tail leaves no hole in it", async () => {
  const { remote, feed } = await setUp();
  const messages: Message[] = [];
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) {
      const message = remote.append();
      messages.push(message);
      feed.published(message);
    }
  };
  publish(500);
  const early = feed.read(0, 10);
  await microtasks();
  // The answer is already determined, and the tail moves past it.
  publish(5000);
  await remote.answer();
  expect((await early).messages).toEqual(messages.slice(0, 10));
  const late = feed.read(595, 10);
  await remote.answer();
  expect((await late).messages).toEqual(messages.slice(495, 505));
});

describe("the memory of tails", () => {
  const long = "x".repeat(8000);

  test("is bounded in bytes, and freed when a feed is closed", async () => {
    const budget = new TailBudget(1024 ** 3);
    const { remote, feed } = await setUp(undefined, budget);
    for (let i = 0; i < 100; i++) feed.published(remote.append(long));
    // 128 messages would be more.
    expect(budget.used).toBeLessThan(512 * 1024);
    expect(budget.used).toBeGreaterThan(64 * 1024);
    const early = feed.read(0, 1);
    await remote.answer();
    await early;
    // The whole history, for as long as somebody reads it.
    expect(budget.used).toBeGreaterThan(1024 * 1024);
    expect(feed.read(110, 1)).not.toBeInstanceOf(Promise);
    feed.onTimer();
    feed.onTimer();
    expect(budget.used).toBeLessThan(256 * 1024);
    feed.close();
    expect(budget.used).toBe(0);
  });

  test("when used up, lets readers read as much at a time as they asked for", async () => {
    const { remote, feed, delivered } = await setUp(undefined, new TailBudget(0));
    const messages = Array.from({ length: 1000 }, () => remote.append(long));
    for (const message of messages) feed.published(message);
    const read: Message[] = [];
    let cursor = 100;
    while (read.length < messages.length) {
      const reading = feed.read(cursor, 32);
      if (reading instanceof Promise) await remote.answer();
      const replay = await reading;
      expect(replay.gap).toBeUndefined();
      expect(replay.messages.length).toBeLessThanOrEqual(32);
      read.push(...replay.messages);
      ({ cursor } = replay);
    }
    expect(read).toEqual(messages);
    expect(delivered).toEqual(messages.map(({ created }) => created));
  });
});
