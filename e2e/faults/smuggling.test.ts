// Requests whose end a proxy might see elsewhere, and requests that are too large.
import { afterAll, describe, expect, test } from "bun:test";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { send, get, textsOf, expectRejectedByRuntime } = new HostileClient(server);

afterAll(() => server.stop());

describe("request smuggling is rejected", () => {
  const head = `POST /messages?stream=smuggled&text=a HTTP/1.1\r\n${HOST}`;
  const second = `GET /health HTTP/1.1\r\n${HOST}\r\n`;
  const shapes: Record<string, string> = {
    "Content-Length and Transfer-Encoding": `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "Transfer-Encoding and Content-Length": `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
    "two Content-Lengths": "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "a list of Content-Lengths": "Content-Length: 4, 4\r\n\r\nabcd",
    "a negative Content-Length": "Content-Length: -4\r\n\r\n",
    "a signed Content-Length": "Content-Length: +4\r\n\r\nabcd",
    "a Content-Length in hex": "Content-Length: 0x4\r\n\r\nabcd",
    "an endless Content-Length": `Content-Length: ${"9".repeat(30)}\r\n\r\nabcd`,
    "another encoding before chunked": "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    identity: "Transfer-Encoding: identity\r\n\r\n",
    xchunked: "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": "X: a\r\n b\r\n\r\n",
    "a header without a name": ": a\r\n\r\n",
    "a NUL in a header": "X: a\0b\r\n\r\n",
    "a chunk without a size": "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk of negative size": "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
  };
  for (const [name, shape] of Object.entries(shapes)) {
    test(name, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(`${head}${shape}${second}`);
      const answer = await connection.rest();
      expect(answer).toStartWith("HTTP/1.1 400 ");
      expect(answer).not.toContain("status");
    });
  }

  test("none of these requests was executed", async () => {
    expect(await textsOf("smuggled")).toEqual([]);
  });

  test("two pipelined requests in one packet are both served", async () => {
    using connection = await RawConnection.open(server.port);
    connection.send(`${head.replace("smuggled", "pipelined")}Content-Length: 0\r\n\r\n${second}`);
    expect((await connection.response())?.status).toBe(201);
    expect((await connection.response())?.body).toBe('{"status":"ok"}');
  });
});

describe("sizes", () => {
  test("headers larger than 16 KiB are rejected", async () => {
    expect((await get("/health", `X: ${"a".repeat(15_000)}\r\n`))?.status).toBe(200);
    await expectRejectedByRuntime(431, `GET /health HTTP/1.1\r\n${HOST}X: ${"a".repeat(20_000)}\r\n\r\n`);
    await expectRejectedByRuntime(431, `GET /health?${"a".repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`);
    const many = Array.from({ length: 500 }, (_, i) => `X${i}: a\r\n`).join("");
    await expectRejectedByRuntime(431, `GET /health HTTP/1.1\r\n${HOST}${many}\r\n`);
  });

  test("a body larger than 64 KiB is rejected", async () => {
    const head = `POST /messages?stream=large HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\n`;
    const fits = await send(`${head}Content-Length: 65536\r\n\r\n${"a".repeat(65_536)}`);
    expectProblem(fits, 413, "text_too_long");
    const larger: string[] = [
      `Content-Length: 65537\r\n\r\n${"a".repeat(65_537)}`,
      // Rejected by Content-Length, without waiting for the body.
      "Content-Length: 65537\r\n\r\n",
      "Content-Length: 9999999999\r\n\r\n",
      `Transfer-Encoding: chunked\r\n\r\n10001\r\n${"a".repeat(65_537)}\r\n0\r\n\r\n`,
    ];
    for (const body of larger) expect((await send(`${head}${body}`))?.status).toBe(413);
    expect(await textsOf("large")).toEqual([]);
  });
});
