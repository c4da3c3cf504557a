// The end of a server while clients are behind: they get everything that was acknowledged before they are told to leave.
import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../test-support/clock.ts";
import { clientFrame } from "../../test-support/frames.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer, turn } from "../../test-support/server.ts";
import type { WireMessage } from "../protocol/message.ts";

/** A thousand of these are more than a connection buffers, 4 kB each. */
const FILLER = "😀".repeat(1000);

/** Messages for each stream after the client is paused: fewer than a stream keeps. */
const LATER = 300;

const UPGRADE =
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

const TIMEOUT = 60_000;

/** The ways to listen: how to ask for it, the streams of the connection and how it ends. */
const LISTENERS = {
  "server-sent events": { accept: "text/event-stream", end: /retry:[0-9]+\n\r\n0\r\n\r\n$/ },
  ndjson: { accept: "application/x-ndjson", end: /\n0\r\n\r\n$/ },
  text: { accept: "text/plain", end: /\n0\r\n\r\n$/ },
  "a WebSocket with three streams": {
    accept: "",
    others: ["bar", "baz"],
    end: /The server is shutting down$/,
  },
} as const;

type Listener = (typeof LISTENERS)[keyof typeof LISTENERS];

/** A server with a client that does not read. */
class Stalled implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly server = new TestServer({ clock: this.clock });
  readonly streams: readonly string[];
  /** Messages published in each stream. */
  published = 0;

  constructor(streams: readonly string[]) {
    this.streams = streams;
  }

  /** Connects a listener and publishes until it is behind. */
  async open(listener: Listener): Promise<RawConnection> {
    const connection = await RawConnection.open(this.server.port);
    const upgrade = "others" in listener ? UPGRADE : `Accept: ${listener.accept}\r\n`;
    connection.send(`GET /events?stream=foo HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n`);
    await connection.head();
    for (const stream of this.streams.slice(1)) {
      connection.send(clientFrame(JSON.stringify({ Type: "subscribe", Stream: stream })));
      while (this.server.hub.observers(stream) === 0) await turn();
    }
    connection.socket.pause();
    let delivered = -1;
    while (delivered !== this.delivered) {
      ({ delivered } = this);
      await this.publish(1);
    }
    await this.publish(LATER);
    return connection;
  }

  async publish(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.published++;
      for (const stream of this.streams) await this.server.publish(stream, `${this.published} ${FILLER}`);
      this.server.hub.flush();
      await turn();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.server.stop();
    this.clock.advance(20_000);
    await stopped;
  }

  private get delivered(): number {
    const { websocket, sse, ndjson, text } = this.server.hub.counters.delivered;
    return websocket + sse + ndjson + text;
  }
}

/** The numbers of the messages in what a listener received. */
function numbersIn(received: string): number[] {
  return Array.from(received.matchAll(/(?:"Text":"|\n)([0-9]+) 😀/g), ([, number]) => Number(number));
}

describe("a listener that is behind when the server stops", () => {
  for (const [name, listener] of Object.entries(LISTENERS)) {
    const streams = ["foo", ...("others" in listener ? listener.others : [])];

    test(
      `gets everything and is told to leave if it reads: ${name}`,
      async () => {
        await using stalled = new Stalled(streams);
        using connection = await stalled.open(listener);
        const stopped = stalled.server.stop();
        connection.socket.resume();
        const received = await connection.rest();
        const numbers = Array.from({ length: stalled.published }, (_, i) => i + 1);
        expect(numbersIn(received).toSorted((a, b) => a - b)).toEqual(
          numbers.flatMap((number) => streams.map(() => number)),
        );
        expect(received).not.toContain('"gap"');
        expect(received.slice(-100)).toMatch(listener.end);
        await stopped;
      },
      TIMEOUT,
    );

    test(
      `is closed at the end of the notice if it does not read: ${name}`,
      async () => {
        await using stalled = new Stalled(streams);
        using _ = await stalled.open(listener);
        const stopped = stalled.server.stop();
        stalled.clock.advance(10_000);
        await stopped;
        expect(stalled.server.connections()).toEqual({ websocket: 0, sse: 0, ndjson: 0, text: 0, poll: 0 });
      },
      TIMEOUT,
    );
  }

  test(
    "gets everything if it is reading history",
    async () => {
      const streams = ["foo", "bar", "baz"];
      await using stalled = new Stalled(streams);
      await stalled.publish(1000);
      using connection = await RawConnection.open(stalled.server.port);
      connection.send(`GET /events?subscribe=false HTTP/1.1\r\nHost: localhost\r\n${UPGRADE}\r\n`);
      await connection.head();
      connection.socket.pause();
      for (const stream of streams)
        connection.send(clientFrame(JSON.stringify({ Type: "subscribe", Stream: stream, Last: "earliest" })));
      while (stalled.server.hub.observers("baz") === 0) await turn();
      const stopped = stalled.server.stop();
      connection.socket.resume();
      const received = await connection.rest();
      expect(numbersIn(received)).toHaveLength(3000);
      expect(received.slice(-100)).toMatch(/The server is shutting down$/);
      await stopped;
    },
    TIMEOUT,
  );

  test(
    "does not keep the others",
    async () => {
      await using stalled = new Stalled(["foo"]);
      using _ = await stalled.open(LISTENERS.ndjson);
      using other = await RawConnection.open(stalled.server.port);
      other.send("GET /events?stream=other HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await other.head();
      while (stalled.server.hub.observers("other") === 0) await turn();
      void stalled.server.stop();
      expect(await other.rest()).toMatch(LISTENERS["server-sent events"].end);
      // Nothing new is accepted meanwhile, and a browser would give up if it were refused.
      const refused = await RawConnection.open(stalled.server.port).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: "ECONNREFUSED" });
      expect(stalled.server.connections().ndjson).toBe(1);
    },
    TIMEOUT,
  );
});

describe("when the server stops", () => {
  test(
    "a page that is being read is completed",
    async () => {
      await using stalled = new Stalled(["foo"]);
      await stalled.publish(1024);
      using connection = await RawConnection.open(stalled.server.port);
      connection.send("GET /messages?stream=foo&limit=1024 HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await connection.head();
      connection.socket.pause();
      for (let i = 0; i < 100; i++) await turn();
      const stopped = stalled.server.stop();
      connection.socket.resume();
      const received = await connection.rest();
      expect(numbersIn(received)).toHaveLength(1024);
      expect(received).toEndWith("]\r\n0\r\n\r\n");
      await stopped;
    },
    TIMEOUT,
  );

  test("a long poll is answered with the message that was acknowledged just before", async () => {
    await using server = new TestServer({ clock: new ManualClock() });
    const answer = fetch(`${server.url}/messages?stream=foo&wait=60`);
    while (server.connections().poll === 0) await turn();
    const { created } = await server.publish("foo", "last");
    const stopped = server.stop();
    const messages = (await (await answer).json()) as WireMessage[];
    expect(messages).toMatchObject([{ Text: "last", Created: `${created}000` }]);
    await stopped;
  });
});
