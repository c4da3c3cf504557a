// Many listeners that stall, and many that come back at the same time. A few in CI; `CROWD=20` makes them 1,000 and 10,000.
import { afterAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { EventReader, SocketClient } from "../../test-support/clients.ts";
import { HANDSHAKE } from "../../test-support/frames.ts";
import { expectNoProcessLeft, ServerProcess } from "../../test-support/process.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { HOST } from "./hostile-client.ts";

const CROWD = Number(process.env["CROWD"] ?? 1);

const STALLED = 50 * CROWD;

const RECONNECTING = 500 * CROWD;

const TIMEOUT = 60_000 * CROWD;

/** What a stalled listener may cost, in bytes: a batch of messages, and what the runtime keeps beside it. */
const PER_STALLED = 1024 ** 2;

/** What a server may need in addition, in bytes, while it is busy. */
const BUSY = 150 * 1024 ** 2;

afterAll(expectNoProcessLeft);

const OPENINGS = {
  events: `GET /events?stream=crowd HTTP/1.1\r\n${HOST}\r\n`,
  websocket: `GET /events?stream=crowd HTTP/1.1\r\n${HOST}${HANDSHAKE}\r\n`,
};

/** Opens a listener and reads the head of its response, but nothing of what follows. */
async function stall(port: number, opening: string): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  connection.send(opening);
  await connection.head();
  connection.socket.pause();
  return connection;
}

/** Publishes on connections of its own, several messages at a time. */
async function publish(url: string, texts: readonly string[]): Promise<void> {
  for (let i = 0; i < texts.length; i += 50) {
    const answers = texts.slice(i, i + 50).map(async (text) => {
      const response = await fetch(`${url}/messages`, {
        method: "POST",
        body: new URLSearchParams({ stream: "crowd", text }),
      });
      await response.body?.cancel();
      return response.status;
    });
    expect(new Set(await Promise.all(answers))).toEqual(new Set([201]));
  }
}

async function observers(url: string): Promise<number> {
  const response = await fetch(`${url}/presence?stream=crowd`);
  return ((await response.json()) as { Observers: number }).Observers;
}

function descriptors({ pid }: ServerProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

test.skipIf(process.platform !== "linux")(
  `${STALLED} listeners that stop reading: the others miss nothing, and the memory is bounded`,
  async () => {
    await using server = await ServerProcess.start();
    const url = server.url.origin;
    await using events = await EventReader.open(url, "crowd");
    await using socket = await SocketClient.open(url, "crowd");
    const before = server.residentMemory();
    using stalled = new DisposableStack();
    for (let i = 0; i < STALLED; i++) {
      stalled.use(await stall(server.port, i % 2 === 0 ? OPENINGS.events : OPENINGS.websocket));
    }
    expect(await observers(url)).toBe(STALLED + 2);

    // 8 MB for each listener: more than the kernel takes.
    const texts = Array.from({ length: 2000 }, (_, i) => `${i} ${"😀".repeat(1000)}`);
    const [fromEvents, fromSocket] = await Promise.all([
      events.texts(texts.length),
      socket.texts(texts.length),
      publish(url, texts),
    ]);
    expect([fromEvents.length, fromSocket.length]).toEqual([texts.length, texts.length]);
    expect(fromEvents.toSorted()).toEqual(texts.toSorted());
    expect(fromSocket).toEqual(fromEvents);
    expect(server.residentMemory() - before).toBeLessThan(BUSY + STALLED * PER_STALLED);
  },
  TIMEOUT,
);

test.skipIf(process.platform !== "linux")(
  `${RECONNECTING} listeners that lose their connections at once and come back: none misses anything`,
  async () => {
    await using server = await ServerProcess.start({
      args: [
        "--port",
        "0",
        "--rate-limit",
        "0",
        "--max-connections",
        "15000",
        "--max-subscriptions",
        "15000",
      ],
    });
    const url = server.url.origin;
    await using witness = await EventReader.open(url, "crowd");
    await witness.nextEvent("welcome");
    const baseline = descriptors(server);
    for (let round = 0; round < 3; round++) {
      await publish(url, [`message ${round}`]);
      expect(await witness.texts(1)).toEqual([`message ${round}`]);
      const crowd = await Promise.all(
        Array.from({ length: RECONNECTING }, (_, i) =>
          joiner(server.port, i % 2 === 0 ? "events" : "websocket", `"message ${round}"`),
        ),
      );
      // Each gets everything from the beginning, while the others come.
      for (const text of await Promise.all(crowd.map(({ history }) => history))) {
        for (let each = 0; each <= round; each++) expect(text).toContain(`"message ${each}"`);
        expect(text).not.toContain('"gap"');
      }
      expect(await observers(url)).toBe(RECONNECTING + 1);
      // With a reset, as when a cable is cut behind a proxy.
      for (const { connection } of crowd) connection.socket.resetAndDestroy();
      // Each request is another turn of the server's event loop.
      while ((await observers(url)) > 1);
    }
    // The runtime closes a descriptor before it tells the server.
    expect(descriptors(server)).toBeLessThanOrEqual(baseline + 5);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  },
  TIMEOUT,
);

/** A listener that reads from the beginning, and what it has read once it has the newest message. */
async function joiner(port: number, kind: keyof typeof OPENINGS, newest: string) {
  const connection = await RawConnection.open(port);
  connection.send(OPENINGS[kind].replace("stream=crowd", "stream=crowd&last=earliest"));
  const history = connection.read((bytes) => (bytes.includes(newest) ? bytes.length : 0));
  return { connection, history: history.then((bytes) => bytes?.toString("latin1") ?? "") };
}
