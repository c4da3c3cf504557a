// Presence on a real server: set and changed over every kind of connection.
import { describe, expect, test } from "bun:test";
import type { WireEvent } from "../src/protocol/message.ts";
import type { WirePresence } from "../src/protocol/presence.ts";
import { EventReader, SocketClient, TextReader, type Frame } from "../test-support/clients.ts";
import { TestServer } from "../test-support/server.ts";

/** Presence events are a second apart. */
const TIMEOUT = 20_000;

async function presence(server: TestServer, stream: string): Promise<WirePresence> {
  const response = await fetch(`${server.url}/presence?stream=${stream}`);
  expect(response.status).toBe(200);
  return (await response.json()) as WirePresence;
}

const online = (Name: string) => ({ Name, Status: "online" as const });

/** Receives presence events on an unnamed WebSocket. */
class Witness implements AsyncDisposable {
  /** The last announced status of each person. */
  readonly people = new Map<string, string>();
  private readonly socket: SocketClient;

  private constructor(socket: SocketClient) {
    this.socket = socket;
  }

  static async open(server: TestServer, stream: string): Promise<Witness> {
    return new Witness(await SocketClient.open(server.url, stream));
  }

  /** Waits until all these people have this status. Returns the last event. */
  async sees(status: string, ...names: string[]): Promise<WireEvent> {
    for (;;) {
      const frame = await this.socket.next(isEvent);
      if (!isEvent(frame)) continue;
      for (const { Name, Status } of frame.People ?? []) this.people.set(Name, Status);
      if (names.every((name) => this.people.get(name) === status)) return frame;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket[Symbol.asyncDispose]();
  }
}

function isEvent(frame: Frame): frame is WireEvent {
  return frame.Type === "event";
}

describe("a listener with a name is in the presence list", () => {
  test(
    "on every kind of connection, in order of arrival, until it disconnects",
    async () => {
      await using server = new TestServer();
      await using witness = await Witness.open(server, "foo");
      const events = await EventReader.open(server.url, "foo&name=Ada");
      await witness.sees("online", "Ada");
      const url = `${server.url}/events?stream=foo`;
      const lines = await TextReader.open(`${url}&name=Bob&status=away`, { accept: "application/x-ndjson" });
      const text = await TextReader.open(`${url}&name=%20C%C3%A9cile%20`, { accept: "text/plain" });
      const socket = await SocketClient.open(server.url, "foo&name=Dan&status=typing");
      await witness.sees("typing", "Dan");
      const People = [
        online("Ada"),
        { Name: "Bob", Status: "away" },
        online("Cécile"),
        { Name: "Dan", Status: "typing" },
      ];
      expect(Array.from(witness.people)).toEqual(People.map(({ Name, Status }) => [Name, Status]));
      expect(await presence(server, "foo")).toMatchObject({ Stream: "foo", Observers: 5, People, More: 0 });
      for (const client of [events, lines, text, socket]) await client[Symbol.asyncDispose]();
      await witness.sees("offline", "Ada", "Bob", "Cécile", "Dan");
      expect(await presence(server, "foo")).toMatchObject({ Observers: 1, People: [], More: 0 });
    },
    TIMEOUT,
  );

  test(
    "as set by its WebSocket, on each stream that it is subscribed to",
    async () => {
      await using server = new TestServer();
      await using witness = await Witness.open(server, "bar");
      await using socket = await SocketClient.open(server.url, "foo");
      await socket.ask({ Type: "subscribe", Stream: "bar" });
      expect(await socket.ask({ Type: "presence", Stream: "bar", Name: "Ada", Ref: 1 })).toEqual({
        Type: "ack",
        Ref: 1,
      });
      await witness.sees("online", "Ada");
      expect((await presence(server, "bar")).People).toEqual([online("Ada")]);
      expect((await presence(server, "foo")).People).toEqual([]);

      await socket.ask({ Type: "presence", Name: "Ada the First" });
      expect((await presence(server, "foo")).People).toEqual([online("Ada the First")]);
      await socket.ask({ Type: "presence", Stream: "bar", Name: "Ada", Status: "typing" });
      expect(await witness.sees("typing", "Ada")).toMatchObject({
        Text: "presence",
        Observers: 2,
        People: [{ Name: "Ada", Status: "typing" }],
      });
      await socket.ask({ Type: "presence", Stream: "bar" });
      expect(await witness.sees("offline", "Ada")).toMatchObject({
        Text: "presence",
        People: [{ Name: "Ada", Status: "offline" }],
      });
      expect(await presence(server, "bar")).toMatchObject({ Observers: 2, People: [] });

      // A new subscription starts without a name.
      await socket.ask({ Type: "subscribe", Stream: "foo" });
      expect((await presence(server, "foo")).People).toEqual([]);
      await socket.ask({ Type: "presence", Name: "Ada" });
      await socket.ask({ Type: "unsubscribe", Stream: "foo" });
      expect(await presence(server, "foo")).toMatchObject({ Observers: 0, People: [] });
    },
    TIMEOUT,
  );

  test("but a presence frame for a stream without a subscription is rejected", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo&subscribe=false");
    for (const frame of [{}, { Stream: "bar", Name: "Ada" }]) {
      expect(await socket.ask({ Type: "presence", ...frame })).toMatchObject({ Code: "bad_request" });
    }
    expect(await presence(server, "foo")).toMatchObject({ Observers: 0, People: [] });
  });
});
