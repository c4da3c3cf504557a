// The limits of a client over WebSocket, as its frames meet them.
import { expect, test } from "bun:test";
import { ManualClock } from "../../../test-support/clock.ts";
import { SocketClient, type Frame } from "../../../test-support/clients.ts";
import { TestServer, type TestServerOptions } from "../../../test-support/server.ts";
import { parseNetwork } from "../../protocol/address.ts";

const LIMITED: TestServerOptions = {
  rateLimit: 10,
  byteRate: 1024 ** 2,
  streamRate: 60,
  trustProxies: [parseNetwork("127.0.0.1")].flatMap((network) => network ?? []),
};

type Answer = Frame & { readonly Ref?: unknown };

/** A WebSocket of someone at an address, through a proxy. */
function from(server: TestServer, address: string, query = "foo"): Promise<SocketClient> {
  return SocketClient.open(server.url, query, [], { "x-forwarded-for": address });
}

/** Returns the answers to frames, in the order in which they came. */
async function answers(socket: SocketClient, count: number): Promise<Answer[]> {
  const all: Answer[] = [];
  while (all.length < count) all.push(await socket.next(({ Type }) => Type === "ack" || Type === "error"));
  return all;
}

test("messages beyond the rate are published and their acks delayed, then refused with a time", async () => {
  const clock = new ManualClock();
  await using server = new TestServer({ ...LIMITED, clock });
  await using socket = await from(server, "203.0.113.7");
  for (let i = 0; i < 360; i++) socket.send({ Type: "message", Text: `${i}`, Ref: i });
  const all = await answers(socket, 104);
  expect(all.map(({ Ref }) => Ref)).toEqual([...Array(100).keys(), 356, 357, 358, 359]);
  expect(all.at(-1)).toMatchObject({ Type: "error", Code: "rate_limited", Ref: 359, RetryAfter: 13 });
  const { messages } = await server.hub.replay("foo", 0, 1024);
  expect(messages).toHaveLength(356);
  // Someone else is not affected, nor is what is no message.
  await using other = await from(server, "203.0.113.8");
  expect(await other.ask({ Type: "message", Text: "hello" })).toMatchObject({ Type: "ack" });
  expect(await socket.ask({ Type: "ping" })).toMatchObject({ Type: "ack" });
  clock.advance(30_000);
  const late = await answers(socket, 256);
  expect(late.map(({ Ref }) => Ref)).toEqual(Array.from({ length: 256 }, (_, i) => 100 + i));
  expect(await socket.ask({ Type: "message", Text: "again" })).toMatchObject({ Type: "ack" });
});

test("delayed acks are sent before a shutdown closes the connection", async () => {
  const server = new TestServer({ ...LIMITED, clock: new ManualClock() });
  await using socket = await from(server, "203.0.113.7");
  for (let i = 0; i < 150; i++) socket.send({ Type: "message", Text: `${i}`, Ref: i });
  await answers(socket, 100);
  expect(await socket.ask({ Type: "ping", Ref: "all received" })).toMatchObject({ Type: "ack" });
  await server.stop();
  expect((await answers(socket, 50)).map(({ Ref }) => Ref)).toEqual(
    Array.from({ length: 50 }, (_, i) => 100 + i),
  );
  expect((await socket.closed).code).toBe(4000);
});

test("a client that creates too many streams with messages is refused, and they are not created", async () => {
  await using server = new TestServer({ ...LIMITED, clock: new ManualClock() });
  await using socket = await from(server, "203.0.113.7");
  for (let i = 0; i < 61; i++) socket.send({ Type: "message", Stream: `s${i}`, Text: "x", Ref: i });
  const all = await answers(socket, 61);
  expect(all.map(({ Type }) => Type).lastIndexOf("ack")).toBe(59);
  expect(all.at(-1)).toMatchObject({ Code: "rate_limited", RetryAfter: 1 });
  expect((await server.hub.replay("s60", 0, 1)).messages).toEqual([]);
});

const FLOODS: Record<string, (i: number) => object | string | Uint8Array> = {
  "malformed frames": () => "{",
  "binary frames": () => new Uint8Array(3),
  "unknown frames": () => ({ Type: "x" }),
  pings: (i) => ({ Type: "ping", Ref: i }),
  subscriptions: (i) => ({ Type: "subscribe", Stream: `s${i % 200}`, Ref: i }),
  "frames about presence": (i) => ({ Type: "presence", Name: `n${i}`, Ref: i }),
  "messages that are refused": (i) => ({ Type: "message", Text: "x", Ref: i }),
};

for (const [what, frame] of Object.entries(FLOODS)) {
  test(`a flood of ${what} closes the WebSocket`, async () => {
    await using server = new TestServer({ ...LIMITED, clock: new ManualClock() });
    await using socket = await from(server, "203.0.113.7");
    for (let i = 0; i < 4000; i++) socket.send(frame(i));
    expect(await socket.closed).toMatchObject({ code: 4002 });
    // Also the next one, until the client has waited. Others are not affected.
    await using next = await from(server, "203.0.113.7");
    for (let i = 0; i < 500; i++) next.send({ Type: "ping" });
    expect((await next.closed).code).toBe(4002);
    await using other = await from(server, "203.0.113.8");
    expect(await other.ask({ Type: "ping" })).toMatchObject({ Type: "ack" });
  }, 30_000);
}

test("frames of this machine have no limit", async () => {
  await using server = new TestServer({ ...LIMITED, clock: new ManualClock() });
  await using socket = await SocketClient.open(server.url, "foo");
  for (let i = 0; i < 4000; i++) socket.send(i % 2 === 0 ? { Type: "ping" } : { Type: "message", Text: "x" });
  expect((await answers(socket, 4000)).every(({ Type }) => Type === "ack")).toBe(true);
});
