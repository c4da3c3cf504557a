// Malformed WebSocket handshakes.
import { afterAll, describe, expect, test } from "bun:test";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { send, get } = new HostileClient(server);

afterAll(() => server.stop());

describe("the WebSocket handshake", () => {
  const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const ASK = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

  test("is answered as in the example of RFC 6455 §1.3", async () => {
    using connection = await RawConnection.open(server.port);
    connection.send(`GET /events HTTP/1.1\r\n${HOST}${ASK}Sec-WebSocket-Version: 13\r\n${KEY}\r\n`);
    const head = await connection.head();
    expect(head?.status).toBe(101);
    expect(head?.headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  test("without a key or with an invalid key is rejected", async () => {
    for (const key of ["", "Sec-WebSocket-Key: x\r\n", "Sec-WebSocket-Key:\r\n"]) {
      expectProblem(await get("/events", `${ASK}Sec-WebSocket-Version: 13\r\n${key}`), 400, "bad_request");
    }
  });

  test("with another version is answered with the supported one", async () => {
    const response = await get("/events", `${ASK}Sec-WebSocket-Version: 8\r\n${KEY}`);
    expect([response?.status, response?.headers.get("sec-websocket-version")]).toEqual([426, "13"]);
  });

  test("is ignored with POST or on another path", async () => {
    const handshake = `${ASK}Sec-WebSocket-Version: 13\r\n${KEY}`;
    const posted = await send(`POST /events HTTP/1.1\r\n${HOST}${handshake}\r\n`);
    expectProblem(posted, 405, "method_not_allowed");
    expect((await get("/health", handshake))?.status).toBe(200);
  });
});
