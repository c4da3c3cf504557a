// WebSockets: publishing and subscribing, acks and errors, and the subprotocol malten.lines.
import { describe, expect, test } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import { checkText } from "../../src/protocol/text.ts";
import { ManualClock } from "../../test-support/clock.ts";
import { EventReader, SocketClient, type Frame } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { publishAll, range } from "./streams.ts";

describe("a WebSocket", () => {
  test("receives the same JSON as other listeners, and acks of its own messages", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    await using sse = await EventReader.open(server.url, "foo");
    await sse.nextEvent("connect");
    socket.send({ Type: "message", Text: "by socket", Ref: "r1" });
    const frames: Frame[] = [await socket.next(), await socket.next()];
    const ack = frames.find(({ Type }) => Type === "ack");
    const message = frames.find(({ Type }) => Type === "message") as WireMessage;
    expect(message).toMatchObject({ Text: "by socket", Stream: "foo", Metadata: null });
    expect(ack).toEqual({
      Type: "ack",
      Ref: "r1",
      Id: message.Id,
      Created: message.Created,
      Cursor: `${message.Created}-${server.hub.server}`,
    });
    expect(await sse.nextData()).toEqual(message);

    const posted = await fetch(`${server.url}/messages?stream=foo&text=by%20post`, { method: "POST" });
    expect(await socket.next()).toEqual((await posted.json()) as WireMessage);
  });

  test("publishes to any stream, by default to that of the URL", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    expect(await socket.ask({ Type: "message", Stream: "bar", Text: "a" })).toMatchObject({ Type: "ack" });
    expect(await socket.ask({ Type: "message", Text: "b" })).toMatchObject({ Type: "ack" });
    const texts = async (stream: string) =>
      ((await (await fetch(`${server.url}/messages?stream=${stream}`)).json()) as WireMessage[]).map(
        ({ Text }) => Text,
      );
    expect(await texts("bar")).toEqual(["a"]);
    expect(await texts("foo")).toEqual(["b"]);
  });

  test("repeats each Ref unchanged", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    for (const Ref of [0, 1, -1.5, "", "a", "é\n😀", "x".repeat(64)]) {
      expect(await socket.ask({ Type: "message", Stream: "bar", Text: "a", Ref })).toMatchObject({
        Type: "ack",
        Ref,
      });
      expect(await socket.ask({ Type: "subscribe", Stream: "baz", Ref })).toMatchObject({
        Type: "ack",
        Ref,
      });
      expect(await socket.ask({ Type: "unsubscribe", Stream: "baz", Ref })).toEqual({ Type: "ack", Ref });
      expect(await socket.ask({ Type: "message", Text: "", Ref })).toMatchObject({ Type: "error", Ref });
    }
    expect(Object.keys(await socket.ask({ Type: "unsubscribe", Stream: "baz" }))).toEqual(["Type"]);
  });

  test("gets the ack of a subscription, then its welcome with a cursor to resume from", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["before"]);
    await using socket = await SocketClient.open(server.url, "none&subscribe=false");
    expect(await socket.next()).toEqual({ Type: "welcome", Server: server.hub.server });
    socket.send({ Type: "subscribe", Stream: "foo", Ref: 1 });
    expect(await socket.next()).toEqual({ Type: "ack", Ref: 1 });
    const welcome = await socket.next(() => true);
    expect(welcome).toMatchObject({ Text: "welcome", Stream: "foo", Server: server.hub.server, TTL: 1024e9 });
    const begin = welcome.Type === "event" ? (welcome.Cursor ?? "") : "";
    await publishAll(server, "foo", ["after"]);
    await using other = await SocketClient.open(server.url, `foo&last=${begin}`);
    expect(await other.next(() => true)).toMatchObject({ Text: "welcome", Cursor: begin });
    expect(await other.texts(1)).toEqual(["after"]);
  });

  test("gets an ack for a ping", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    expect(await socket.ask({ Type: "ping", Ref: 1 })).toEqual({ Type: "ack", Ref: 1 });
  });

  test("subscribes to many streams", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "s0");
    for (let i = 1; i < 20; i++) {
      expect(await socket.ask({ Type: "subscribe", Stream: `s${i}`, Ref: i })).toMatchObject({
        Type: "ack",
        Ref: i,
      });
    }
    for (let i = 0; i < 20; i++) await server.publish(`s${i}`, String(i));
    await server.publish("other", "not for it");
    const frames: Frame[] = [];
    while (frames.length < 20) frames.push(await socket.next());
    expect(frames.map((frame) => frame.Type === "message" && [frame.Stream, frame.Text])).toEqual(
      range(0, 19).map((text) => [`s${text}`, text]),
    );
    await socket.ask({ Type: "unsubscribe", Stream: "s0" });
    await socket.ask({ Type: "unsubscribe", Stream: "s7" });
    expect(await socket.ask({ Type: "unsubscribe", Stream: "never" })).toEqual({ Type: "ack" });
    for (const stream of ["s0", "s7", "s8"]) await server.publish(stream, `again ${stream}`);
    expect(await socket.texts(1)).toEqual(["again s8"]);
    expect([server.hub.observers("s0"), server.hub.observers("s7"), server.hub.observers("s8")]).toEqual([
      0, 0, 1,
    ]);
  });

  test("subscribes from a cursor, and again from another", async () => {
    await using server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 100));
    await using socket = await SocketClient.open(server.url, "none");
    socket.send({ Type: "subscribe", Stream: "foo", Last: created[89] });
    expect(await socket.texts(10)).toEqual(range(91, 100));
    socket.send({ Type: "subscribe", Stream: "foo", Last: "earliest" });
    expect(await socket.texts(100)).toEqual(range(1, 100));
    socket.send({ Type: "subscribe", Stream: "foo", Last: "1000" });
    expect(await socket.texts(101)).toEqual(["<gap>", ...range(1, 100)]);
    // Once, despite three subscriptions.
    await publishAll(server, "foo", ["live", "end"]);
    expect(await socket.texts(2)).toEqual(["live", "end"]);
    expect(server.hub.observers("foo")).toBe(1);
    expect(await socket.ask({ Type: "subscribe", Stream: "foo" })).toMatchObject({ Type: "ack" });
    await publishAll(server, "foo", ["from now"]);
    expect(await socket.texts(1)).toEqual(["from now"]);
  });

  test("has at most 256 subscriptions", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "s0");
    for (let i = 1; i < 256; i++) {
      expect(await socket.ask({ Type: "subscribe", Stream: `s${i}` })).toMatchObject({ Type: "ack" });
    }
    expect(await socket.ask({ Type: "subscribe", Stream: "s256", Ref: "x" })).toMatchObject({
      Type: "error",
      Ref: "x",
      Code: "too_many_subscriptions",
    });
    expect(server.hub.observers("s256")).toBe(0);
    // Replacing a subscription does not add one.
    expect(await socket.ask({ Type: "subscribe", Stream: "s0" })).toMatchObject({ Type: "ack" });
    await socket.ask({ Type: "unsubscribe", Stream: "s0" });
    expect(await socket.ask({ Type: "subscribe", Stream: "s256" })).toMatchObject({ Type: "ack" });
  });

  const rejected: [frame: object | string | Uint8Array, code: string, ref?: string | number][] = [
    [new Uint8Array([1, 2, 3]), "bad_request"],
    [new TextEncoder().encode(`{"Type":"message","Text":"a"}`), "bad_request"],
    ["", "bad_json"],
    ["hello", "bad_json"],
    ["{", "bad_json"],
    ["[]", "bad_json"],
    ["null", "bad_json"],
    ["1", "bad_json"],
    [`{"Type":"message"}{}`, "bad_json"],
    [`{"Type":"message","Text":"a","Text":"b"}`, "duplicate_parameter"],
    [{}, "bad_request"],
    [{ Ref: 1 }, "bad_request", 1],
    [{ Type: "publish", Ref: 2 }, "bad_request", 2],
    [{ Type: "__proto__", Ref: 3 }, "bad_request", 3],
    [{ Type: ["message"], Text: "a" }, "bad_request"],
    [{ Type: "message", Ref: 4 }, "bad_request", 4],
    [{ Type: "message", Text: 5, Ref: 5 }, "bad_request", 5],
    [{ Type: "message", Text: null, Ref: 5 }, "bad_request", 5],
    [{ Type: "message", Text: "a", Stream: 1, Ref: 6 }, "bad_request", 6],
    [{ Type: "message", Text: "a", Stream: null, Ref: 6 }, "bad_request", 6],
    [{ Type: "message", Text: "a", Ref: {} }, "bad_request"],
    [{ Type: "message", Text: "a", Ref: null }, "bad_request"],
    [{ Type: "message", Text: "a", Ref: "x".repeat(65) }, "bad_request"],
    [{ Type: "message", Text: "a", Stream: "a b", Ref: 7 }, "bad_name", 7],
    [{ Type: "message", Text: "a", Stream: "a\nb", Ref: 7 }, "bad_name", 7],
    [{ Type: "message", Text: "a", Stream: "", Ref: 7 }, "bad_name", 7],
    [{ Type: "message", Text: " ", Ref: "8" }, "text_missing", "8"],
    [`{"Type":"message","Text":"\\ud800","Ref":9}`, "text_malformed", 9],
    [{ Type: "message", Text: "a\u0000", Ref: 10 }, "text_control", 10],
    [{ Type: "message", Text: "a".repeat(1025), Ref: 11 }, "text_too_long", 11],
    [{ Type: "subscribe", Ref: 12 }, "bad_request", 12],
    [{ Type: "subscribe", Stream: "a/b", Ref: 13 }, "bad_name", 13],
    [{ Type: "subscribe", Stream: "a", Last: 1, Ref: 14 }, "bad_request", 14],
    [{ Type: "subscribe", Stream: "a", Last: "-1", Ref: 15 }, "bad_parameter", 15],
    [{ Type: "subscribe", Stream: "a", Last: "1".repeat(21), Ref: 15 }, "bad_parameter", 15],
    [{ Type: "unsubscribe", Ref: 16 }, "bad_request", 16],
    [{ Type: "unsubscribe", Stream: "a b", Ref: 17 }, "bad_name", 17],
  ];

  test("gets an error for each bad frame and stays open", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    for (const [frame, code, ref] of rejected) {
      const answer = await socket.ask(frame);
      const shown = typeof frame === "string" ? frame : JSON.stringify(frame).slice(0, 80);
      expect([shown, answer]).toEqual([
        shown,
        {
          Type: "error",
          ...(ref !== undefined && { Ref: ref }),
          Code: code,
          Text: expect.any(String) as string,
        } as Frame,
      ] as [string, typeof answer]);
    }
    expect(await socket.ask({ Type: "message", Text: "fine" })).toMatchObject({ Type: "ack" });
    const page = await (await fetch(`${server.url}/messages?stream=foo&limit=1024`)).json();
    expect(page).toHaveLength(1);
  });

  test("accepts a frame of 16 KiB and is closed with 1009 at a larger one", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    const frame = (size: number): string => {
      const empty = JSON.stringify({ Type: "message", Text: "a", Padding: "" });
      return empty.replace(`"Padding":""`, `"Padding":"${"x".repeat(size - empty.length)}"`);
    };
    expect(await socket.ask(frame(16_384))).toMatchObject({ Type: "ack" });
    socket.send(frame(16_385));
    expect((await socket.closed).code).toBe(1009);
    expect(server.hub.observers("foo")).toBe(0);
  });

  test("leaves nothing behind when it closes", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock });
    await using watcher = await EventReader.open(server.url, "a");
    await watcher.nextEvent("connect");
    clock.advance(1000);
    const socket = await SocketClient.open(server.url, "a");
    await socket.ask({ Type: "subscribe", Stream: "b" });
    expect([server.hub.observers("a"), server.hub.observers("b")]).toEqual([2, 1]);
    expect(await watcher.nextEvent("connect")).toMatchObject({ Observers: 2 });
    clock.advance(1000);
    socket.close();
    expect(await watcher.nextEvent("close")).toMatchObject({ Observers: 1 });
    await socket.closed;
    expect([server.hub.observers("a"), server.hub.observers("b")]).toEqual([1, 0]);
  });
});

describe("the subprotocol malten.lines", () => {
  test("puts all messages of a turn in one frame, in history too, for this client only", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["a", "b\nc"]);
    await using lines = await SocketClient.open(server.url, "foo&last=earliest", ["malten.lines"]);
    await using single = await SocketClient.open(server.url, "foo&last=earliest");
    await using sse = await EventReader.open(server.url, "foo", { "last-event-id": "earliest" });
    const together = ["1", "2", "3", "4", "5"];
    for (const text of together) void server.hub.publish("foo", checkText(text));
    const expected = ["a", "b\nc", ...together];
    for (const reader of [lines, single, sse]) expect(await reader.texts(7)).toEqual(expected);
    expect(lines.counts).toContain(2);
    expect(Math.max(...lines.counts)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...single.counts)).toBe(1);
  });
});
