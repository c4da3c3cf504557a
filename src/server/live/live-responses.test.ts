import { describe, expect, test } from "bun:test";
import { TestApp } from "../../../test-support/server.ts";
import type { Format } from "../../core/batch.ts";
import { checkText } from "../../protocol/text.ts";
import { ErrorLog } from "../log.ts";
import { HttpSubscriber } from "./http-subscriber.ts";
import { LiveResponses } from "./live-responses.ts";

/** What the runtime gives a direct stream to write to: its client reads, or does not. */
class Sink {
  written = "";
  closed: "" | "in order" | "aborted" = "";
  private stall: PromiseWithResolvers<number> | undefined;

  write(bytes: Uint8Array): number | Promise<number> {
    this.written += new TextDecoder().decode(bytes);
    return this.stall?.promise ?? bytes.length;
  }

  flush(): number {
    return 0;
  }

  close(error?: Error): void {
    this.closed = error === undefined ? "in order" : "aborted";
  }

  /** From now on the client takes nothing. */
  stop(): void {
    this.stall = Promise.withResolvers();
  }

  /** It has taken all. */
  async goOn(): Promise<void> {
    const { stall } = this;
    this.stall = undefined;
    stall?.resolve(1);
    await stall?.promise;
  }

  /** What was written since this was asked last. */
  take(): string {
    const taken = this.written;
    this.written = "";
    return taken;
  }
}

function setUp(format: Format) {
  const { clock, hub, logged } = new TestApp();
  const all = new LiveResponses(clock, new ErrorLog((line) => logged.push(line), clock));
  const subscriber = new HttpSubscriber(
    all,
    hub,
    { stream: "foo", cursor: undefined, person: undefined },
    format,
  );
  const sink = new Sink();
  subscriber.pull(sink as unknown as ReadableStreamDirectController);
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000);
      all.onTimer();
    }
  };
  const publish = (text: string) => {
    void hub.publish("foo", checkText(text));
    return new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  };
  return { all, hub, subscriber, sink, pass, publish };
}

describe("a sign of life", () => {
  const signs: Record<Format, string> = { sse: ":\n", ndjson: "\n", text: "\n" };
  for (const format of ["sse", "ndjson", "text"] as const) {
    test(`every 25 s in ${format}`, () => {
      const { sink, pass } = setUp(format);
      sink.take();
      pass(23);
      expect(sink.take()).toBe("");
      pass(3);
      expect(sink.take()).toBe(signs[format]);
      // Time is looked at once a second: it may be one more.
      pass(4 * 26);
      expect(sink.take()).toBe(signs[format].repeat(4));
    });
  }

  test("does not go to who is gone", () => {
    const { hub, subscriber, sink, pass } = setUp("sse");
    subscriber.cancel();
    expect(hub.observers("foo")).toBe(0);
    sink.take();
    pass(100);
    expect(sink.take()).toBe("");
  });
});

test("a browser is told to come back after 1 to 3 seconds, and not all at the same time", () => {
  const delays = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const [, delay] = /^retry:([0-9]+)\nid:/.exec(setUp("sse").sink.take()) ?? [];
    delays.add(Number(delay));
  }
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(3000);
  expect(delays.size).toBeGreaterThan(10);
});

describe("a reader that does not read", () => {
  test("is let go after 10 s", async () => {
    const { hub, sink, pass, publish } = setUp("sse");
    sink.stop();
    await publish("a");
    pass(9);
    expect(sink.closed).toBe("");
    pass(1);
    expect(sink.closed).toBe("aborted");
    expect(hub.observers("foo")).toBe(0);
  });

  test("is not written to meanwhile, and has all of it when it goes on", async () => {
    const { sink, pass, publish } = setUp("text");
    sink.take();
    sink.stop();
    await publish("a");
    expect(sink.take()).toBe("a\n");
    for (const text of ["b", "c", "d"]) await publish(text);
    pass(9);
    expect(sink.take()).toBe("");
    await sink.goOn();
    expect(sink.take()).toBe("b\nc\nd\n");
    await publish("e");
    expect(sink.take()).toBe("e\n");
    pass(100);
    expect(sink.closed).toBe("");
  });

  test("has 10 s again each time", async () => {
    const { sink, pass, publish } = setUp("text");
    for (let i = 0; i < 5; i++) {
      sink.stop();
      await publish("a");
      pass(8);
      await sink.goOn();
    }
    expect(sink.closed).toBe("");
  });
});

test("when the server closes, all responses end in good order", () => {
  const { all, hub, sink } = setUp("ndjson");
  all.close();
  expect(sink.closed).toBe("in order");
  expect(hub.observers("foo")).toBe(0);
});
