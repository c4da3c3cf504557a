// A server that ends under load: by SIGTERM, after which every acknowledged message was delivered, and by SIGKILL, after which
// clients resume at the next server and learn what they missed.
import { afterAll, expect, test } from "bun:test";
import { Malten, type StreamEvent, type TransportName } from "../src/client/index.ts";
import { SocketClient, TextReader } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import { RawConnection, type RawResponse } from "../test-support/raw.ts";
import {
  Connection,
  sse,
  STREAM,
  webSocket,
  type Message as WireMessage,
  type Reader,
  type Wire,
} from "../test-support/wires.ts";

/** Per transport. */
const LISTENERS = 100;

/** Connections that publish, and requests in flight on each. */
const PUBLISHERS = 4;
const PIPELINED = 16;

/** Messages acknowledged before the signal: less than a stream keeps, so that no listener gets a gap. */
const BEFORE = 200;

const TIMEOUT = 60_000;

afterAll(expectNoProcessLeft);

test(
  "SIGTERM under load: every acknowledged message is delivered, and every listener is told to reconnect",
  async () => {
    await using server = await ServerProcess.start();
    const failure = Promise.withResolvers<never>();
    const listeners = [sse, webSocket].flatMap((wire) =>
      Array.from({ length: LISTENERS }, () => new Listener(wire)),
    );
    await Promise.all(
      listeners.map((listener) => Connection.open(server.port, listener, undefined, failure.reject)),
    );

    const load = new Load(server);
    const publishing = Array.from({ length: PUBLISHERS }, () => load.publish());
    await Promise.race([load.enough, failure.promise]);
    using upload = await Upload.begin(server.port);
    const stopped = server.stop();
    // The last part arrives when listeners are already leaving.
    await Promise.race([...listeners.map(({ ended }) => ended), failure.promise]);
    load.record(await upload.finish());
    const refused = await Promise.race([Promise.all(publishing), failure.promise]);
    const ends = await Promise.race([Promise.all(listeners.map(({ ended }) => ended)), failure.promise]);

    expect(await stopped).toBe(0);
    expect(new Set(ends)).toEqual(new Set([sse.goodbye, webSocket.goodbye]));
    const acknowledged = load.acknowledged.toSorted();
    expect(acknowledged.length).toBeGreaterThanOrEqual(BEFORE);
    for (const { received } of listeners) expect(received).toEqual(acknowledged);
    // Publishers were refused, or their connections were closed between two requests.
    for (const code of refused) expect(["shutting_down", "closed"]).toContain(code);
  },
  TIMEOUT,
);

test("SIGTERM: listeners are asked to come back at different times", async () => {
  await using server = await ServerProcess.start();
  const url = new URL(`/events?stream=${STREAM}`, server.url).href;
  const readers = await Promise.all(Array.from({ length: LISTENERS }, () => TextReader.open(url)));
  const sockets = await Promise.all(
    Array.from({ length: LISTENERS }, () => SocketClient.open(server.url.origin, STREAM)),
  );
  const order: number[] = [];
  const closed = sockets.map(async (socket, index) => {
    expect((await socket.closed).code).toBe(4000);
    order.push(index);
  });
  const stopped = server.stop();
  const delays = await Promise.all(readers.map(lastRetry));
  await Promise.all(closed);
  expect(await stopped).toBe(0);
  // At least a second later, when the server has ended, and not together.
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1000);
  expect(new Set(delays).size).toBeGreaterThan(LISTENERS / 2);
  expect(order).not.toEqual(order.toSorted((a, b) => a - b));
});

test(
  "SIGKILL and restart: clients resume, are told of the gap and send what was waiting",
  async () => {
    const first = await ServerProcess.start();
    const clients = (["websocket", "sse", "poll"] as const).flatMap((transport) =>
      Array.from({ length: 4 }, (_, index) => new Client(first.url, transport, `${transport} ${index}`)),
    );
    try {
      await publish(first.url, "before");
      await Promise.all(clients.map((client) => client.receives("before")));
      first.signal("SIGKILL");
      expect(await first.stop()).not.toBe(0);

      const waiting = clients.map((client) => client.send());
      await using second = await ServerProcess.start({
        args: ["--port", String(first.port), "--rate-limit", "0"],
      });
      const sent = (await Promise.all(waiting)).filter((name) => name !== undefined);
      await publish(second.url, "after");
      await Promise.all(clients.map((client) => client.receives("after")));
      for (const { events } of clients) {
        // A restarted server cannot tell what a client has seen.
        const gap = events.findIndex((event) => event.type === "gap" && event.gap.from === "0");
        expect(gap).toBeGreaterThan(0);
        const texts = (some: StreamEvent[]) =>
          some.flatMap((event) => (event.type === "message" ? [event.message.text] : []));
        expect(texts(events.slice(0, gap))).toEqual(["before"]);
        const later = texts(events.slice(gap));
        expect(later.at(-1)).toBe("after");
        expect(later.slice(0, -1).toSorted()).toEqual(sent.toSorted());
      }
    } finally {
      for (const client of clients) client.close();
    }
  },
  TIMEOUT,
);

/** Reads server-sent events to their end and returns the time after which to reconnect, in milliseconds. */
async function lastRetry(reader: TextReader): Promise<number> {
  let last = "";
  for (;;) {
    const line = await reader.upTo("\n");
    if (line === undefined) return Number(/^retry:([0-9]+)$/.exec(last)?.[1]);
    last = line;
  }
}

async function publish(url: URL, text: string): Promise<void> {
  const response = await fetch(new URL(`/messages?stream=${STREAM}&text=${text}`, url), { method: "POST" });
  expect(response.status).toBe(201);
}

/** Remembers the messages of one connection. */
class Listener implements Reader {
  readonly expected = undefined;
  readonly wire: Wire;
  /** The `Created` of each message. */
  readonly received: string[] = [];
  private readonly over = Promise.withResolvers<string>();

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** Resolves with how the server ended the connection. */
  get ended(): Promise<string> {
    return this.over.promise;
  }

  end(reason: string): void {
    this.over.resolve(reason);
  }

  receiveExpected(): void {}

  receive(json: string): void {
    const { Type, Text, Created } = JSON.parse(json) as WireMessage;
    if (Type === "message") this.received.push(Created);
    else expect(["welcome", "connect", "close"]).toContain(Text);
  }
}

/** Publishes on several connections, with pipelining (RFC 9112 §9.3.2), until the server refuses. */
class Load {
  /** The `Created` of each message answered with 201. */
  readonly acknowledged: string[] = [];
  private readonly sufficient = Promise.withResolvers<void>();
  private readonly port: number;

  constructor({ port }: ServerProcess) {
    this.port = port;
  }

  /** Resolves once there is load. */
  get enough(): Promise<void> {
    return this.sufficient.promise;
  }

  /** Returns why it ended: the code of the refusal, or "closed". */
  async publish(): Promise<string> {
    using connection = await RawConnection.open(this.port);
    for (;;) {
      connection.send(
        `POST /messages?stream=${STREAM}&text=x HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(PIPELINED),
      );
      for (let answered = 0; answered < PIPELINED; answered++) {
        const refusal = this.record(await connection.response());
        if (refusal !== undefined) return refusal;
      }
    }
  }

  /** Returns the reason unless the message was acknowledged. */
  record(response: RawResponse | undefined): string | undefined {
    if (response === undefined) return "closed";
    const answer = JSON.parse(response.body) as { code?: string; Created: string };
    if (response.status !== 201) return answer.code;
    this.acknowledged.push(answer.Created);
    if (this.acknowledged.length === BEFORE) this.sufficient.resolve();
    return undefined;
  }
}

/** A message whose last part arrives late. */
class Upload implements Disposable {
  private readonly connection: RawConnection;

  private constructor(connection: RawConnection) {
    this.connection = connection;
  }

  static async begin(port: number): Promise<Upload> {
    const connection = await RawConnection.open(port);
    connection.send(
      `POST /messages?stream=${STREAM} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello`,
    );
    // After another round trip the server has the first part.
    await fetch(`http://127.0.0.1:${port}/health`);
    return new Upload(connection);
  }

  finish(): Promise<RawResponse | undefined> {
    this.connection.send("world");
    return this.connection.response();
  }

  [Symbol.dispose](): void {
    this.connection[Symbol.dispose]();
  }
}

/** An SDK client that remembers everything it receives except presence. */
class Client {
  readonly name: string;
  readonly events: StreamEvent[] = [];
  private readonly malten: Malten;
  private readonly abort = new AbortController();
  private wake: () => void = () => {};

  constructor(url: URL, transport: TransportName, name: string) {
    this.name = name;
    this.malten = new Malten(url, { transports: [transport] });
    void this.listen();
  }

  /** Sends its name and returns it; undefined if the server that was killed may have accepted it. */
  async send(): Promise<string | undefined> {
    try {
      await this.malten.stream(STREAM).send(this.name);
      return this.name;
    } catch (error) {
      expect(error).toMatchObject({ code: "uncertain" });
      return undefined;
    }
  }

  /** Resolves once a message with this text has arrived. */
  async receives(text: string): Promise<void> {
    while (!this.events.some((event) => event.type === "message" && event.message.text === text)) {
      const woken = Promise.withResolvers<void>();
      this.wake = woken.resolve;
      await woken.promise;
    }
  }

  close(): void {
    this.abort.abort();
    this.malten.stream(STREAM).close();
  }

  private async listen(): Promise<void> {
    const { signal } = this.abort;
    for await (const event of this.malten.stream(STREAM).events({ since: "earliest", signal })) {
      if (event.type === "presence" || event.type === "welcome") continue;
      this.events.push(event);
      this.wake();
    }
  }
}
