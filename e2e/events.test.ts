// Live delivery by a real server: formats, resuming, gaps, events, slow readers, long polls.
import { describe, expect, test } from "bun:test";
import { checkText } from "../src/protocol/text.ts";
import type { WireEvent, WireMessage } from "../src/protocol/message.ts";
import { ManualClock } from "../test-support/clock.ts";
import { EventReader, SocketClient, TextReader, type Frame, type Wire } from "../test-support/clients.ts";
import { RawConnection } from "../test-support/raw.ts";
import { TestServer, turn } from "../test-support/server.ts";

const NDJSON = { accept: "application/x-ndjson" };
const PLAIN = { accept: "text/plain" };

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

async function publishAll(server: TestServer, stream: string, texts: string[]): Promise<string[]> {
  const created: string[] = [];
  for (const text of texts) created.push(`${(await server.publish(stream, text)).created}000`);
  return created;
}

/** Creates a stream that can be ended. */
async function create(server: TestServer, query: string): Promise<() => Promise<Response>> {
  const response = await fetch(`${server.url}/streams?${query}`, { method: "POST" });
  const { stream, owner } = (await response.json()) as { stream: string; owner: string };
  return () =>
    fetch(`${server.url}/streams?stream=${stream}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${owner}` },
    });
}

/** Returns the next message or event other than welcome and presence. */
async function nextLine(reader: TextReader): Promise<Wire> {
  for (;;) {
    const line = await reader.upTo("\n");
    if (line === undefined) throw new Error("the response ended");
    if (line === "") continue;
    const data = JSON.parse(line) as Wire;
    if (!["welcome", "connect", "close"].includes(data.Text)) return data;
  }
}

async function lineTexts(reader: TextReader, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const { Type, Text } = await nextLine(reader);
    texts.push(Type === "message" ? Text : `<${Text}>`);
  }
  return texts;
}

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

describe("resuming delivers later messages", () => {
  const setUp = async () => {
    const server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 200));
    return { server, at: (n: number): string => created[n - 1] ?? "" };
  };

  test("after the Last-Event-ID header", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    await using reader = await EventReader.open(server.url, "foo", { "last-event-id": at(60) });
    expect(await reader.texts(140)).toEqual(range(61, 200));
    await publishAll(server, "foo", ["live"]);
    expect(await reader.texts(1)).toEqual(["live"]);
  });

  test("after last_event_id and last", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    for (const name of ["last_event_id", "last"]) {
      await using reader = await EventReader.open(server.url, `foo&${name}=${at(195)}`);
      expect(await reader.texts(5)).toEqual(range(196, 200));
    }
  });

  test("earliest: everything kept, without a gap", async () => {
    const { server } = await setUp();
    await using _ = server;
    for (const query of ["foo&last=earliest", "foo&last_event_id=earliest"]) {
      await using reader = await EventReader.open(server.url, query);
      expect(await reader.texts(200)).toEqual(range(1, 200));
    }
    await using reader = await EventReader.open(server.url, "foo", { "last-event-id": "earliest" });
    expect(await reader.texts(200)).toEqual(range(1, 200));
  });

  test("the header takes precedence, then last_event_id", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    const query = `foo&last=earliest&last_event_id=${at(190)}`;
    await using header = await EventReader.open(server.url, query, { "last-event-id": at(198) });
    expect(await header.texts(2)).toEqual(range(199, 200));
    await using parameter = await EventReader.open(server.url, query);
    expect(await parameter.texts(10)).toEqual(range(191, 200));
  });

  test("after the newest: nothing, and no gap", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    await using reader = await EventReader.open(server.url, `foo&last=${at(200)}`);
    await reader.nextEvent("connect");
    await publishAll(server, "foo", ["live"]);
    expect(await reader.texts(1)).toEqual(["live"]);
  });

  test("in every format", async () => {
    const { server, at } = await setUp();
    await using _ = server;
    const query = `foo&last=${at(150)}`;
    await using lines = await TextReader.open(`${server.url}/events?stream=${query}`, NDJSON);
    expect(lines.response.headers.get("content-type")).toBe("application/x-ndjson");
    await using text = await TextReader.open(`${server.url}/events?stream=${query}`, PLAIN);
    expect(await text.upTo("\n")).toBe("");
    expect(text.response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    await using socket = await SocketClient.open(server.url, query);
    await publishAll(server, "foo", ["live"]);
    const expected = [...range(151, 200), "live"];
    expect(await lineTexts(lines, 51)).toEqual(expected);
    expect(await socket.texts(51)).toEqual(expected);
    const texts: (string | undefined)[] = [];
    while (texts.length < 51) texts.push(await text.upTo("\n"));
    expect(texts).toEqual(expected);
  });

  test("each once under constant publishing", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["0"]);
    let sent = 0;
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await server.publish("foo", String(++sent));
      await turn();
    };
    let last = "earliest";
    let expected = 0;
    for (let round = 0; round < 30; round++) {
      await using reader = await EventReader.open(server.url, "foo", { "last-event-id": last });
      const sending = (async () => {
        for (let i = 0; i < 5; i++) await send(3);
      })();
      // It disconnects while messages keep arriving.
      for (let i = 0; i < 12; i++) {
        const event = await reader.next();
        if (event?.data.Type !== "message") {
          expect(event?.data.Text).toBeOneOf(["welcome", "connect"]);
          continue;
        }
        expect(event.data.Text).toBe(String(expected++));
        last = event.id ?? "";
      }
      await sending;
    }
    await using rest = await EventReader.open(server.url, "foo", { "last-event-id": last });
    expect(await rest.texts(sent - expected + 1)).toEqual(range(expected, sent));
  });
});

describe("a gap is reported", () => {
  /** Returns the gap and the texts after it in each format that has events. */
  const inEachFormat = async (server: TestServer, query: string, texts: number) => {
    const answers: { gap: WireEvent; texts: string[] }[] = [];
    await using sse = await EventReader.open(server.url, query);
    answers.push({ gap: (await sse.nextData()) as WireEvent, texts: await sse.texts(texts) });
    await using lines = await TextReader.open(`${server.url}/events?stream=${query}`, NDJSON);
    answers.push({ gap: (await nextLine(lines)) as WireEvent, texts: await lineTexts(lines, texts) });
    await using socket = await SocketClient.open(server.url, query);
    answers.push({ gap: (await socket.next()) as WireEvent, texts: await socket.texts(texts) });
    return answers;
  };

  test("if messages were evicted", async () => {
    await using server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 1034));
    for (const { gap, texts } of await inEachFormat(server, `foo&last=${created[4]}`, 1024)) {
      expect(gap).toMatchObject({ Type: "event", Text: "gap", From: created[4], To: created[10] });
      expect(texts).toEqual(range(11, 1034));
    }
  });

  test("but not if the cursor is the last evicted message", async () => {
    await using server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 1034));
    await using reader = await EventReader.open(server.url, `foo&last=${created[9]}`);
    expect(await reader.texts(1024)).toEqual(range(11, 1034));
  });

  test("if the stream was deleted and created again", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    const [before] = await publishAll(server, "foo", ["1", "2"]);
    await end();
    const [after] = await publishAll(server, "foo", ["3"]);
    for (const { gap, texts } of await inEachFormat(server, `foo&last=${before}`, 1)) {
      expect(gap).toMatchObject({ Text: "gap", From: before });
      // Not beyond the next message.
      expect(Number(gap.To)).toBeLessThanOrEqual(Number(after));
      expect(Number(gap.To)).toBeGreaterThan(Number(before));
      expect(texts).toEqual(["3"]);
    }
  });

  test("if the stream was deleted, but not if another was, nor for earliest", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    const [known] = await publishAll(server, "foo", ["1", "2"]);
    await end();
    for (const { gap } of await inEachFormat(server, `foo&last=${known}`, 0)) {
      expect(gap).toMatchObject({ Text: "gap", From: known });
      expect(Number(gap.To)).toBeGreaterThan(Number(known));
    }
    for (const query of [`bar&last=${known}`, "foo&last=earliest"]) {
      await using reader = await EventReader.open(server.url, query);
      await reader.nextEvent("connect");
      await publishAll(server, query.slice(0, 3), ["first"]);
      expect(await reader.texts(1)).toEqual(["first"]);
    }
  });

  test("once, and later messages follow", async () => {
    await using server = new TestServer();
    await using reader = await EventReader.open(server.url, "foo&last=1000");
    expect(await reader.texts(1)).toEqual(["<gap>"]);
    await publishAll(server, "foo", ["1", "2"]);
    expect(await reader.texts(2)).toEqual(["1", "2"]);
  });

  test("if the cursor is later than everything on this server", async () => {
    await using server = new TestServer();
    await publishAll(server, "foo", ["1", "2"]);
    await using reader = await EventReader.open(server.url, "foo&last=9999999999999999999");
    expect(await reader.texts(3)).toEqual(["<gap>", "1", "2"]);
  });

  test("in plain text as a line that no message can contain", async () => {
    await using server = new TestServer();
    const created = await publishAll(server, "foo", range(1, 1025));
    await using reader = await TextReader.open(`${server.url}/events?stream=foo&last=1000`, PLAIN);
    expect(await reader.upTo("\n")).toBe("");
    const line = await reader.upTo("\n");
    expect(line).toStartWith("\u001a");
    expect(line).toContain(created[1] ?? "");
    expect(await reader.upTo("\n")).toBe("2");
  });
});

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

  test("expiring, then ended, for an idle stream", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock });
    await create(server, "stream=foo&ttl=100");
    await using reader = await EventReader.open(server.url, "foo");
    await reader.nextEvent("connect");
    clock.advance(76_000);
    server.hub.onTimer();
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
    await create(server, "stream=foo&ttl=100");
    await using reader = await EventReader.open(server.url, "foo");
    await reader.nextEvent("connect");
    clock.advance(76_000);
    server.hub.onTimer();
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

describe("plain text", () => {
  test("contains only the texts", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    await publishAll(server, "foo", ["one", "two\nlines", `"quoted" \\ \t`, "😀"]);
    await using reader = await TextReader.open(`${server.url}/events?stream=foo&last=earliest`, PLAIN);
    expect(await reader.upTo("\n")).toBe("");
    for (const line of ["one", "two", "lines", `"quoted" \\ \t`, "😀"]) {
      expect(await reader.upTo("\n")).toBe(line);
    }
    await end();
    await publishAll(server, "foo", ["after"]);
    expect(await reader.upTo("\n")).toBe("after");
  });
});

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

/** Publishes messages `n …` of about 4 kB, 16 per turn of the event loop. */
async function flood(server: TestServer, stream: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await server.publish(stream, `${n} ${"😀".repeat(1000)}`);
    if (n % 16 === 0) await turn();
  }
  await turn();
}

/** Returns whether this is the last message of a flood. */
const isLast = (data: Frame | undefined, last: number): boolean =>
  data?.Type === "message" && data.Text.startsWith(`${last} `);

/** Checks that nothing is duplicated, out of order, or missing without a gap. Returns the received numbers. */
function expectNoSilentLoss(received: Wire[], from: number, to: number): number[] {
  const numbers: number[] = [];
  let gap: WireEvent | undefined;
  let next = from;
  for (const data of received) {
    if (data.Type === "event") {
      if (data.Text === "gap") gap = data;
      continue;
    }
    const number = Number.parseInt(data.Text, 10);
    if (number !== next) {
      expect(number).toBeGreaterThan(next);
      expect(gap).toBeDefined();
      expect(gap?.To).toBe(data.Created);
    }
    gap = undefined;
    next = number + 1;
    numbers.push(number);
  }
  expect(next).toBe(to + 1);
  return numbers;
}

const UPGRADE =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/** Returns the next text frame of a server (RFC 6455 §5.2), skipping pings. */
async function nextFrame(connection: RawConnection): Promise<Frame> {
  for (;;) {
    const sizes = (bytes: Buffer): [head: number, payload: number] => {
      const short = (bytes[1] ?? 0) & 0x7f;
      if (short < 126) return [2, short];
      if (short === 126) return [4, bytes.length < 4 ? Infinity : bytes.readUInt16BE(2)];
      return [10, bytes.length < 10 ? Infinity : Number(bytes.readBigUInt64BE(2))];
    };
    const frame = await connection.read((bytes) => {
      if (bytes.length < 2) return 0;
      const [head, payload] = sizes(bytes);
      return bytes.length >= head + payload ? head + payload : 0;
    });
    if (frame === undefined) throw new Error("the connection ended");
    const [head] = sizes(frame);
    const opcode = (frame[0] ?? 0) & 0x0f;
    if (opcode === 8) throw new Error(`closed with ${frame.readUInt16BE(head)}`);
    if (opcode === 1) return JSON.parse(frame.subarray(head).toString()) as Frame;
  }
}

/** Returns a function that reads the data of the next server-sent event from a chunked response. */
function eventsOf(connection: RawConnection): () => Promise<Wire> {
  let text = "";
  const decoder = new TextDecoder();
  return async () => {
    for (;;) {
      const [block, data] =
        /^(?:(?:retry:[0-9]+|:)\n)*(?:id:[0-9]+-[A-Za-z0-9]+\n)?data:(.*)\n\n/.exec(text) ?? [];
      if (block !== undefined && data !== undefined) {
        text = text.slice(block.length);
        return JSON.parse(data) as Wire;
      }
      const size = await connection.read(
        (bytes) => bytes.indexOf("\r\n") + 2 - (bytes.includes("\r\n") ? 0 : 1),
      );
      if (size === undefined) throw new Error("the connection ended");
      const length = Number.parseInt(size.toString(), 16);
      const chunk = await connection.read((bytes) => (bytes.length >= length + 2 ? length + 2 : 0));
      if (chunk === undefined || length === 0) throw new Error("the response ended");
      text += decoder.decode(chunk.subarray(0, length), { stream: true });
    }
  };
}

describe("a reader that stops reading", () => {
  const LAST = 6000; // of about 4 kB: far more than the kernel and the stream can hold

  const clients: Record<string, (port: number) => Promise<[RawConnection, () => Promise<Frame>]>> = {
    SSE: async (port) => {
      const connection = await RawConnection.open(port);
      connection.send("GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await connection.head();
      return [connection, eventsOf(connection)];
    },
    WebSocket: async (port) => {
      const connection = await RawConnection.open(port);
      connection.send(`GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n${UPGRADE}\r\n`);
      await connection.head();
      return [connection, () => nextFrame(connection)];
    },
  };

  for (const [name, open] of Object.entries(clients)) {
    test(`gets a gap and everything that is kept when it continues: ${name}`, async () => {
      await using server = new TestServer({ clock: new ManualClock() });
      const [connection, next] = await open(server.port);
      using _ = connection;
      expect(await next()).toMatchObject({ Text: "welcome" });
      expect(await next()).toMatchObject({ Text: "connect" });
      await using other = await EventReader.open(server.url, "foo&last=earliest");
      connection.socket.pause();
      const others = (async () => {
        const received: Wire[] = [];
        while (!isLast(received.at(-1), LAST)) received.push(await other.nextData());
        return received;
      })();
      await flood(server, "foo", 1, LAST);
      // Other readers are not held up and miss nothing.
      expect(expectNoSilentLoss(await others, 1, LAST)).toHaveLength(LAST);

      connection.socket.resume();
      const received: Wire[] = [];
      while (!isLast(received.at(-1), LAST)) received.push((await next()) as Wire);
      const numbers = expectNoSilentLoss(received, 1, LAST);
      expect(numbers.length).toBeLessThan(LAST);
      expect(numbers.slice(-1024)).toEqual(Array.from({ length: 1024 }, (_1, i) => LAST - 1023 + i));
      // It is live again.
      await server.publish("foo", "live");
      expect(await next()).toMatchObject({ Text: "live" });
    }, 15_000);
  }

  test("for 10 s is disconnected, and resumes with Last-Event-ID", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock, ttl: 604_800 });
    using connection = await RawConnection.open(server.port);
    connection.send("GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await connection.head();
    const next = eventsOf(connection);
    expect(await next()).toMatchObject({ Text: "welcome" });
    expect(await next()).toMatchObject({ Text: "connect" });
    await flood(server, "foo", 1, 5);
    const received: Wire[] = [];
    while (!isLast(received.at(-1), 5)) received.push(await next());
    connection.socket.pause();
    await flood(server, "foo", 6, LAST);
    await using watcher = await EventReader.open(server.url, "foo");
    clock.advance(1000);
    server.onTimer();
    expect(await watcher.nextEvent("connect")).toMatchObject({ Observers: 2 });
    // More than once: the kernel may accept a last piece, after which the 10 s start again.
    while (server.hub.observers("foo") > 1) {
      clock.advance(10_000);
      server.onTimer();
      await turn();
    }
    expect(await watcher.nextEvent("close")).toMatchObject({ Observers: 1 });
    const last = received.at(-1)?.Created ?? "";
    await using again = await EventReader.open(server.url, "foo", { "last-event-id": last });
    while (!isLast(received.at(-1), LAST)) received.push(await again.nextData());
    const numbers = expectNoSilentLoss(received, 1, LAST);
    expect(numbers).toEqual([1, 2, 3, 4, 5, ...Array.from({ length: 1024 }, (_, i) => LAST - 1023 + i)]);
  }, 15_000);
});

test("acknowledged messages reach listeners before the server stops", async () => {
  const server = new TestServer();
  await using sse = await EventReader.open(server.url, "foo");
  await using socket = await SocketClient.open(server.url, "foo");
  await sse.nextEvent("connect");
  for (const text of ["1", "2", "3"]) void server.hub.publish("foo", checkText(text));
  const stopped = server[Symbol.asyncDispose]();
  for (const reader of [sse, socket]) expect(await reader.texts(3)).toEqual(["1", "2", "3"]);
  await stopped;
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

describe("a WebSocket with many streams of long messages", () => {
  const STREAMS = 32;

  test("catches up with all", async () => {
    await using server = new TestServer({ maxMemory: 512 * 1024 * 1024 });
    for (let i = 0; i < STREAMS; i++) await flood(server, `s${i}`, 1, 128);
    await using socket = await SocketClient.open(server.url, "none");
    for (let i = 0; i < STREAMS; i++) socket.send({ Type: "subscribe", Stream: `s${i}`, Last: "earliest" });
    const received = new Map<string, Wire[]>();
    for (let count = 0; count < STREAMS * 128; count++) {
      const frame = (await socket.next(({ Type }) => Type === "message")) as WireMessage;
      received.set(frame.Stream, [...(received.get(frame.Stream) ?? []), frame]);
    }
    for (const frames of received.values()) expectNoSilentLoss(frames, 1, 128);
  }, 15_000);

  test("receives from all at once", async () => {
    await using server = new TestServer({ maxMemory: 512 * 1024 * 1024 });
    await using socket = await SocketClient.open(server.url, "none");
    for (let i = 0; i < STREAMS; i++) await socket.ask({ Type: "subscribe", Stream: `s${i}` });
    for (let n = 1; n <= 64; n++) {
      for (let i = 0; i < STREAMS; i++) await server.publish(`s${i}`, `${n} ${"😀".repeat(1000)}`);
    }
    const received = new Map<string, Wire[]>();
    for (let count = 0; count < STREAMS * 64; count++) {
      const frame = (await socket.next(({ Type }) => Type === "message")) as WireMessage;
      received.set(frame.Stream, [...(received.get(frame.Stream) ?? []), frame]);
    }
    for (const frames of received.values()) expectNoSilentLoss(frames, 1, 64);
  }, 15_000);
});

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
