import { expect, test } from "bun:test";
import { ManualClock } from "../../../test-support/clock.ts";
import { testLimits } from "../../../test-support/limits.ts";
import { RawConnection } from "../../../test-support/raw.ts";
import { TestServer } from "../../../test-support/server.ts";
import { Problem } from "../../protocol/problem.ts";
import { Clients } from "../limits/clients.ts";
import { ServerLog } from "../log.ts";
import { BodyBudget } from "./body-budget.ts";

const POST = "POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";

for (const [kind, size, header, byte] of [
  ["with a Content-Length", 65_536, "Content-Length: 65536", "x"],
  ["in chunks", 262_144, "Transfer-Encoding: chunked", "1\r\nx\r\n"],
] as const) {
  test(`bodies ${kind} that arrive at the same time are bounded in all`, async () => {
    await using server = new TestServer();
    // 8 MiB.
    const count = (8 * 1024 * 1024) / size;
    const open = async () => {
      const connection = await RawConnection.open(server.port);
      connection.send(`${POST}${header}\r\n\r\n${byte}`);
      return connection;
    };
    const arriving = [];
    for (let i = 0; i < count; i++) arriving.push(await open());
    await fetch(`${server.url}/health`);
    using rejected = await open();
    const answer = await rejected.response();
    expect([answer?.status, answer?.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(answer?.body).toContain("too_busy");
    // A request without a body is not affected.
    expect((await fetch(`${server.url}/messages?text=a`, { method: "POST" })).status).toBe(201);
    // Once one has ended there is room.
    arriving[0]?.socket.resetAndDestroy();
    let status = 503;
    while (status === 503)
      status = (
        await fetch(`${server.url}/messages`, { method: "POST", body: new URLSearchParams({ text: "a" }) })
      ).status;
    expect(status).toBe(201);
    for (const connection of arriving) connection[Symbol.dispose]();
  }, 20_000);
}

test("a body that is too large is rejected by its Content-Length, before it arrives", async () => {
  await using server = new TestServer();
  for (let i = 0; i < 200; i++) {
    using connection = await RawConnection.open(server.port);
    connection.send(`${POST}Content-Length: 100000\r\n\r\nx`);
    expect((await connection.response())?.status).toBe(413);
  }
});

test("clients that send as many bodies as they can leave room for those of others", () => {
  const clock = new ManualClock();
  const log = new ServerLog(() => {}, clock);
  const clients = new Clients({ limits: testLimits(), clock, log });
  const budget = new BodyBudget(64 * 1024 * 1024);
  const reserve = (address: string, headers: Record<string, string>) => {
    const request = new Request("http://localhost/messages", { method: "POST", headers });
    try {
      return budget.reserve(request, clients.of(request, address));
    } catch (error) {
      return Problem.of(error).code;
    }
  };
  for (const headers of [{}, { "content-length": "60000" }]) {
    for (let i = 1; i <= 20; i++) while (typeof reserve(`192.0.2.${i}`, headers) === "number");
  }
  expect(reserve("192.0.2.1", { "content-length": "100" })).toBe("too_many_connections");
  expect(reserve("198.51.100.1", { "content-length": "100" })).toBe(100);
});
