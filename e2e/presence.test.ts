// Presence on a real server: set and changed over every transport.
import { describe, expect, test } from "bun:test";
import type { WireEvent } from "../src/protocol/message.ts";
import type { WirePresence } from "../src/protocol/presence.ts";
import { EventReader, SocketClient, TextReader, type Frame } from "../test-support/clients.ts";
import { TestServer } from "../test-support/server.ts";

/** Presence events are sent once per second. */
const TIMEOUT = 20_000;

async function presence(server: TestServer, stream: string): Promise<WirePresence> {
  const response = await fetch(`${server.url}/presence?stream=${stream}`);
  expect(response.status).toBe(200);
  return (await response.json()) as WirePresence;
}

const online = (Name: string) => ({ Name, Status: "online" as const });

/** Receives presence events on a WebSocket without a name. */
class Witness implements AsyncDisposable {
  /** The last known status of each person. */
  readonly people = new Map<string, string>();
  private readonly socket: SocketClient;

  private constructor(socket: SocketClient) {
    this.socket = socket;
  }

  static async open(server: TestServer, stream: string): Promise<Witness> {
    return new Witness(await SocketClient.open(server.url, stream));
  }

  /** Waits for the event after which all of these have the status. */
  async hears(status: string, ...names: string[]): Promise<WireEvent> {
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

describe("a named listener is listed", () => {
  test(
    "on every transport, in order of arrival, until it disconnects",
    async () => {
      await using server = new TestServer();
      await using witness = await Witness.open(server, "foo");
      const events = await EventReader.open(server.url, "foo&name=Ada");
      await witness.hears("online", "Ada");
      const url = `${server.url}/events?stream=foo`;
      const lines = await TextReader.open(`${url}&name=Bob&status=away`, { accept: "application/x-ndjson" });
      const text = await TextReader.open(`${url}&name=%20C%C3%A9cile%20`, { accept: "text/plain" });
      const socket = await SocketClient.open(server.url, "foo&name=Dan&status=typing");
      await witness.hears("typing", "Dan");
      const People = [
        online("Ada"),
        { Name: "Bob", Status: "away" },
        online("Cécile"),
        { Name: "Dan", Status: "typing" },
      ];
      expect(Array.from(witness.people)).toEqual(People.map(({ Name, Status }) => [Name, Status]));
      expect(await presence(server, "foo")).toMatchObject({ Stream: "foo", Observers: 5, People, More: 0 });
      for (const gone of [events, lines, text, socket]) await gone[Symbol.asyncDispose]();
      await witness.hears("offline", "Ada", "Bob", "Cécile", "Dan");
      expect(await presence(server, "foo")).toMatchObject({ Observers: 1, People: [], More: 0 });
    },
    TIMEOUT,
  );

  test(
    "as set over its WebSocket, separately for each stream it is subscribed to",
    async () => {
      await using server = new TestServer();
      await using witness = await Witness.open(server, "bar");
      await using socket = await SocketClient.open(server.url, "foo");
      await socket.ask({ Type: "subscribe", Stream: "bar" });
      expect(await socket.ask({ Type: "presence", Stream: "bar", Name: "Ada", Ref: 1 })).toEqual({
        Type: "ack",
        Ref: 1,
      });
      await witness.hears("online", "Ada");
      expect((await presence(server, "bar")).People).toEqual([online("Ada")]);
      expect((await presence(server, "foo")).People).toEqual([]);

      await socket.ask({ Type: "presence", Name: "Ada the First" });
      expect((await presence(server, "foo")).People).toEqual([online("Ada the First")]);
      await socket.ask({ Type: "presence", Stream: "bar", Name: "Ada", Status: "typing" });
      expect(await witness.hears("typing", "Ada")).toMatchObject({
        Text: "presence",
        Observers: 2,
        People: [{ Name: "Ada", Status: "typing" }],
      });
      await socket.ask({ Type: "presence", Stream: "bar" });
      expect(await witness.hears("offline", "Ada")).toMatchObject({
        Text: "presence",
        People: [{ Name: "Ada", Status: "offline" }],
      });
      expect(await presence(server, "bar")).toMatchObject({ Observers: 2, People: [] });

      // Subscribing again resets the presence.
      await socket.ask({ Type: "subscribe", Stream: "foo" });
      expect((await presence(server, "foo")).People).toEqual([]);
      await socket.ask({ Type: "presence", Name: "Ada" });
      await socket.ask({ Type: "unsubscribe", Stream: "foo" });
      expect(await presence(server, "foo")).toMatchObject({ Observers: 0, People: [] });
    },
    TIMEOUT,
  );

  test("and a presence frame for a stream without a subscription is rejected", async () => {
    await using server = new TestServer();
    await using socket = await SocketClient.open(server.url, "foo&subscribe=false");
    for (const frame of [{}, { Stream: "bar", Name: "Ada" }]) {
      expect(await socket.ask({ Type: "presence", ...frame })).toMatchObject({ Code: "bad_request" });
    }
    expect(await presence(server, "foo")).toMatchObject({ Observers: 0, People: [] });
  });
});
