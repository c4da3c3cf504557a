// Long polls: `GET /messages` that waits for a message.
import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../test-support/clock.ts";
import { EventReader } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";

describe("a long poll", () => {
  const poll = (server: TestServer, query: string, signal?: AbortSignal) =>
    fetch(`${server.url}/messages?stream=foo&${query}`, signal === undefined ? {} : { signal });

  test("returns as soon as a message arrives", async () => {
    await using server = new TestServer();
    await using watcher = await EventReader.open(server.url, "foo");
    await watcher.nextEvent("connect");
    const waiting = poll(server, "wait=60");
    // It counts as a listener while it waits; the event comes within a second.
    expect(await watcher.nextEvent("connect")).toMatchObject({ Observers: 2 });
    await server.publish("foo", "hello");
    expect(await (await waiting).json()).toMatchObject([{ Text: "hello" }]);
    expect(server.hub.observers("foo")).toBe(1);
  });

  test("returns [] when the wait times out", async () => {
    await using server = new TestServer();
    const response = await poll(server, "wait=1");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("[]");
    expect(server.hub.observers("foo")).toBe(0);
  });

  test("leaves nothing behind when the client disconnects", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock });
    await using watcher = await EventReader.open(server.url, "foo");
    await watcher.nextEvent("connect");
    const gone = new AbortController();
    clock.advance(1000);
    const waiting = poll(server, "wait=60", gone.signal);
    expect(await watcher.nextEvent("connect")).toMatchObject({ Observers: 2 });
    clock.advance(1000);
    gone.abort();
    await waiting.catch(() => null);
    expect(await watcher.nextEvent("close")).toMatchObject({ Observers: 1 });
    expect(server.hub.observers("foo")).toBe(1);
  });
});
