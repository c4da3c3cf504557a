// Requests that arrive a byte at a time and never end: they are cut off, and others are served meanwhile.
import { describe, expect, test } from "bun:test";
import { sharedServer } from "../../test-support/shared-server.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { HOST } from "./hostile-client.ts";

/** Time between two bytes, in milliseconds. */
const PACE = 250;

/** Connections of each kind. */
const EACH = 20;

const TIMEOUT = 120_000;

const server = sharedServer();

/** Sends a beginning, then a piece every now and then until the server closes the connection. Returns what it answered. */
async function drip(beginning: string, piece: string): Promise<string> {
  using connection = await RawConnection.open(server().port);
  connection.send(beginning);
  const pacer = setInterval(() => connection.send(piece), PACE);
  const answer = await connection.rest();
  clearInterval(pacer);
  return answer;
}

/** Drips on several connections, while others are served. */
async function expectCutOff(beginning: string, piece: string): Promise<void> {
  const answers = Array.from({ length: EACH }, () => drip(beginning, piece));
  const ended = Promise.all(answers);
  for (let i = 0; i < 10; i++) expect((await fetch(new URL("/health", server().url))).status).toBe(200);
  for (const answer of await ended) expect(answer).toMatch(/^$|^HTTP\/1\.1 408 /);
}

test(
  "a request line, a header and a connection without a request are cut off after about 10 s",
  async () => {
    await Promise.all([
      expectCutOff("GET /hea", "a"),
      expectCutOff(`GET /health HTTP/1.1\r\n${HOST}X: `, "a"),
      expectCutOff(`GET /health HTTP/1.1\r\n${HOST}`, "X: a\r\n"),
      expectCutOff("", ""),
    ]);
  },
  TIMEOUT,
);

describe.skipIf(process.env["CROWD"] === undefined)("with CROWD set, as it takes half a minute", () => {
  test(
    "a body is cut off after about 30 s, with a length or in chunks, and nothing is published",
    async () => {
      const head = `POST /messages?stream=drip HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\n`;
      await Promise.all([
        expectCutOff(`${head}Content-Length: 60000\r\n\r\n`, "a"),
        expectCutOff(`${head}Transfer-Encoding: chunked\r\n\r\n`, "1\r\na\r\n"),
      ]);
      expect(await (await fetch(new URL("/messages?stream=drip", server().url))).text()).toBe("[]");
    },
    TIMEOUT,
  );
});
