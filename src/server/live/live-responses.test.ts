import { describe, expect, test } from "bun:test";
import { TestApp } from "../../../test-support/server.ts";
import { localClient } from "../../../test-support/limits.ts";
import type { Format } from "../../core/batch.ts";
import { checkText } from "../../protocol/text.ts";
import { ServerLog } from "../log.ts";
import { HttpSubscriber } from "./http-subscriber.ts";
import { LiveResponses } from "./live-responses.ts";
import { Stalls } from "./stalls.ts";

/** Stands in for the controller of a direct stream. */
class Sink {
  written = "";
  closed: "" | "ended" | "aborted" = "";
  private pending: PromiseWithResolvers<number> | undefined;

  write(bytes: Uint8Array): number | Promise<number> {
    this.written += new TextDecoder().decode(bytes);
    return this.pending?.promise ?? bytes.length;
  }

  flush(): number {
    return 0;
  }

  close(error?: Error): void {
    this.closed = error === undefined ? "ended" : "aborted";
  }

  /** The client stops reading. */
  stall(): void {
    this.pending = Promise.withResolvers();
  }

  /** The client reads everything. */
  async readOn(): Promise<void> {
    const { pending } = this;
    this.pending = undefined;
    pending?.resolve(1);
    await pending?.promise;
  }

  /** Returns what was written since the last call. */
  take(): string {
    const taken = this.written;
    this.written = "";
    return taken;
  }
}

function setUp(format: Format) {
  const { clock, hub, logged } = new TestApp();
  const stalls = new Stalls(clock, 0);
  const all = new LiveResponses(clock, stalls, new ServerLog((line) => logged.push(line), clock));
  const client = localClient();
  client.openListener();
  const subscriber = new HttpSubscriber(
    all,
    hub,
    { client, stream: "foo", cursor: undefined, person: undefined },
    format,
  );
  const sink = new Sink();
  subscriber.pull(sink as unknown as ReadableStreamDirectController);
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000);
      all.onTimer();
      stalls.onTimer();
    }
  };
  const publish = (text: string) => {
    void hub.publish("foo", checkText(text));
    return new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  };
  return { all, client, hub, subscriber, sink, pass, publish };
}

describe("a heartbeat", () => {
  const heartbeats: Record<Format, string> = { sse: ":\n", ndjson: "\n", text: "\n" };
  for (const format of ["sse", "ndjson", "text"] as const) {
    test(`is sent every 25 s in ${format}`, () => {
      const { sink, pass } = setUp(format);
      sink.take();
      pass(23);
      expect(sink.take()).toBe("");
      pass(3);
      expect(sink.take()).toBe(heartbeats[format]);
      // The timer runs once a second, so it can be one second late.
      pass(4 * 26);
      expect(sink.take()).toBe(heartbeats[format].repeat(4));
    });
  }

  test("is not sent after the client disconnected", () => {
    const { client, hub, subscriber, sink, pass } = setUp("sse");
    expect(client.isOpen).toBe(true);
    subscriber.cancel();
    expect(hub.observers("foo")).toBe(0);
    expect(client.isOpen).toBe(false);
    sink.take();
    pass(100);
    expect(sink.take()).toBe("");
  });
});

test("the reconnection time is between 1 and 3 seconds, at random", () => {
  const delays = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const [, delay] = /^retry:([0-9]+)\nid:/.exec(setUp("sse").sink.take()) ?? [];
    delays.add(Number(delay));
  }
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(3000);
  expect(delays.size).toBeGreaterThan(10);
});

describe("a stalled reader", () => {
  test("is disconnected after 10 s", async () => {
    const { hub, sink, pass, publish } = setUp("sse");
    sink.stall();
    await publish("a");
    pass(9);
    expect(sink.closed).toBe("");
    pass(1);
    expect(sink.closed).toBe("aborted");
    expect(hub.counters.stalled).toBe(1);
    expect(hub.observers("foo")).toBe(0);
  });

  test("is not written to, and receives everything when it reads again", async () => {
    const { sink, pass, publish } = setUp("text");
    sink.take();
    sink.stall();
    await publish("a");
    expect(sink.take()).toBe("a\n");
    for (const text of ["b", "c", "d"]) await publish(text);
    pass(9);
    expect(sink.take()).toBe("");
    await sink.readOn();
    expect(sink.take()).toBe("b\nc\nd\n");
    await publish("e");
    expect(sink.take()).toBe("e\n");
    pass(100);
    expect(sink.closed).toBe("");
  });

  test("has 10 s each time", async () => {
    const { sink, pass, publish } = setUp("text");
    for (let i = 0; i < 5; i++) {
      sink.stall();
      await publish("a");
      pass(8);
      await sink.readOn();
    }
    expect(sink.closed).toBe("");
  });
});

test("all responses end properly when the server closes", () => {
  const { all, hub, sink } = setUp("ndjson");
  for (const leaver of all.leavers()) leaver.leave(5000);
  expect(sink.closed).toBe("ended");
  expect(hub.observers("foo")).toBe(0);
});
