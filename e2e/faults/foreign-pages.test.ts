// Requests of foreign web pages: refused with an allow-list of origins, and always if the page bound its own name to an address of
// this machine (DNS rebinding). Whom the lists contain is tested in src/server/access.
import { afterAll, describe, expect, test } from "bun:test";
import { HANDSHAKE } from "../../test-support/frames.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer({ allowOrigins: ["https://app.example"] });
const { send, get, textsOf } = new HostileClient(server);

afterAll(() => server.stop());

describe("a page of another origin", () => {
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "https://app.example.evil",
  ]) {
    test(`${origin} opens no WebSocket`, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(`GET /events?stream=cross HTTP/1.1\r\n${HOST}Origin: ${origin}\r\n${HANDSHAKE}\r\n`);
      expectProblem(await connection.response(), 403, "origin_not_allowed");
      expect(server.hub.observers("cross")).toBe(0);
      // The connection stays open, and is no WebSocket.
      connection.send(`GET /ready HTTP/1.1\r\n${HOST}\r\n`);
      expect((await connection.response())?.status).toBe(200);
    });

    test(`${origin} neither publishes, with a request that needs no preflight, nor reads`, async () => {
      const simple = await send(
        `POST /messages?stream=cross&text=a HTTP/1.1\r\n${HOST}Origin: ${origin}\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n`,
      );
      expectProblem(simple, 403, "origin_not_allowed");
      const read = await get("/messages?stream=cross", `Origin: ${origin}\r\n`);
      expectProblem(read, 403, "origin_not_allowed");
      expect(read?.headers.get("access-control-allow-origin")).toBeNull();
      expect(await textsOf("cross")).toEqual([]);
    });
  }

  test("that is allowed, and the server's own, open one", async () => {
    for (const origin of ["https://app.example", "http://localhost"]) {
      using connection = await RawConnection.open(server.port);
      connection.send(`GET /events?stream=own HTTP/1.1\r\n${HOST}Origin: ${origin}\r\n${HANDSHAKE}\r\n`);
      expect((await connection.head())?.status).toBe(101);
    }
  });
});

describe("a name that was bound to an address of this machine", () => {
  const EVIL = "Host: evil.example\r\n";

  test("reaches nothing, also on a connection on which an allowed one was answered", async () => {
    using connection = await RawConnection.open(server.port);
    for (const target of ["/messages", "/events", "/streams", "/"]) {
      connection.send(`GET /messages HTTP/1.1\r\n${HOST}\r\n`);
      expect((await connection.response())?.status).toBe(200);
      connection.send(`GET ${target} HTTP/1.1\r\n${EVIL}Origin: http://evil.example\r\n\r\n`);
      expectProblem(await connection.response(), 421, "misdirected");
    }
  });

  test("opens no WebSocket and publishes nothing", async () => {
    const socket = await send(
      `GET /events HTTP/1.1\r\n${EVIL}Origin: http://evil.example\r\n${HANDSHAKE}\r\n`,
    );
    expectProblem(socket, 421, "misdirected");
    expectProblem(
      await send(`POST /messages?stream=rebound&text=a HTTP/1.1\r\n${EVIL}\r\n`),
      421,
      "misdirected",
    );
    expect(await textsOf("rebound")).toEqual([]);
  });

  test("is not hidden by a second Host header", async () => {
    for (const hosts of [`${HOST}${EVIL}`, `${EVIL}${HOST}`]) {
      expectProblem(await send(`GET /messages HTTP/1.1\r\n${hosts}\r\n`), 400, "bad_request");
    }
  });
});
