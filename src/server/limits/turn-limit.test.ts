import { expect, test } from "bun:test";
import type { WireMessage } from "../../protocol/message.ts";
import { RawConnection } from "../../../test-support/raw.ts";
import { TestServer } from "../../../test-support/server.ts";
import { TurnLimit } from "./turn-limit.ts";

test("is exceeded until the end of the turn", () => {
  const ends: (() => void)[] = [];
  const limit = new TurnLimit((callback) => ends.push(callback));
  for (let turn = 1; turn <= 2; turn++) {
    for (let i = 0; i < 512; i++) expect(limit.isExceeded()).toBe(false);
    for (let i = 0; i < 3; i++) expect(limit.isExceeded()).toBe(true);
    expect(ends).toHaveLength(turn);
    ends.at(-1)?.();
  }
});

test("a long pipeline is cut short", async () => {
  await using server = new TestServer();
  using connection = await RawConnection.open(server.port);
  const sent = 10_000;
  const texts = Array.from({ length: sent }, (_, index) => String(index));
  connection.send(
    texts
      .map((text) => `POST /messages?stream=foo&text=${text} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      .join(""),
  );
  let answered = 0;
  for (;;) {
    const answer = await connection.response();
    if (answer === undefined) break;
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.body)).toMatchObject({ Text: texts[answered] });
    answered++;
  }
  const [newest] = (await (await fetch(`${server.url}/messages?stream=foo&limit=1`)).json()) as WireMessage[];
  const published = Number(newest?.Text) + 1;
  // Fewer than 512 if the runtime closes the connection because its answers are not read fast enough.
  expect(published).toBeLessThan(sent);
  // The last answers may be lost: TCP resets a connection that is closed before everything was read.
  expect(answered).toBeLessThanOrEqual(published);
});

test("what is pipelined behind a refused request is not handled", async () => {
  await using server = new TestServer({ rateLimit: 10, streamRate: 1 });
  using connection = await RawConnection.open(server.port);
  // With this header, requests from this machine are limited.
  connection.send(
    "POST /streams HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 0\r\n\r\n".repeat(
      100,
    ),
  );
  await connection.rest();
  expect(server.hub.counters.rejected.get("rate_limited")).toBe(1);
});
