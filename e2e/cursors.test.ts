// Cursors across servers: a client that moves to another server gets a gap from 0 and everything that is kept there, on every
// transport and whatever the clocks of the servers say. Nothing is skipped silently.
import { describe, expect, test } from "bun:test";
import type { WireEvent, WireMessage } from "../src/protocol/message.ts";
import { ManualClock } from "../test-support/clock.ts";
import { EventReader, SocketClient, TextReader, type Wire } from "../test-support/clients.ts";
import { TestServer } from "../test-support/server.ts";

/** What a client receives after its welcome. */
interface Received {
  /** The bounds of the gap before the first message, in nanoseconds since 1970. */
  readonly gap: { readonly from: string; readonly to: string } | undefined;
  readonly texts: string[];
}

/** Reads the gap and the next `count` messages after a cursor. */
type Transport = (server: TestServer, cursor: string, count: number) => Promise<Received>;

const MESSAGES = 5;

/** Wall clocks in microseconds ahead of the first: an hour apart, further than any message is old. */
const CLOCKS: Readonly<Record<string, number>> = { alpha: 0, beta: 3_600_000_000, gamma: -3_600_000_000 };

async function collect(count: number, next: () => Promise<Wire>): Promise<Received> {
  let gap: Received["gap"];
  const texts: string[] = [];
  while (texts.length < count) {
    const data = await next();
    if (data.Type === "message") {
      texts.push(data.Text);
    } else {
      expect(data.Text).toBe("gap");
      expect([gap, texts]).toEqual([undefined, []]);
      gap = { from: data.From ?? "", to: data.To ?? "" };
    }
  }
  return { gap, texts };
}

async function readSse(
  { url }: TestServer,
  query: string,
  headers: Record<string, string>,
  count: number,
): Promise<Received> {
  await using reader = await EventReader.open(url, query, headers);
  return await collect(count, () => reader.nextData());
}

async function readLines({ url }: TestServer, cursor: string, count: number): Promise<Received> {
  const headers = { accept: "application/x-ndjson" };
  await using reader = await TextReader.open(`${url}/events?stream=foo&last=${cursor}`, headers);
  const next = async (): Promise<Wire> => {
    for (;;) {
      const data = JSON.parse((await reader.upTo("\n")) ?? "") as Wire;
      if (data.Type === "message" || data.Text === "gap") return data;
    }
  };
  return await collect(count, next);
}

async function readText({ url }: TestServer, cursor: string, count: number): Promise<Received> {
  const headers = { accept: "text/plain" };
  await using reader = await TextReader.open(`${url}/events?stream=foo&last=${cursor}`, headers);
  expect(await reader.upTo("\n")).toBe("");
  let line = await reader.upTo("\n");
  const [, from, to] = /^\u001agap: messages after ([0-9]+) and before ([0-9]+) are/.exec(line ?? "") ?? [];
  const gap = from === undefined || to === undefined ? undefined : { from, to };
  if (gap !== undefined) line = await reader.upTo("\n");
  const texts: string[] = [];
  for (; ; line = await reader.upTo("\n")) {
    texts.push(line ?? "");
    if (texts.length === count) return { gap, texts };
  }
}

async function readSocket({ url }: TestServer, query: string, last: string | undefined, count: number) {
  await using socket = await SocketClient.open(url, query);
  if (last !== undefined) await socket.ask({ Type: "subscribe", Stream: "foo", Last: last });
  return await collect(count, async () => (await socket.next()) as Wire);
}

function gapOf(response: Response): Received["gap"] {
  const [from, to] = response.headers.get("malten-gap")?.split("-") ?? [];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** Pages of 2 from a cursor to the newest message. */
async function readPages(
  { url, hub }: TestServer,
  cursor: string,
  count: number,
  query: string,
): Promise<Received> {
  let gap: Received["gap"];
  const texts: string[] = [];
  for (let last = cursor; texts.length < count;) {
    const response = await fetch(`${url}/messages?stream=foo&limit=2&last=${last}&${query}`);
    expect(response.headers.get("malten-server")).toBe(hub.server);
    if (last === cursor) gap = gapOf(response);
    else expect(gapOf(response)).toBeUndefined();
    const page = (await response.json()) as WireMessage[];
    texts.push(...page.map(({ Text }) => Text));
    last = `${page.at(-1)?.Created}-${hub.server}`;
  }
  return { gap, texts };
}

const TRANSPORTS: Readonly<Record<string, Transport>> = {
  "SSE with Last-Event-ID": (server, cursor, count) =>
    readSse(server, "foo", { "last-event-id": cursor }, count),
  "SSE with last_event_id": (server, cursor, count) =>
    readSse(server, `foo&last_event_id=${cursor}`, {}, count),
  "SSE with last": (server, cursor, count) => readSse(server, `foo&last=${cursor}`, {}, count),
  NDJSON: readLines,
  "plain text": readText,
  "WebSocket with last": (server, cursor, count) =>
    readSocket(server, `foo&last=${cursor}`, undefined, count),
  "WebSocket with a subscribe frame": (server, cursor, count) =>
    readSocket(server, "none&subscribe=false", cursor, count),
  paging: (server, cursor, count) => readPages(server, cursor, count, "direction=1"),
  "long poll": (server, cursor, count) => readPages(server, cursor, count, "wait=60"),
};

/** A server with messages in the stream foo, and their cursors in full form. */
class Member implements AsyncDisposable {
  readonly server: TestServer;
  readonly cursors: string[] = [];
  readonly texts: string[];

  private constructor(name: string, ahead: number) {
    const clock = new ManualClock();
    clock.jumpWall(ahead);
    this.server = new TestServer({ clock, name });
    this.texts = Array.from({ length: MESSAGES }, (_, i) => `${name} ${i + 1}`);
  }

  static async start(name: string): Promise<Member> {
    const member = new Member(name, CLOCKS[name] ?? 0);
    for (const text of member.texts) {
      const { created } = await member.server.publish("foo", text);
      member.cursors.push(`${created}000-${name}`);
    }
    return member;
  }

  get oldest(): string {
    return this.cursors[0]?.split("-")[0] ?? "";
  }

  get newest(): string {
    return this.cursors.at(-1) ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

const ORDERS = [
  ["alpha", "beta", "gamma"],
  ["alpha", "gamma", "beta"],
  ["beta", "alpha", "gamma"],
  ["beta", "gamma", "alpha"],
  ["gamma", "alpha", "beta"],
  ["gamma", "beta", "alpha"],
];

describe("a client that moves between three servers with clocks an hour apart", () => {
  for (const [name, read] of Object.entries(TRANSPORTS)) {
    test(`gets a gap from 0 and everything that is kept: ${name}`, async () => {
      await using alpha = await Member.start("alpha");
      await using beta = await Member.start("beta");
      await using gamma = await Member.start("gamma");
      const members = new Map([alpha, beta, gamma].map((member) => [member.server.hub.server, member]));
      for (const order of ORDERS) {
        // And back to the first, where its cursor is that of another server too.
        const route = [...order, ...order.slice(0, 1)].map((server) => members.get(server) ?? alpha);
        let cursor = route[0]?.newest ?? "";
        for (const { server, oldest, texts, newest } of route.slice(1)) {
          expect(await read(server, cursor, MESSAGES)).toEqual({ gap: { from: "0", to: oldest }, texts });
          cursor = newest;
        }
      }
    });

    test(`resumes without a gap on the same server, with full cursors and with bare digits: ${name}`, async () => {
      await using beta = await Member.start("beta");
      const cursor = beta.cursors[1] ?? "";
      for (const last of [cursor, cursor.split("-")[0] ?? ""]) {
        expect(await read(beta.server, last, 3)).toEqual({ gap: undefined, texts: beta.texts.slice(2) });
      }
    });
  }

  test("gets the newest messages and the gap before them when it pages backward", async () => {
    await using alpha = await Member.start("alpha");
    await using beta = await Member.start("beta");
    for (const [from, to] of [
      [alpha, beta],
      [beta, alpha],
    ] as const) {
      const response = await fetch(
        `${to.server.url}/messages?stream=foo&direction=-1&limit=3&last=${from.newest}`,
      );
      expect(gapOf(response)).toEqual({ from: "0", to: to.cursors[2]?.split("-")[0] ?? "" });
      const page = (await response.json()) as WireMessage[];
      expect(page.map(({ Text }) => Text)).toEqual(to.texts.slice(2).toReversed());
    }
  });

  test("gets a gap, then live messages, from a stream that does not exist there", async () => {
    await using alpha = await Member.start("alpha");
    await using empty = new TestServer({ name: "delta" });
    const query = `foo&last=${alpha.newest}`;
    const headers = { accept: "application/x-ndjson" };
    await using sse = await EventReader.open(empty.url, query);
    await using lines = await TextReader.open(`${empty.url}/events?stream=${query}`, headers);
    await using socket = await SocketClient.open(empty.url, query);
    expect(await sse.nextEvent("welcome")).toMatchObject({ Cursor: "0-delta", Server: "delta" });
    expect(JSON.parse((await lines.upTo("\n")) ?? "")).toMatchObject({ Text: "welcome", Cursor: "0-delta" });
    expect(await sse.nextData()).toMatchObject({ Text: "gap", From: "0" });
    expect(JSON.parse((await lines.upTo("\n")) ?? "")).toMatchObject({ Text: "gap", From: "0" });
    expect(await socket.next()).toMatchObject({ Text: "gap", From: "0" });
    await empty.publish("foo", "first");
    for (const reader of [sse, socket]) expect(await reader.texts(1)).toEqual(["first"]);
  });

  test("gets an answer to a long poll immediately, even from an empty stream", async () => {
    await using alpha = await Member.start("alpha");
    await using empty = new TestServer({ name: "delta" });
    const response = await fetch(`${empty.url}/messages?stream=foo&wait=60&last=${alpha.newest}`);
    expect(gapOf(response)?.from).toBe("0");
    const cursor = response.headers.get("malten-cursor") ?? "";
    expect(cursor).toEndWith("-delta");
    expect(await response.json()).toEqual([]);
    await empty.publish("foo", "first");
    expect(await readPages(empty, cursor, 1, "wait=60")).toEqual({ gap: undefined, texts: ["first"] });
  });
});

describe("an EventSource that reconnects to another server", () => {
  /** Reads one event and returns the id that the client sends the next time (WHATWG HTML §9.2.6). */
  const readUntil = async (
    { url }: TestServer,
    lastEventId: string,
    wanted: (data: Wire) => boolean,
  ): Promise<{ event: Wire; lastEventId: string }> => {
    await using reader = await EventReader.open(url, "foo", { "last-event-id": lastEventId });
    let id = lastEventId;
    for (;;) {
      const event = await reader.next();
      if (event === undefined) throw new Error("the response ended");
      id = event.id ?? id;
      if (wanted(event.data)) return { event: event.data, lastEventId: id };
    }
  };
  const isEvent = (name: WireEvent["Text"]) => (data: Wire) => data.Type === "event" && data.Text === name;

  test("still gets the gap if the connection breaks after the welcome, or after the gap", async () => {
    await using alpha = await Member.start("alpha");
    await using beta = await Member.start("beta");
    for (const breakpoint of ["welcome", "gap", "welcome"] as const) {
      const { event, lastEventId } = await readUntil(beta.server, alpha.newest, isEvent(breakpoint));
      if (event.Type === "event" && event.Text === "welcome") expect(event.Cursor).toBe("0-beta");
      expect(lastEventId).toBe(alpha.newest);
    }
    const received = await TRANSPORTS["SSE with Last-Event-ID"]?.(beta.server, alpha.newest, MESSAGES);
    expect(received).toEqual({ gap: { from: "0", to: beta.oldest }, texts: beta.texts });
  });

  test("resumes on the new server once it has received a message", async () => {
    await using alpha = await Member.start("alpha");
    await using beta = await Member.start("beta");
    const { lastEventId } = await readUntil(beta.server, alpha.newest, ({ Type }) => Type === "message");
    expect(lastEventId).toBe(beta.cursors[0] ?? "");
    expect(await readSse(beta.server, "foo", { "last-event-id": lastEventId }, 4)).toEqual({
      gap: undefined,
      texts: beta.texts.slice(1),
    });
  });
});

test("messages of different servers have different ids, even with equal clocks", async () => {
  const clock = new ManualClock();
  const ids = new Set<string>();
  for (const name of ["alpha", "beta", "gamma"]) {
    await using server = new TestServer({ clock, name });
    for (let i = 0; i < MESSAGES; i++) ids.add((await server.publish("foo", `${i}`)).id);
  }
  expect(ids.size).toBe(3 * MESSAGES);
});

test("malformed cursors are rejected everywhere", async () => {
  await using server = new TestServer();
  for (const cursor of ["1-", "-a", "1-a-b", "1-a_b", `1-${"a".repeat(33)}`, "a-1", "1 -a", "earliest-a"]) {
    const last = encodeURIComponent(cursor);
    for (const path of ["/events?last=", "/events?last_event_id=", "/messages?last="]) {
      expect([cursor, (await fetch(`${server.url}${path}${last}`)).status]).toEqual([cursor, 400]);
    }
    const response = await fetch(`${server.url}/events`, { headers: { "last-event-id": cursor } });
    expect([cursor, response.status]).toEqual([cursor, 400]);
    await using socket = await SocketClient.open(server.url, "foo&subscribe=false");
    socket.send({ Type: "subscribe", Stream: "foo", Last: cursor });
    expect(await socket.next(({ Type }) => Type !== "welcome")).toMatchObject({ Code: "bad_parameter" });
  }
});
