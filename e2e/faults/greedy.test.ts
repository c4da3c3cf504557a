// One client that wants everything: what it gets, and what it leaves to others. `npm run attack` measures it on a larger scale.
import { afterAll, expect, test } from "bun:test";
import { expectNoProcessLeft, ServerProcess } from "../../test-support/process.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { HOST } from "./hostile-client.ts";

afterAll(expectNoProcessLeft);

/** Creates streams one after the other. Returns how often each answer came. A refusal closes the connection. */
async function createStreams(
  server: ServerProcess,
  count: number,
  headers: string,
): Promise<Map<string, number>> {
  const answers = new Map<string, number>();
  let connection = await RawConnection.open(server.port);
  for (let i = 0; i < count; i++) {
    connection.send(`POST /streams HTTP/1.1\r\n${HOST}${headers}\r\n`);
    const response = await connection.response();
    if (response === undefined) throw new Error("no answer");
    const code = response.status === 201 ? "created" : (JSON.parse(response.body) as { code: string }).code;
    answers.set(code, (answers.get(code) ?? 0) + 1);
    if (code !== "created") expect(response.headers.get("retry-after")).toMatch(/^[1-9][0-9]*$/);
    if (response.headers.get("connection") !== "close") continue;
    connection[Symbol.dispose]();
    connection = await RawConnection.open(server.port);
  }
  connection[Symbol.dispose]();
  return answers;
}

test("a client may create 60 streams and then one per second; others are not affected", async () => {
  await using server = await ServerProcess.start({ args: ["--port", "0", "--trust-proxy", "127.0.0.1"] });
  const greedy = await createStreams(server, 500, "X-Forwarded-For: 192.0.2.1\r\n");
  expect(Array.from(greedy.keys()).toSorted()).toEqual(["created", "rate_limited"]);
  expect(greedy.get("created")).toBeGreaterThanOrEqual(60);
  expect(greedy.get("rate_limited")).toBeGreaterThan(100);
  // Its neighbour in IPv4 is another client; its neighbour within a /64 is not.
  expect(await createStreams(server, 10, "X-Forwarded-For: 192.0.2.2\r\n")).toEqual(
    new Map([["created", 10]]),
  );
  await createStreams(server, 100, "X-Forwarded-For: 2001:db8::1\r\n");
  const neighbour = await createStreams(server, 3, "X-Forwarded-For: 2001:db8::2\r\n");
  expect(neighbour.get("rate_limited") ?? 0).toBeGreaterThan(0);
}, 60_000);

test("without rates, streams fill the memory and nothing more; then 503", async () => {
  await using server = await ServerProcess.start({
    args: ["--port", "0", "--max-memory", "4m", "--rate-limit", "0"],
  });
  const before = server.residentMemory();
  const all = await Promise.all(Array.from({ length: 8 }, () => createStreams(server, 1500, "")));
  const sum = (code: string) => all.reduce((total, each) => total + (each.get(code) ?? 0), 0);
  expect(sum("created")).toBeGreaterThan(1000);
  expect(sum("memory_full")).toBeGreaterThan(0);
  expect(sum("created") + sum("memory_full")).toBe(12_000);
  expect(server.residentMemory() - before).toBeLessThan(100 * 1024 ** 2);
  expect((await fetch(new URL("/health", server.url))).status).toBe(200);
}, 60_000);
