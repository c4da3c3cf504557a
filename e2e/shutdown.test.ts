// A server that is killed: clients resume at the next one and learn what they missed.
import { afterAll, expect, test } from "bun:test";
import { Malten, type StreamEvent, type TransportName } from "../src/client/index.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import { STREAM } from "../test-support/wires.ts";

const TIMEOUT = 60_000;

afterAll(expectNoProcessLeft);

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

async function publish(url: URL, text: string): Promise<void> {
  const response = await fetch(new URL(`/messages?stream=${STREAM}&text=${text}`, url), { method: "POST" });
  expect(response.status).toBe(201);
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
      if (event.type === "presence") continue;
      this.events.push(event);
      this.wake();
    }
  }
}
