// Nothing in the server refers to the text or the name of a deleted stream: after a garbage collection its heap has no such string.
// The arena, whose bytes a heap snapshot does not show, overwrites freed blocks (arena.test.ts). What the runtime has freed, for
// example the buffers of requests, stays in memory until it is used again.
import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { heapSnapshot, startCountable } from "../test-support/objects.ts";
import { expectNoProcessLeft, type ServerProcess } from "../test-support/process.ts";

afterAll(expectNoProcessLeft);

/** How a stream is deleted. Returns once it is. */
type Delete = (server: ServerProcess, stream: CreatedStream) => Promise<void>;

interface CreatedStream {
  readonly stream: string;
  readonly owner: string;
}

const ways: Record<string, Delete> = {
  "that its owner ended": async (server, { stream, owner }) => {
    await request(server, "DELETE", `/streams?stream=${stream}`, { authorization: `Bearer ${owner}` });
  },
  "that expired": async (server, { stream }) => {
    while ((await request(server, "GET", `/messages?stream=${stream}`)) !== "[]");
  },
};

for (const [which, remove] of Object.entries(ways)) {
  test(`a private stream ${which} leaves neither its text nor its name in memory`, async () => {
    await using server = await startCountable();
    const created = JSON.parse(await request(server, "POST", "/streams?private=true&ttl=2")) as CreatedStream;
    const { stream } = created;
    const canary = `canary-${crypto.randomUUID()}`;
    const listener = connect(server.port, "127.0.0.1");
    listener.write(`GET /events?stream=${stream} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(listener, "data");
    for (let i = 0; i < 20; i++)
      await request(
        server,
        "POST",
        `/messages?stream=${stream}&text=${canary}-${i}&ref=${crypto.randomUUID()}`,
      );
    // From now on the page is cached.
    expect(await request(server, "GET", `/messages?stream=${stream}`)).toContain(canary);
    expect(occurrences(await heapSnapshot(server), canary)).toBeGreaterThan(0);

    const closed = once(listener, "close");
    listener.destroy();
    await closed;
    await remove(server, created);
    // The runtime remembers the last request and the last match of a regular expression.
    await request(server, "POST", "/messages?stream=other&text=something%0Aelse");

    const snapshot = await heapSnapshot(server);
    expect(occurrences(snapshot, "other")).toBeGreaterThan(0);
    expect(occurrences(snapshot, canary)).toBe(0);
    expect(occurrences(snapshot, stream)).toBe(0);
  }, 20_000);
}

function occurrences(snapshot: string, text: string): number {
  return snapshot.split(text).length - 1;
}

async function request(
  server: ServerProcess,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(new URL(path, server.url), { method, headers });
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return body;
}
