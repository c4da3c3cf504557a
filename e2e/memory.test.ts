// Closed connections leave nothing behind. Measured as memory of the process and as objects on the heap: the allocator can
// hide a small leak from the first, but not from the second.
import { afterAll, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { HANDSHAKE } from "../test-support/frames.ts";
import { countObjects, leftBehind, startCountable } from "../test-support/objects.ts";
import { expectNoProcessLeft, type ServerProcess } from "../test-support/process.ts";

afterAll(expectNoProcessLeft);

const BATCH = 200;
const WARM_UP = 2_000;
const CONNECTS = 10_000;

/** The allocator varies by 10 MB, however many connections were opened. */
const MAX_GROWTH = 20 * 1024 * 1024;

/** One object per 50 connections: far more than the runtime itself allocates in between. */
const MAX_OBJECTS = CONNECTS / 50;

const listeners = { "server-sent events": "", WebSocket: HANDSHAKE };

for (const [kind, headers] of Object.entries(listeners)) {
  test.skipIf(process.platform !== "linux")(
    `memory stays flat over 10,000 connects and disconnects: ${kind}`,
    async () => {
      await using server = await startCountable();
      expect(await post(server)).toBe(201);

      await comeAndGo(server, headers, WARM_UP);
      const objects = await countObjects(server);
      const memory = server.residentMemory();

      await comeAndGo(server, headers, CONNECTS);
      const objectsAfter = await countObjects(server);
      const memoryAfter = server.residentMemory();

      expect(leftBehind(objects, objectsAfter, MAX_OBJECTS)).toEqual({});
      expect(memoryAfter - memory).toBeLessThan(MAX_GROWTH);
    },
    120_000,
  );
}

test.skipIf(process.platform !== "linux")("objects of open connections are counted", async () => {
  // Guards the test above against type names that the runtime does not use.
  await using server = await startCountable();
  const sockets = await Promise.all(
    Array.from({ length: BATCH }, (_, i) => listen(server.port, i % 2 === 0 ? "" : HANDSHAKE)),
  );
  const objects = await countObjects(server);
  for (const type of ["ServerWebSocket", "ReadableStream", "DirectStreamSource", "Response"]) {
    expect(objects[type]).toBeGreaterThanOrEqual(BATCH / 2);
  }
  for (const socket of sockets) socket.destroy();
});

/** Opens `count` connections in batches; each receives one message and is closed. */
async function comeAndGo(server: ServerProcess, headers: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const sockets = await Promise.all(Array.from({ length: BATCH }, () => listen(server.port, headers)));
    expect(await observers(server)).toBe(BATCH);
    const heard = Promise.all(sockets.map((socket) => hears(socket, "hello")));
    expect(await post(server)).toBe(201);
    await heard;
    // Half are closed, half aborted.
    for (const [i, socket] of sockets.entries()) {
      if (i % 2 === 0) socket.end();
      else socket.destroy();
    }
    while ((await observers(server)) > 0);
  }
}

/** Resolves when the server has answered and the listener is subscribed. */
async function listen(port: number, headers: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET /events?stream=flat HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  await hears(socket, "HTTP/1.1 ");
  return socket;
}

function hears(socket: Socket, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = "";
    const take = (data: Buffer) => {
      heard += data.toString("latin1");
      if (!heard.includes(what)) return;
      socket.off("data", take);
      resolve();
    };
    socket.on("data", take);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`Connection closed before ${what} arrived`)));
  });
}

async function post(server: ServerProcess): Promise<number> {
  const response = await fetch(new URL("/messages?stream=flat&text=hello", server.url), { method: "POST" });
  await response.arrayBuffer();
  return response.status;
}

async function observers(server: ServerProcess): Promise<number> {
  const response = await fetch(new URL("/streams", server.url));
  const streams = (await response.json()) as Record<string, { Observers: number }>;
  return streams["flat"]?.Observers ?? Number.NaN;
}
