// Readers that stop reading: they get a gap or are disconnected, and hold nobody up.
import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../test-support/clock.ts";
import { EventReader, type Frame, type Wire } from "../../test-support/clients.ts";
import { HANDSHAKE, readServerFrame } from "../../test-support/frames.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer, turn } from "../../test-support/server.ts";
import { expectNoSilentLoss, flood, isLast } from "./flood.ts";

/** Returns the next text frame of a server, skipping pings. */
async function nextFrame(connection: RawConnection): Promise<Frame> {
  for (;;) {
    const bytes = await connection.read((all) => readServerFrame(all)?.size ?? 0);
    const frame = bytes && readServerFrame(bytes);
    if (frame === undefined) throw new Error("the connection ended");
    if (frame.opcode === 8) throw new Error(`closed with ${frame.payload.readUInt16BE(0)}`);
    if (frame.opcode === 1) return JSON.parse(frame.payload.toString()) as Frame;
  }
}

/** Returns a function that reads the data of the next server-sent event from a chunked response. */
function eventsOf(connection: RawConnection): () => Promise<Wire> {
  let text = "";
  const decoder = new TextDecoder();
  return async () => {
    for (;;) {
      const [block, data] =
        /^(?:(?:retry:[0-9]+|:)\n)*(?:id:[0-9]+-[A-Za-z0-9]+\n)?data:(.*)\n\n/.exec(text) ?? [];
      if (block !== undefined && data !== undefined) {
        text = text.slice(block.length);
        return JSON.parse(data) as Wire;
      }
      const size = await connection.read(
        (bytes) => bytes.indexOf("\r\n") + 2 - (bytes.includes("\r\n") ? 0 : 1),
      );
      if (size === undefined) throw new Error("the connection ended");
      const length = Number.parseInt(size.toString(), 16);
      const chunk = await connection.read((bytes) => (bytes.length >= length + 2 ? length + 2 : 0));
      if (chunk === undefined || length === 0) throw new Error("the response ended");
      text += decoder.decode(chunk.subarray(0, length), { stream: true });
    }
  };
}

describe("a reader that stops reading", () => {
  const LAST = 6000; // of about 4 kB: far more than the kernel and the stream can hold

  const clients: Record<string, (port: number) => Promise<[RawConnection, () => Promise<Frame>]>> = {
    SSE: async (port) => {
      const connection = await RawConnection.open(port);
      connection.send("GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await connection.head();
      return [connection, eventsOf(connection)];
    },
    WebSocket: async (port) => {
      const connection = await RawConnection.open(port);
      connection.send(`GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n${HANDSHAKE}\r\n`);
      await connection.head();
      return [connection, () => nextFrame(connection)];
    },
  };

  for (const [name, open] of Object.entries(clients)) {
    test(`gets a gap and everything that is kept when it continues: ${name}`, async () => {
      await using server = new TestServer({ clock: new ManualClock() });
      const [connection, next] = await open(server.port);
      using _ = connection;
      expect(await next()).toMatchObject({ Text: "welcome" });
      expect(await next()).toMatchObject({ Text: "connect" });
      await using other = await EventReader.open(server.url, "foo&last=earliest");
      connection.socket.pause();
      const others = (async () => {
        const received: Wire[] = [];
        while (!isLast(received.at(-1), LAST)) received.push(await other.nextData());
        return received;
      })();
      await flood(server, "foo", 1, LAST);
      // Other readers are not held up and miss nothing.
      expect(expectNoSilentLoss(await others, 1, LAST)).toHaveLength(LAST);

      connection.socket.resume();
      const received: Wire[] = [];
      while (!isLast(received.at(-1), LAST)) received.push((await next()) as Wire);
      const numbers = expectNoSilentLoss(received, 1, LAST);
      expect(numbers.length).toBeLessThan(LAST);
      expect(numbers.slice(-1024)).toEqual(Array.from({ length: 1024 }, (_1, i) => LAST - 1023 + i));
      // It is live again.
      await server.publish("foo", "live");
      expect(await next()).toMatchObject({ Text: "live" });
    }, 15_000);
  }

  test("for 10 s is disconnected, and resumes with Last-Event-ID", async () => {
    const clock = new ManualClock();
    await using server = new TestServer({ clock, ttl: 604_800 });
    using connection = await RawConnection.open(server.port);
    connection.send("GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await connection.head();
    const next = eventsOf(connection);
    expect(await next()).toMatchObject({ Text: "welcome" });
    expect(await next()).toMatchObject({ Text: "connect" });
    await flood(server, "foo", 1, 5);
    const received: Wire[] = [];
    while (!isLast(received.at(-1), 5)) received.push(await next());
    connection.socket.pause();
    await flood(server, "foo", 6, LAST);
    await using watcher = await EventReader.open(server.url, "foo");
    clock.advance(1000);
    server.onTimer();
    expect(await watcher.nextEvent("connect")).toMatchObject({ Observers: 2 });
    // More than once: the kernel may accept a last piece, after which the 10 s start again.
    while (server.hub.observers("foo") > 1) {
      clock.advance(10_000);
      server.onTimer();
      await turn();
    }
    expect(await watcher.nextEvent("close")).toMatchObject({ Observers: 1 });
    const last = received.at(-1)?.Created ?? "";
    await using again = await EventReader.open(server.url, "foo", { "last-event-id": last });
    while (!isLast(received.at(-1), LAST)) received.push(await again.nextData());
    const numbers = expectNoSilentLoss(received, 1, LAST);
    expect(numbers).toEqual([1, 2, 3, 4, 5, ...Array.from({ length: 1024 }, (_, i) => LAST - 1023 + i)]);
  }, 15_000);
});
