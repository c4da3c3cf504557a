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
    "a vertical tab before chunked": "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
    "a form feed before chunked": "Transfer-Encoding: \u000cchunked\r\n\r\n0\r\n\r\n",
    "chunked in quotes": 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "chunked with a parameter": "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    "chunked with a NUL": "Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n",
    "identity after chunked": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "an unknown encoding and Content-Length": "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello",
    "a header behind a bare CR": "X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a header behind a bare LF": "X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon of Content-Length": "Content-Length : 5\r\n\r\nhello",
    "a Content-Length with an exponent": "Content-Length: 1e0\r\n\r\na",
    "a Content-Length of -0": "Content-Length: -0\r\n\r\n",
    "a second, empty Content-Length": "Content-Length: 0\r\nContent-Length:\r\n\r\n",
    "a chunk of 2^64 - 1": "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\na",
    "a chunk whose size overflows": "Transfer-Encoding: chunked\r\n\r\n10000000000000001\r\na\r\n0\r\n\r\n",
    "a chunk size in C": "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    "a chunk size with a sign": "Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
    "a chunk size behind a space": "Transfer-Encoding: chunked\r\n\r\n 1\r\na\r\n0\r\n\r\n",
    "chunks with bare LF": "Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n",
    "a bare CR in a chunk extension": "Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\na\r\n0\r\n\r\n",
    "a bare LF in a chunk extension": "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n",
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

  // Nothing here can be understood in two ways: empty elements of a list count for nothing (RFC 9110 §5.6.1), and equal lengths
  // for one (§8.6).
  const clear: Record<string, string> = {
    "a tab before chunked": "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
    "CHUNKED and a space": "Transfer-Encoding: CHUNKED \r\n\r\n0\r\n\r\n",
    "an empty element before chunked": "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n",
    "an empty element after chunked": "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
    "two equal Content-Lengths": "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "another header with an underscore": "Transfer_Encoding: chunked\r\n\r\n",
  };
  for (const [name, shape] of Object.entries(clear)) {
    test(`except ${name}, after which the next request is the next request`, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(`${head.replace("smuggled", "clear")}${shape}${second}`);
      expect((await connection.response())?.status).toBe(201);
      expect((await connection.response())?.body).toBe('{"status":"ok"}');
    });
  }

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
    // A chunk may claim 2 GiB, but what arrives of it is bounded.
    await expectRejectedByRuntime(
      413,
      `${head}Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n${"a".repeat(300_000)}`,
    );
    await expectRejectedByRuntime(
      413,
      `${head}Transfer-Encoding: chunked\r\n\r\n1;${"a".repeat(100_000)}\r\na\r\n0\r\n\r\n`,
    );
    expect(await textsOf("large")).toEqual([]);
  });
});
