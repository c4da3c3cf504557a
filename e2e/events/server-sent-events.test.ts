// Server-sent events of a real server: headers, ids, the welcome, and what they contain.
import { describe, expect, test } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import { EventReader } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { create, publishAll } from "./streams.ts";

describe("server-sent events", () => {
  test("carry each message as posted, with its cursor as id", async () => {
    await using server = new TestServer();
    await using reader = await EventReader.open(server.url, "foo");
    expect(reader.response.status).toBe(200);
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream");
    expect(reader.response.headers.get("cache-control")).toBe("no-store");
    expect(reader.response.headers.get("x-accel-buffering")).toBe("no");
    expect(reader.response.headers.get("access-control-allow-origin")).toBe("*");
    await reader.nextEvent("connect");
    const posted = await fetch(`${server.url}/messages?stream=foo&text=a%0Ab`, { method: "POST" });
    const message = (await posted.json()) as WireMessage;
    const event = await reader.next();
    const id = `${message.Created}-${server.hub.server}`;
    expect(event).toEqual({ id, event: undefined, retry: undefined, data: message });
  });

  test("begin with a welcome, which has retry and the cursor as id", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["before"]);
    await using reader = await EventReader.open(server.url, "foo");
    const welcome = await reader.next();
    expect(welcome).toEqual({
      id: expect.stringMatching(/^[0-9]+000-test$/) as string,
      event: undefined,
      retry: expect.stringMatching(/^[12][0-9]{3}$/) as string,
      data: {
        Id: expect.any(String) as string,
        Text: "welcome",
        Type: "event",
        Created: expect.stringMatching(/^[0-9]+000$/) as string,
        Stream: "foo",
        Metadata: null,
        Server: "test",
        Cursor: welcome?.id ?? "",
        TTL: 1024e9,
        Expires: expect.stringMatching(/^[0-9]+000$/) as string,
        Count: 1,
      },
    });
    await publishAll(server, "foo", ["after"]);
    await using again = await EventReader.open(server.url, "foo", { "last-event-id": welcome?.id ?? "" });
    expect(await again.texts(1)).toEqual(["after"]);
  });

  test("about the stream have no id, and the members of a message", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    await using reader = await EventReader.open(server.url, "foo&last=1000");
    const kinds: string[] = [];
    await reader.nextEvent("welcome");
    await end();
    while (!kinds.includes("ended")) {
      const event = await reader.next();
      if (event === undefined) throw new Error(kinds.join());
      expect(event.id).toBeUndefined();
      expect(event.event).toBeUndefined();
      expect(event.data).toMatchObject({ Type: "event", Stream: "foo", Metadata: null });
      expect(Object.keys(event.data).slice(0, 6)).toEqual([
        "Id",
        "Text",
        "Type",
        "Created",
        "Stream",
        "Metadata",
      ]);
      expect(event.data.Created).toMatch(/^[0-9]+000$/);
      kinds.push(event.data.Text);
    }
    expect(kinds.toSorted()).toEqual(["connect", "ended", "gap"]);
  });

  test("without a cursor contain nothing earlier", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["old"]);
    await using reader = await EventReader.open(server.url, "foo");
    await reader.nextEvent("connect");
    await publishAll(server, "foo", ["new"]);
    expect(await reader.texts(1)).toEqual(["new"]);
  });

  test("of other streams are not delivered", async () => {
    await using server = new TestServer();
    await using reader = await EventReader.open(server.url, "foo");
    await reader.nextEvent("connect");
    await publishAll(server, "fo", ["a"]);
    await publishAll(server, "foo", ["b"]);
    await publishAll(server, "_", ["c"]);
    await publishAll(server, "foo", ["d"]);
    expect(await reader.texts(2)).toEqual(["b", "d"]);
  });
});
