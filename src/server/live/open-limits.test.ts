// What stays open is counted, of all clients together, until it is closed.
import { expect, test } from "bun:test";
import { EventReader, SocketClient } from "../../../test-support/clients.ts";
import { RawConnection } from "../../../test-support/raw.ts";
import { problemOf, TestServer, turn } from "../../../test-support/server.ts";

/** Resolves when the stream has this many listeners. */
async function listening({ hub }: TestServer, stream: string, count: number): Promise<void> {
  while (hub.observers(stream) !== count) await turn();
}

const LIVE: Record<string, string> = {
  "server-sent events": "/events?stream=foo",
  "a long poll": "/messages?stream=foo&wait=60",
};

for (const [kind, path] of Object.entries(LIVE)) {
  for (const limit of ["maxConnections", "maxSubscriptions"] as const) {
    test(`${kind} beyond ${limit} is rejected until another is closed`, async () => {
      await using server = new TestServer({ [limit]: 2 });
      const first = await RawConnection.open(server.port);
      first.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await using second = await EventReader.open(server.url, "foo");
      await second.nextEvent("welcome");
      await listening(server, "foo", 2);
      const rejected = await fetch(server.url + path);
      expect(rejected.headers.get("retry-after")).toMatch(/^[0-9]+$/);
      expect(await problemOf(rejected)).toMatchObject({ status: 503, code: "too_busy" });
      first[Symbol.dispose]();
      await listening(server, "foo", 1);
      await using third = await EventReader.open(server.url, "foo");
      await third.nextEvent("welcome");
    });
  }
}

test("a WebSocket beyond the limit is rejected until another is closed", async () => {
  await using server = new TestServer({ maxConnections: 2 });
  await using watcher = await EventReader.open(server.url, "foo");
  const first = await SocketClient.open(server.url, "foo");
  await watcher.nextEvent("welcome");
  await listening(server, "foo", 2);
  const rejected = await upgrade(server);
  expect([rejected.status, rejected.headers.get("retry-after")]).toEqual([503, "5"]);
  await first[Symbol.asyncDispose]();
  await listening(server, "foo", 1);
  expect((await upgrade(server)).status).toBe(101);
});

test("the subscriptions of a WebSocket count, also to streams that do not exist", async () => {
  await using server = new TestServer({ maxSubscriptions: 3 });
  await using socket = await SocketClient.open(server.url, "s0");
  expect(await socket.ask({ Type: "subscribe", Stream: "s1" })).toMatchObject({ Type: "ack" });
  {
    await using _ = await SocketClient.open(server.url, "s2");
    await listening(server, "s2", 1);
    expect(await socket.ask({ Type: "subscribe", Stream: "s3" })).toMatchObject({
      Type: "error",
      Code: "too_busy",
    });
    // Replacing a subscription does not add one.
    expect(await socket.ask({ Type: "subscribe", Stream: "s1" })).toMatchObject({ Type: "ack" });
  }
  await listening(server, "s2", 0);
  expect(await socket.ask({ Type: "subscribe", Stream: "s3" })).toMatchObject({ Type: "ack" });
  expect(await socket.ask({ Type: "unsubscribe", Stream: "s0" })).toMatchObject({ Type: "ack" });
  expect(await socket.ask({ Type: "subscribe", Stream: "s4" })).toMatchObject({ Type: "ack" });
  expect(await socket.ask({ Type: "subscribe", Stream: "s5" })).toMatchObject({ Code: "too_busy" });
});

test("connections that end at any point are released", async () => {
  await using server = new TestServer({ maxConnections: 50, maxSubscriptions: 50 });
  for (let i = 0; i < 200; i++) await server.publish("large", "x".repeat(1000));
  const head = " HTTP/1.1\r\nHost: localhost\r\n";
  const requests = [
    `GET /events${head}\r\n`,
    `GET /messages?wait=60${head}\r\n`,
    `GET /events${head}${HANDSHAKE}\r\n`,
    `GET /events${head}${HANDSHAKE.replace("13", "1")}\r\n`,
    `HEAD /events${head}\r\n`,
    `GET /messages?stream=large&limit=1024${head}\r\n`,
    `GET /events${head}Accept: application/x-ndjson\r\n\r\n`,
    // Gets no answer, so its place must be odd.
    `POST /messages${head}Content-Type: text/plain\r\nContent-Length: 9\r\n\r\nhello`,
  ];
  for (let i = 0; i < 600; i++) {
    const connection = await RawConnection.open(server.port);
    connection.send(requests[i % requests.length] ?? "");
    if (i % 4 === 0) await connection.head();
    if (i % 3 === 0) connection.socket.resetAndDestroy();
    else connection[Symbol.dispose]();
  }
  await listening(server, "_", 0);
  const sockets = await Promise.all(Array.from({ length: 50 }, () => SocketClient.open(server.url, "foo")));
  expect((await upgrade(server)).status).toBe(503);
  await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
});

const HANDSHAKE =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async function upgrade({ port }: TestServer) {
  const connection = await RawConnection.open(port);
  connection.send(`GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n${HANDSHAKE}\r\n`);
  const head = await connection.head();
  connection[Symbol.dispose]();
  if (head === undefined) throw new Error("not answered");
  return head;
}
