// How requests are parsed, byte for byte: llhttp's cases, and what a proxy in front and this server must not understand differently.
import { afterAll, describe, expect, test } from "bun:test";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer } from "../../test-support/server.ts";
import { HOST, HostileClient } from "./hostile-client.ts";
import { LLHTTP } from "./llhttp-cases.ts";

const server = new TestServer();
const { textsOf } = new HostileClient(server);

afterAll(() => server.stop());

/** Sent behind each case: if it is answered, the connection is still open and nothing of it was taken for a body. */
const FENCE = `GET /ready HTTP/1.1\r\n${HOST}\r\n`;

/** Returns the statuses that come back, then `open` or `closed`. */
async function answerTo(bytes: string): Promise<string> {
  using connection = await RawConnection.open(server.port);
  connection.send(Buffer.from(bytes + FENCE, "latin1"));
  const answers: (string | number)[] = [];
  for (;;) {
    const response = await connection.response();
    if (response === undefined) return [...answers, "closed"].join(" ");
    if (response.body === '{"status":"ready"}') return [...answers, "open"].join(" ");
    answers.push(response.status);
  }
}

describe("llhttp", () => {
  for (const { name, bytes, answer } of LLHTTP) {
    test(name, async () => {
      expect(await answerTo(bytes)).toBe(answer);
    });
  }

  test("exactly the texts of accepted requests are published", async () => {
    const digits = "0123456789";
    const world = "hello world";
    const chunked = [digits, digits, digits, "all your base are belong to us", world, world, world, "aa"];
    expect(await textsOf("llhttp")).toEqual(chunked.concat("abc", "abc", "abc", "a", "a", "a"));
  });
});
