// The limits of a client, by the options of a real process.
import { afterAll, expect, test } from "bun:test";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";

afterAll(expectNoProcessLeft);

/** Returns the status of a publish. */
async function publish(server: ServerProcess, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url.origin}/messages?stream=foo&text=x`, { method: "POST", headers });
}

async function statuses(server: ServerProcess, count: number, address: string): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i++) all.push((await publish(server, { "x-forwarded-for": address })).status);
  return all;
}

test("clients behind a trusted proxy have their own rates, which /limits reports", async () => {
  const args = "--port 0 --trust-proxy 127.0.0.1 --rate-limit 1 --stream-rate 7 --allow-host chat.example";
  await using server = await ServerProcess.start({ args: args.split(" ") });
  // The rate allows one more for each second that this takes.
  const first = await statuses(server, 200, "203.0.113.7");
  expect(first.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 201));
  expect(first).toContain(429);
  const refused = await publish(server, { "x-forwarded-for": "203.0.113.7, 127.0.0.1" });
  if (refused.status === 429) expect(refused.headers.get("retry-after")).toBe("1");
  expect(await statuses(server, 10, "203.0.113.8")).toEqual(Array.from({ length: 10 }, () => 201));
  // This machine itself is exempt.
  for (let i = 0; i < 50; i++) expect((await publish(server)).status).toBe(201);
  expect(await (await fetch(`${server.url.origin}/limits`)).json()).toMatchObject({
    rateLimit: 1,
    streamRate: 7,
    byteRate: 1024 ** 2,
    maxConnectionsPerClient: 64,
    allowHost: ["chat.example"],
    trustProxy: true,
  });
  expect((await fetch(`${server.url.origin}/limits`, { headers: { host: "chat.example" } })).status).toBe(
    200,
  );
  expect((await fetch(`${server.url.origin}/limits`, { headers: { host: "attacker.example" } })).status).toBe(
    421,
  );
  expect(await server.stop()).toBe(0);
  expect(await server.errors).toBe("");
}, 60_000);

test("without --trust-proxy, invented addresses share one rate, and the log says so once", async () => {
  await using server = await ServerProcess.start({ args: ["--port", "0", "--rate-limit", "1"] });
  const all: number[] = [];
  for (let i = 0; i < 200; i++) all.push(...(await statuses(server, 1, `203.0.113.${i}`)));
  expect(all).toContain(429);
  expect(await server.stop()).toBe(0);
  expect((await server.errors).match(/--trust-proxy/g)).toHaveLength(1);
  expect(await server.errors).not.toContain("203.0.113");
}, 60_000);
