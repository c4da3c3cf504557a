// Errors of the server itself: clients get `internal` and no details, the log gets class and place but nothing of a client.
import { describe, expect, test } from "bun:test";
import { EventReader, SocketClient } from "../../test-support/clients.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer, turn, type TestServerOptions } from "../../test-support/server.ts";
import type { Broker } from "../core/broker.ts";
import { detectDeadConnections } from "./dead-connections.ts";

/** In every request and in the message of every error. */
const SECRET = "secret";

const OPERATIONS = ["publish", "page", "replay", "subscribe", "create", "list", "end"];

type Fault = "throws" | "rejects";

/** Makes all operations of a broker fail. */
function failing(fault: Fault, operations = OPERATIONS): (broker: Broker) => Broker {
  const fail = () => {
    const error = new RangeError(`${SECRET}\n    at ${SECRET} (/src/${SECRET}.ts:1:1)`);
    if (fault === "throws") throw error;
    return Promise.reject(error);
  };
  return (broker) =>
    new Proxy(broker, {
      get(target, name): unknown {
        if (operations.includes(String(name))) return fail;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
}

function start(options: TestServerOptions): TestServer {
  return new TestServer({ ...options, name: "faulty" });
}

/** Checks that one error was logged, with the place and nothing of the request. */
function expectLogged({ logged }: TestServer, where: string): void {
  expect(logged).toHaveLength(1);
  expect(logged[0]).toStartWith(`error: ${where} failed: `);
  expect(logged[0]).toContain("RangeError at ");
  expect(logged[0]).toContain("(src/");
  expect(logged[0]).not.toContain(SECRET);
  expect(logged[0]).not.toContain("127.0.0.1");
}

const REQUESTS: [where: string, path: string, init?: RequestInit][] = [
  ["GET /messages", `/messages?stream=${SECRET}`],
  ["GET /messages", `/messages?stream=${SECRET}&last=1`],
  ["GET /messages", `/messages?stream=${SECRET}&wait=60`],
  ["POST /messages", `/messages?stream=${SECRET}&text=${SECRET}`, { method: "POST" }],
  ["GET /streams", `/streams?q=${SECRET}`],
  ["POST /streams", `/streams?stream=${SECRET}`, { method: "POST" }],
  [
    "DELETE /streams",
    `/streams?stream=${SECRET}`,
    { method: "DELETE", headers: { authorization: `Bearer ${SECRET}` } },
  ],
];

for (const fault of ["throws", "rejects"] as const) {
  describe(`a broker that ${fault}`, () => {
    for (const [where, path, init] of REQUESTS) {
      test(`${where}: ${path.split("&").slice(1).join("&")}`, async () => {
        await using server = start({ wrap: failing(fault) });
        const response = await fetch(server.url + path, init);
        expect(response.status).toBe(500);
        const body = await response.text();
        expect(body).toContain('"internal"');
        expect(body).not.toContain(SECRET);
        expectLogged(server, where);
      });
    }

    test("long poll, when it subscribes", async () => {
      await using server = start({ wrap: failing(fault, ["subscribe"]) });
      const response = await fetch(`${server.url}/messages?stream=${SECRET}&wait=60`);
      expect(response.status).toBe(500);
      expectLogged(server, "GET /messages");
    });

    test("server-sent events: the response ends", async () => {
      await using server = start({ wrap: failing(fault) });
      await using reader = await EventReader.open(server.url, SECRET);
      expect(await reader.next()).toBeUndefined();
      expectLogged(server, "a subscription");
      expect(server.hub.observers(SECRET)).toBe(0);
    });

    test("server-sent events that resume: the response ends after the welcome", async () => {
      await using server = start({ wrap: failing(fault, ["replay"]) });
      await using reader = await EventReader.open(server.url, `${SECRET}&last=earliest`);
      await reader.nextEvent("welcome");
      expect(await reader.next()).toBeUndefined();
      expectLogged(server, "a subscription");
      expect(server.hub.observers(SECRET)).toBe(0);
    });

    test("WebSocket: the client may reconnect", async () => {
      await using server = start({ wrap: failing(fault) });
      await using socket = await SocketClient.open(server.url, SECRET);
      expect(await socket.closed).toMatchObject({ code: 4001 });
      expectLogged(server, "a subscription");
      expect(server.hub.observers(SECRET)).toBe(0);
    });

    test("WebSocket frame", async () => {
      await using server = start({ wrap: failing(fault) });
      await using socket = await SocketClient.open(server.url, `${SECRET}&subscribe=false`);
      await socket.next();
      const answer = await socket.ask({ Type: "message", Text: SECRET, Ref: 1 });
      expect(answer).toEqual({ Type: "error", Ref: 1, Code: "internal", Text: "Internal server error" });
      expectLogged(server, "a WebSocket frame");
    });
  });
}

test("errors of clients are not logged", async () => {
  await using server = start({});
  for (const path of ["/messages?limit=x", "/nowhere", "/events?stream=a/b"]) await fetch(server.url + path);
  await using socket = await SocketClient.open(server.url, "foo");
  expect(await socket.ask("{")).toMatchObject({ Code: "bad_json" });
  expect(server.logged).toEqual([]);
});

test("a client that disconnects in the middle of a request is not logged", async () => {
  await using server = start({});
  const head = "POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";
  for (const body of ["Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"]) {
    const connection = await RawConnection.open(server.port);
    connection.send(head + body);
    await turn();
    connection[Symbol.dispose]();
  }
  using broken = await RawConnection.open(server.port);
  broken.send(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`);
  await broken.rest();
  await fetch(`${server.url}/health`);
  expect(server.logged).toEqual([]);
});

test("a flood of errors does not flood the log", async () => {
  await using server = start({ wrap: failing("throws") });
  for (let i = 0; i < 50; i++) await fetch(`${server.url}/messages`);
  expect(server.logged).toHaveLength(10);
});

test("the server warns once if it cannot detect dead connections", () => {
  const warnings: string[] = [];
  const log = { warning: (text: string) => void warnings.push(text), error: () => {} };
  detectDeadConnections(log, { library: "libc.musl.so", descriptors: "/proc/self/fd" });
  detectDeadConnections(log, { library: "libc.so.6", descriptors: "/proc/none" });
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toStartWith("cannot set TCP_USER_TIMEOUT");
});

test.skipIf(process.platform !== "linux")("the server does not warn on Linux with glibc", async () => {
  await using server = start({});
  expect(server.logged).toEqual([]);
});
