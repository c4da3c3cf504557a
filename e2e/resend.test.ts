// A client that gets no ack sends its message again, and the server publishes it once.
import { afterAll, describe, expect, test } from "bun:test";
import type { WireMessage } from "../src/protocol/message.ts";
import { SocketClient } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import { problemOf, TestServer } from "../test-support/server.ts";

afterAll(expectNoProcessLeft);

const REF = "a-ref-of-its-own";

type Server = TestServer | ServerProcess;

function origin({ port }: Server): string {
  return `http://127.0.0.1:${port}`;
}

async function history(server: Server, stream: string): Promise<WireMessage[]> {
  const response = await fetch(`${origin(server)}/messages?stream=${stream}`);
  return (await response.json()) as WireMessage[];
}

function post(server: Server, parameters: Record<string, string>): Promise<Response> {
  return fetch(`${origin(server)}/messages`, { method: "POST", body: new URLSearchParams(parameters) });
}

async function serverId(server: Server): Promise<string> {
  const response = await fetch(`${origin(server)}/limits`);
  return ((await response.json()) as { server: string }).server;
}

describe("a message sent again", () => {
  test("over another WebSocket is published once, with the same ack", async () => {
    await using server = new TestServer();
    await using listener = await SocketClient.open(server.url, "foo");
    await using first = await SocketClient.open(server.url, "foo");
    const ack = await first.ask({ Type: "message", Text: "hello", Ref: REF });
    first.close();
    await first.closed;
    await using second = await SocketClient.open(server.url, "foo&subscribe=false");
    expect(await second.ask({ Type: "message", Text: "hello", Ref: REF })).toEqual(ack);
    await second.ask({ Type: "message", Text: "next", Ref: 1 });
    expect(await listener.texts(2)).toEqual(["hello", "next"]);
    const messages = await history(server, "foo");
    expect(messages.map(({ Text }) => Text)).toEqual(["hello", "next"]);
    expect(ack).toEqual({
      Type: "ack",
      Ref: REF,
      Id: messages[0]?.Id ?? "",
      Created: messages[0]?.Created ?? "",
      Cursor: `${messages[0]?.Created}-${server.hub.server}`,
    });
  });

  test("by POST is published once", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    const ack = await socket.ask({ Type: "message", Text: "hello", Ref: REF });
    const response = await post(server, { stream: "foo", text: "hello", ref: REF });
    expect(response.status).toBe(201);
    expect(ack).toMatchObject({ Id: ((await response.json()) as WireMessage).Id });
    expect(await history(server, "foo")).toHaveLength(1);
  });

  test("with another text is rejected, and the socket stays open", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    await socket.ask({ Type: "message", Text: "hello", Ref: REF });
    expect(await socket.ask({ Type: "message", Text: "other", Ref: REF })).toMatchObject({
      Type: "error",
      Ref: REF,
      Code: "ref_reused",
    });
    expect(await socket.ask({ Type: "message", Text: "other", Ref: `${REF}2` })).toMatchObject({
      Type: "ack",
    });
  });

  test("with a short or numeric Ref is another message", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo");
    for (const Ref of [1, 1, "short", "short"]) await socket.ask({ Type: "message", Text: "again", Ref });
    expect(await history(server, "foo")).toHaveLength(4);
  });
});

describe("a WebSocket opened with subscribe=false", () => {
  test("gets a welcome frame with the server, and subscribes later", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo&subscribe=false");
    expect(await socket.next()).toEqual({ Type: "welcome", Server: await serverId(server) });
    expect(server.hub.observers("foo")).toBe(0);
    await server.publish("foo", "unheard");
    expect(await socket.ask({ Type: "subscribe", Stream: "bar" })).toMatchObject({ Type: "ack" });
    expect(server.hub.observers("bar")).toBe(1);
    await server.publish("bar", "heard");
    expect(await socket.texts(1)).toEqual(["heard"]);
    // Messages without a stream still go to that of the URL.
    await socket.ask({ Type: "message", Text: "hello" });
    expect((await history(server, "foo")).map(({ Text }) => Text)).toEqual(["unheard", "hello"]);
  });

  test("others begin with the welcome event of their stream", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo&subscribe=true");
    await server.publish("foo", "hello");
    expect(await socket.next(() => true)).toMatchObject({ Type: "event", Text: "welcome", Stream: "foo" });
    expect(await socket.next()).toMatchObject({ Text: "hello" });
  });
});

test("a message for an earlier run of the server is rejected and not published", async () => {
  await using server = new TestServer();
  const id = await serverId(server);
  const rejected = await post(server, { stream: "foo", text: "hello", ref: REF, server: `${id}x` });
  expect(await problemOf(rejected)).toMatchObject({ status: 409, code: "server_changed" });
  expect(await history(server, "foo")).toEqual([]);
  const accepted = await post(server, { stream: "foo", text: "hello", ref: REF, server: id });
  expect(accepted.status).toBe(201);
});

test("a restarted server has another name and has forgotten earlier refs", async () => {
  const message = { stream: "foo", text: "hello", ref: REF };
  await using before = await ServerProcess.start();
  const server = await serverId(before);
  expect((await post(before, { ...message, server })).status).toBe(201);
  await before.stop();
  await using after = await ServerProcess.start();
  expect(await serverId(after)).not.toBe(server);
  expect(await problemOf(await post(after, { ...message, server }))).toMatchObject({
    code: "server_changed",
  });
  await using socket = await SocketClient.open(origin(after), "foo&subscribe=false");
  expect(await socket.next()).toEqual({ Type: "welcome", Server: await serverId(after) });
  expect(await history(after, "foo")).toEqual([]);
}, 20_000);
