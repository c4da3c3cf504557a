import { describe, expect, test } from "bun:test";
import { TestApp, TestServer, turn } from "../../../test-support/server.ts";
import { localClient } from "../../../test-support/limits.ts";
import type { WireMessage } from "../../protocol/message.ts";
import type { PageQuery } from "../../protocol/query.ts";
import { checkText } from "../../protocol/text.ts";
import { ServerLog } from "../log.ts";
import { PageStream } from "./page-stream.ts";
import { Stalls } from "./stalls.ts";

/** Stands in for the controller of a direct stream whose client reads one write at a time. */
class SlowSink {
  written = "";
  writes = 0;
  closed: "" | "ended" | "aborted" = "";
  private read: PromiseWithResolvers<number> | undefined;

  write(bytes: Uint8Array): Promise<number> {
    this.written += new TextDecoder().decode(bytes);
    this.writes++;
    this.read = Promise.withResolvers();
    return this.read.promise;
  }

  flush(): number {
    return 0;
  }

  close(error?: Error): void {
    this.closed = error === undefined ? "ended" : "aborted";
  }

  async readOn(): Promise<void> {
    this.read?.resolve(1);
    await turn();
  }

  get texts(): string[] {
    return (JSON.parse(this.written) as WireMessage[]).map(({ Text }) => Text);
  }
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => String(from < to ? from + i : from - i));

async function setUp(query: PageQuery) {
  const { clock, hub, post } = publishing();
  for (let i = 1; i <= 1024; i++) post(String(i));
  const { messages } = await hub.page("foo", query);
  const client = localClient();
  client.openConnection();
  const stalls = new Stalls(clock, 0);
  const log = new ServerLog(() => {}, clock);
  const stream = new PageStream("foo", messages, { hub, client, stalls, log, peer: undefined });
  const sink = new SlowSink();
  stream.pull(sink as unknown as ReadableStreamDirectController);
  const readAll = async () => {
    while (sink.closed === "") await sink.readOn();
  };
  return { clock, hub, post, client, stalls, stream, sink, readAll };
}

function publishing() {
  const { clock, hub } = new TestApp();
  const post = (text: string): void => {
    clock.advance(1);
    void hub.publish("foo", checkText(text));
  };
  return { clock, hub, post };
}

const OLDEST_FIRST: PageQuery = { kind: "newest", order: "oldest first", limit: 1000 };
const NEWEST_FIRST: PageQuery = { kind: "newest", order: "newest first", limit: 1000 };

describe("a slow reader", () => {
  for (const [query, texts] of [
    [OLDEST_FIRST, numbers(25, 1024)],
    [NEWEST_FIRST, numbers(1024, 25)],
  ] as const) {
    test(`gets the whole page in pieces: ${JSON.stringify(query)}`, async () => {
      const { client, post, sink, readAll } = await setUp(query);
      // Newer messages do not belong to the page.
      for (let i = 0; i < 10; i++) {
        await sink.readOn();
        post("newer");
      }
      await readAll();
      expect(sink.texts).toEqual(texts);
      expect(sink.closed).toBe("ended");
      expect(sink.writes).toBeGreaterThan(5);
      expect(client.isOpen).toBe(false);
    });
  }

  test("gets an array that ends before messages that were evicted", async () => {
    const { post, sink, readAll } = await setUp(OLDEST_FIRST);
    await sink.readOn();
    const { length } = sink.written.split('"Id"').slice(1);
    for (let i = 0; i < 500; i++) post("newer");
    await readAll();
    expect(sink.texts).toEqual(numbers(25, 24 + length));
  });

  test("who reads newest first gets an array that ends before messages that were evicted", async () => {
    const { post, sink, readAll } = await setUp(NEWEST_FIRST);
    await sink.readOn();
    for (let i = 0; i < 500; i++) post("newer");
    await readAll();
    expect(sink.texts).toEqual(numbers(1024, 501));
  });

  test("gets an array that ends when the stream is deleted", async () => {
    const { clock, hub, post, sink, readAll } = await setUp(OLDEST_FIRST);
    await sink.readOn();
    const { length } = sink.written.split('"Id"').slice(1);
    clock.advance(1_024_000);
    hub.onTimer();
    post("of the next stream");
    await readAll();
    expect(sink.texts).toEqual(numbers(25, 24 + length));
  });

  test("who stalls is disconnected after 10 s, and one that goes on reading is not", async () => {
    const { clock, client, stalls, sink } = await setUp(OLDEST_FIRST);
    for (let i = 0; i < 5; i++) {
      clock.advance(9000);
      stalls.onTimer();
      await sink.readOn();
    }
    expect(sink.closed).toBe("");
    clock.advance(10_000);
    stalls.onTimer();
    expect(sink.closed).toBe("aborted");
    expect(client.isOpen).toBe(false);
  });

  test("who disconnects is released", async () => {
    const { client, stream, sink } = await setUp(OLDEST_FIRST);
    stream.cancel();
    await sink.readOn();
    expect([sink.writes, client.isOpen]).toEqual([1, false]);
  });
});

test("readers who hold more than the limit together are disconnected, the one who stalled longest first", () => {
  const { clock } = publishing();
  const stalls = new Stalls(clock, 0);
  const aborted: number[] = [];
  const readers = Array.from({ length: 200 }, (_, i) => ({ abort: () => void aborted.push(i) }));
  for (const reader of readers) stalls.begin(reader, 100 * 1024);
  // 16 MiB.
  expect(aborted).toEqual(numbers(0, 36).map(Number));
});

test("a large page arrives as a small one would, with its headers", async () => {
  await using server = new TestServer();
  for (let i = 0; i < 1024; i++) await server.publish("foo", `${i} ${"😀".repeat(500)}`);
  const all = (await (await fetch(`${server.url}/messages?stream=foo&limit=1024`)).json()) as WireMessage[];
  expect(all.map(({ Text }) => Number.parseInt(Text, 10))).toEqual(numbers(0, 1023).map(Number));
  const cursor = all[99]?.Created;
  for (const [query, from, to] of [
    ["", 0, 1023],
    ["&direction=-1", 1023, 0],
    [`&last=${cursor}`, 100, 1023],
    [`&last=${cursor}&direction=-1`, 98, 0],
  ] as const) {
    const url = `${server.url}/messages?stream=foo&limit=1024${query}`;
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("malten-server")).toBe("test");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const page = (await response.json()) as WireMessage[];
    expect(page.map(({ Text }) => Number.parseInt(Text, 10))).toEqual(numbers(from, to).map(Number));
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  }
});
