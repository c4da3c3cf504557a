// Events about a stream: expiring, ended, and the number of listeners.
import { describe, expect, test } from "bun:test";
import type { WireEvent } from "../../src/protocol/message.ts";
import { ManualClock } from "../../test-support/clock.ts";
import { EventReader, SocketClient, TextReader } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { create, lineTexts, NDJSON, PLAIN, publishAll } from "./streams.ts";

/** Reads a stream with a time-to-live of 100 s, which has been idle for 76 s. */
async function readIdle(server: TestServer, clock: ManualClock): Promise<EventReader> {
  await create(server, "stream=foo&ttl=100");
  const reader = await EventReader.open(server.url, "foo");
  await reader.nextEvent("connect");
  clock.advance(76_000);
  server.hub.onTimer();
  return reader;
}

describe("events about the stream", () => {
  test("ended: by its owner", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    await using sse = await EventReader.open(server.url, "foo");
    await using socket = await SocketClient.open(server.url, "foo");
    await using lines = await TextReader.open(`${server.url}/events?stream=foo`, NDJSON);
    await sse.nextEvent("connect");
    await end();
    const ended = await sse.nextEvent("ended");
    expect(ended).toMatchObject({ Type: "event", Stream: "foo", Reason: "owner" });
    expect(await socket.next()).toEqual(ended);
    expect(await lineTexts(lines, 1)).toEqual(["<ended>"]);
    // They stay subscribed to the name.
    await publishAll(server, "foo", ["again"]);
    expect(await sse.texts(1)).toEqual(["again"]);
    expect(await socket.texts(1)).toEqual(["again"]);
    expect(await lineTexts(lines, 1)).toEqual(["again"]);
  });

  test("welcome: how long the stream lives and what it keeps, by every transport", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock });
    const welcomes = async () => {
      await using sse = await EventReader.open(server.url, "foo");
      await using socket = await SocketClient.open(server.url, "foo");
      await using lines = await TextReader.open(`${server.url}/events?stream=foo`, NDJSON);
      return [
        await sse.nextEvent("welcome"),
        (await socket.next(() => true)) as WireEvent,
        JSON.parse((await lines.upTo("\n")) ?? "") as WireEvent,
      ].map(({ TTL, Expires, Created, Count }) => {
        // In milliseconds: whoever reads it may be late by a message or two.
        const left =
          Expires === undefined ? undefined : Math.round((Number(Expires) - Number(Created)) / 1e6);
        return { TTL, left, Count };
      });
    };
    const all = <T>(welcome: T) => [welcome, welcome, welcome];
    expect(await welcomes()).toEqual(all({ TTL: 1024e9, left: undefined, Count: 0 }));
    await create(server, "stream=foo&ttl=100&private=true");
    clock.advance(40_000);
    expect(await welcomes()).toEqual(all({ TTL: 100e9, left: 60_000, Count: 0 }));
    await publishAll(server, "foo", ["one", "two"]);
    clock.advance(1000);
    expect(await welcomes()).toEqual(all({ TTL: 100e9, left: 99_000, Count: 2 }));
    await publishAll(
      server,
      "foo",
      Array.from({ length: 1100 }, () => "more"),
    );
    // A clock that is set does not change what is left.
    clock.jumpWall(-7200e6);
    expect(await welcomes()).toEqual(all({ TTL: 100e9, left: 100_000, Count: 1024 }));
    clock.advance(100_000);
    expect(await welcomes()).toEqual(all({ TTL: 1024e9, left: undefined, Count: 0 }));
  });

  test("created: only for a stream that is created without a message", async () => {
    await using server = new TestServer();
    await using sse = await EventReader.open(server.url, "foo");
    await using socket = await SocketClient.open(server.url, "foo");
    await using lines = await TextReader.open(`${server.url}/events?stream=foo`, NDJSON);
    await using texts = await TextReader.open(`${server.url}/events?stream=foo`, PLAIN);
    const end = await create(server, "stream=foo&ttl=100");
    const created = await sse.nextEvent("created");
    expect(created).toMatchObject({ Type: "event", Stream: "foo", Metadata: null, TTL: 100e9 });
    expect(await socket.next()).toEqual(created);
    await end();
    await publishAll(server, "foo", ["again"]);
    expect(await sse.texts(2)).toEqual(["<ended>", "again"]);
    expect(await lineTexts(lines, 3)).toEqual(["<created>", "<ended>", "again"]);
    expect([await texts.upTo("\n"), await texts.upTo("\n")]).toEqual(["", "again"]);
  });

  test("expiring, then ended, for an idle stream", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock });
    await using reader = await readIdle(server, clock);
    const expiring = (await reader.nextData()) as WireEvent;
    expect(expiring).toMatchObject({ Type: "event", Text: "expiring", Stream: "foo" });
    expect(expiring.Seconds).toBeLessThanOrEqual(25);
    expect(expiring.Seconds).toBeGreaterThanOrEqual(23);
    clock.advance(25_000);
    server.hub.onTimer();
    expect(await reader.nextData()).toMatchObject({ Text: "ended", Reason: "idle" });
  });

  test("a message postpones expiry, also after it was announced", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock });
    await using reader = await readIdle(server, clock);
    await publishAll(server, "foo", ["alive"]);
    clock.advance(74_000);
    server.hub.onTimer();
    await publishAll(server, "foo", ["still"]);
    expect(await reader.texts(3)).toEqual(["<expiring>", "alive", "still"]);
  });

  test("connect and close: the number of listeners, at most once a second", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock });
    await using first = await EventReader.open(server.url, "foo");
    expect(await first.nextEvent("connect")).toMatchObject({ Observers: 1 });
    const others: EventReader[] = [];
    for (let i = 0; i < 5; i++) others.push(await EventReader.open(server.url, "foo&last=earliest"));
    await using socket = await SocketClient.open(server.url, "foo");
    // No presence event within a second of the last: the next event is a message.
    await publishAll(server, "foo", ["quiet"]);
    expect((await first.next())?.data.Text).toBe("quiet");
    expect(server.hub.observers("foo")).toBe(7);
    clock.advance(1000);
    server.hub.onTimer();
    expect((await first.next())?.data).toMatchObject({ Text: "connect", Observers: 7 });
    await socket.next((frame) => frame.Type === "event" && frame.Observers === 7);
    const listed = (await (await fetch(`${server.url}/streams`)).json()) as Record<string, unknown>;
    expect(listed).toMatchObject({ foo: { Observers: 7 } });

    clock.advance(1000);
    others[0]?.close();
    expect((await first.next())?.data).toMatchObject({ Text: "close", Observers: 6 });
    for (const other of others) await other[Symbol.asyncDispose]();
  });

  test("go only to listeners of their stream", async () => {
    await using server = new TestServer();
    await using foo = await EventReader.open(server.url, "foo");
    await foo.nextEvent("connect");
    await using bar = await EventReader.open(server.url, "bar");
    expect(await bar.nextEvent("connect")).toMatchObject({ Stream: "bar", Observers: 1 });
    await publishAll(server, "foo", ["a"]);
    expect((await foo.next())?.data.Text).toBe("a");
  });
});

describe("a client that disconnects", () => {
  for (const [name, headers] of Object.entries({ SSE: {}, NDJSON, "plain text": PLAIN })) {
    test(`is no longer counted: ${name}`, async () => {
      const clock = new ManualClock();
      await using server = new TestServer({ clock });
      await publishAll(server, "foo", ["a"]);
      await using watcher = await EventReader.open(server.url, "foo");
      await watcher.nextEvent("connect");
      const reader = await TextReader.open(`${server.url}/events?stream=foo&last=earliest`, headers);
      expect(server.hub.observers("foo")).toBe(2);
      clock.advance(1000);
      server.hub.onTimer();
      expect(await watcher.nextEvent("connect")).toMatchObject({ Observers: 2 });
      clock.advance(1000);
      reader.close();
      expect(await watcher.nextEvent("close")).toMatchObject({ Observers: 1 });
      expect(server.hub.observers("foo")).toBe(1);
      await reader[Symbol.asyncDispose]();
    });
  }
});
