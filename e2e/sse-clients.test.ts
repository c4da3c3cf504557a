// Server-sent events as clients outside of browsers parse them. httpx-sse (Python) dispatches an event at each blank line if any
// field was set, even without data, where the standard (WHATWG HTML §9.2.6) drops it; callers then fail to parse the JSON.
import { expect, test } from "bun:test";
import type { WireEvent } from "../src/protocol/message.ts";
import { ManualClock } from "../test-support/clock.ts";
import { TextReader, type Wire } from "../test-support/clients.ts";
import { TestServer } from "../test-support/server.ts";

interface Dispatched {
  readonly id: string;
  readonly retry: number | undefined;
  readonly data: string;
}

/** The decoder of httpx-sse 0.4 (`SSEDecoder.decode`), ported: called for each line, without its end. */
class SseDecoder {
  private event = "";
  private data: string[] = [];
  private lastEventId = "";
  private retry: number | undefined;

  decode(line: string): Dispatched | undefined {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return undefined;
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === "event") this.event = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id" && !value.includes("\0")) this.lastEventId = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retry = Number(value);
    return undefined;
  }

  private dispatch(): Dispatched | undefined {
    const { event, data, lastEventId: id, retry } = this;
    if (event === "" && data.length === 0 && id === "" && retry === undefined) return undefined;
    this.event = "";
    this.data = [];
    this.retry = undefined;
    return { id, retry, data: data.join("\n") };
  }
}

/** A client that expects JSON in every dispatched event and resumes with the last id. */
class StrictClient implements AsyncDisposable {
  readonly received: Wire[] = [];
  lastEventId = "";
  private readonly decoder = new SseDecoder();
  private readonly reader: TextReader;

  private constructor(reader: TextReader) {
    this.reader = reader;
  }

  static async open({ url }: TestServer, lastEventId = ""): Promise<StrictClient> {
    const headers = {
      accept: "text/event-stream",
      ...(lastEventId !== "" && { "last-event-id": lastEventId }),
    };
    const client = new StrictClient(await TextReader.open(`${url}/events?stream=foo`, headers));
    client.lastEventId = lastEventId;
    return client;
  }

  /** Reads up to a message or an event of this text. */
  async readUntil(text: string): Promise<Wire> {
    for (;;) {
      const line = await this.reader.upTo("\n");
      if (line === undefined) throw new Error(`the response ended before ${text}`);
      const event = this.decoder.decode(line);
      if (event === undefined) continue;
      const data = JSON.parse(event.data) as Wire;
      this.received.push(data);
      if (event.id !== "") this.lastEventId = event.id;
      if (data.Text === text) return data;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reader[Symbol.asyncDispose]();
  }
}

function textsOf({ received }: StrictClient): string[] {
  return received.map(({ Text }) => Text).filter((text) => text !== "connect");
}

test("every dispatched event has JSON: welcome, messages, after heartbeats and when resuming", async () => {
  const clock = new ManualClock();
  await using server = new TestServer({ clock, name: "alpha" });
  let lastEventId: string;
  {
    await using client = await StrictClient.open(server);
    await client.readUntil("connect");
    await server.publish("foo", "one");
    await client.readUntil("one");
    for (let i = 0; i < 3; i++) {
      clock.advance(26_000);
      server.onTimer();
    }
    await server.publish("foo", "two");
    await client.readUntil("two");
    expect(textsOf(client)).toEqual(["welcome", "one", "two"]);
    ({ lastEventId } = client);
  }
  await server.publish("foo", "three");
  await using client = await StrictClient.open(server, lastEventId);
  expect(await client.readUntil("welcome")).toMatchObject({ Cursor: lastEventId });
  await client.readUntil("three");
  expect(textsOf(client)).toEqual(["welcome", "three"]);
});

test("every dispatched event has JSON when it moves to another server", async () => {
  await using alpha = new TestServer({ name: "alpha" });
  await using beta = new TestServer({ name: "beta" });
  await alpha.publish("foo", "on alpha");
  await using first = await StrictClient.open(alpha, "earliest");
  await first.readUntil("on alpha");
  await beta.publish("foo", "on beta");
  await using second = await StrictClient.open(beta, first.lastEventId);
  expect((await second.readUntil("gap")) as WireEvent).toMatchObject({ From: "0" });
  expect(second.lastEventId).toBe(first.lastEventId);
  await second.readUntil("on beta");
  expect(second.lastEventId).toEndWith("-beta");
});
