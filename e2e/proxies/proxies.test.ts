// Malten behind nginx, HAProxy and Caddy, each with its configuration from deploy/.
import { expect, test } from "bun:test";
import { Malten } from "../../src/client/index.ts";
import type { WireMessage } from "../../src/protocol/message.ts";
import { EventReader, SocketClient, TextReader } from "../../test-support/clients.ts";
import { environment, linesOf } from "../../test-support/process.ts";
import { problemOf } from "../../test-support/server.ts";
import { behindProxies, PATIENCE } from "./suite.ts";

/** Real time, and what a test adds to it. */
class SkippingClock {
  private skipped = 0;

  wall(): number {
    return Date.now() * 1000;
  }

  monotonic(): number {
    return performance.now() + this.skipped;
  }

  skip(milliseconds: number): void {
    this.skipped += milliseconds;
  }
}

/** Milliseconds between heartbeats, and between announcements of the number of listeners. */
const HEARTBEAT = 25_000;
const ANNOUNCEMENT = 1000;

const clock = new SkippingClock();

behindProxies({ clock }, (rig, kind) => {
  function tick(milliseconds: number): void {
    clock.skip(milliseconds);
    rig().server.onTimer();
  }

  /** Publishes one message after the other, each when the one before has arrived. */
  async function expectUnbuffered(stream: string, next: () => Promise<unknown>): Promise<void> {
    for (const text of ["one", "two", "three"]) {
      await rig().server.publish(stream, text);
      expect(await next()).toBe(text);
    }
  }

  test(
    "server-sent events and heartbeats arrive one by one",
    async () => {
      await using events = await EventReader.open(rig().proxy.url, "sse");
      await expectUnbuffered("sse", async () => (await events.texts(1))[0]);
      await using text = await TextReader.open(`${rig().proxy.url}/events?stream=sse`);
      await text.upTo("\n\n");
      tick(HEARTBEAT);
      // Behind the number of listeners, which has changed.
      while ((await text.upTo("\n")) !== ":");
    },
    PATIENCE,
  );

  async function expectHttp2(): Promise<void> {
    const url = `${rig().proxy.url}/events?stream=http2`;
    const curl = Bun.spawn(["curl", "--silent", "--insecure", "--no-buffer", "--http2", "--include", url], {
      env: environment(),
      stdout: "pipe",
      stderr: "ignore",
    });
    const lines = linesOf(curl.stdout);
    const lineWith = async (part: string) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`The response ended before ${part}`);
        if (value.includes(part)) return value;
      }
    };
    expect(await lineWith("HTTP/")).toStartWith("HTTP/2 200");
    await lineWith("welcome");
    await expectUnbuffered("http2", async () => {
      const { Text } = JSON.parse((await lineWith(`"Type":"message"`)).slice("data:".length)) as WireMessage;
      return Text;
    });
    curl.kill();
    await curl.exited;
  }

  async function expectRedirect(): Promise<void> {
    const path = "/share?stream=redirected";
    const redirect = await fetch(`http://127.0.0.1:${rig().proxy.ports.http}${path}`, { redirect: "manual" });
    expect(redirect.status).toBe(301);
    expect(redirect.headers.get("location")).toMatch(
      /^https:\/\/127\.0\.0\.1(?::\d+)?\/share\?stream=redirected$/,
    );
  }

  // Caddy does both too, but not in these tests, where it has no certificate.
  if (kind.scheme === "https") {
    test("server-sent events arrive one by one over HTTP/2, as in browsers", expectHttp2, PATIENCE);
    test("plain HTTP is redirected to HTTPS", expectRedirect, PATIENCE);
  }

  test(
    "NDJSON and its heartbeats arrive one by one",
    async () => {
      const headers = { accept: "application/x-ndjson" };
      await using lines = await TextReader.open(`${rig().proxy.url}/events?stream=ndjson`, headers);
      expect(await lines.upTo("\n")).toContain("welcome");
      tick(ANNOUNCEMENT);
      expect(await lines.upTo("\n")).toContain("connect");
      await expectUnbuffered(
        "ndjson",
        async () => (JSON.parse((await lines.upTo("\n")) ?? "") as WireMessage).Text,
      );
      tick(HEARTBEAT);
      expect(await lines.upTo("\n")).toBe("");
    },
    PATIENCE,
  );

  test(
    "plain text arrives line by line",
    async () => {
      const headers = { accept: "text/plain" };
      await using lines = await TextReader.open(`${rig().proxy.url}/events?stream=plain`, headers);
      expect(await lines.upTo("\n")).toBe("");
      await expectUnbuffered("plain", () => lines.upTo("\n"));
    },
    PATIENCE,
  );

  test(
    "a WebSocket carries messages both ways, one by one",
    async () => {
      await using socket = await SocketClient.open(rig().proxy.url, "socket");
      await expectUnbuffered("socket", async () => (await socket.texts(1))[0]);
      for (const Ref of [1, 2, 3])
        expect(await socket.ask({ Type: "message", Text: "hello", Ref })).toMatchObject({ Type: "ack", Ref });
    },
    PATIENCE,
  );

  test(
    "a long poll is answered by the next message",
    async () => {
      const poll = fetch(`${rig().proxy.url}/messages?stream=poll&wait=60`);
      // Long polls count as listeners.
      const presence = async () => (await fetch(`${rig().server.url}/presence?stream=poll`)).text();
      while ((await presence()).includes(`"Observers":0`));
      await rig().server.publish("poll", "hello");
      expect(await (await poll).json()).toMatchObject([{ Text: "hello" }]);
    },
    PATIENCE,
  );

  test(
    "a page of 1024 messages of 1024 emoji arrives whole",
    async () => {
      const text = "🫧".repeat(1024);
      for (let i = 0; i < 1024; i++) await rig().server.publish("page", text);
      const path = "/messages?stream=page&limit=1024";
      const [direct, proxied] = await Promise.all([
        fetch(rig().server.url + path),
        fetch(rig().proxy.url + path),
      ]);
      const page = await proxied.text();
      expect(page === (await direct.text())).toBe(true);
      expect(page.match(/"Text":"🫧{1024}"/gu)).toHaveLength(1024);
    },
    PATIENCE,
  );

  test(
    "a body that is too large is refused by Malten",
    async () => {
      const headers = { "content-type": "text/plain" };
      const body = "x".repeat(100_000);
      const refused = await fetch(`${rig().proxy.url}/messages?stream=body`, {
        method: "POST",
        headers,
        body,
      });
      expect((await problemOf(refused)).code).toBe("body_too_large");
    },
    PATIENCE,
  );

  test(
    "listeners and senders survive a restart of the proxy",
    async () => {
      const sender = new Malten(rig().proxy.url);
      const listeners = (["websocket", "sse"] as const).map((transport) => {
        const malten = new Malten(rig().proxy.url, { transports: [transport] });
        return {
          malten,
          messages: malten.stream("restart").listen({ since: "earliest" })[Symbol.asyncIterator](),
        };
      });
      async function expectNext(texts: readonly string[]): Promise<void> {
        for (const { messages } of listeners) {
          for (const text of texts) {
            const { value } = await messages.next();
            expect({ text: value?.text, gap: value?.gap }).toEqual({ text, gap: undefined });
          }
        }
      }

      const stream = sender.stream("restart");
      await Promise.all(["1", "2"].map((text) => stream.send(text)));
      await expectNext(["1", "2"]);
      await rig().proxy.stop();
      await rig().server.publish("restart", "3");
      const sent = ["4", "5", "6"].map((text) => stream.send(text));
      await rig().proxy.start();
      await Promise.all(sent);
      await stream.send("7");
      await expectNext(["3", "4", "5", "6", "7"]);
      for (const { malten } of listeners) malten.close();
      sender.close();
    },
    PATIENCE,
  );

  test(
    "it logs neither names nor addresses, not even of requests that fail",
    async () => {
      await fetch(`${rig().proxy.url}/messages?stream=a-private-name`);
      await using _events = await EventReader.open(rig().proxy.url, "a-private-name");
      await rig().server.stop();
      expect((await fetch(`${rig().proxy.url}/messages?stream=a-private-name`)).status).toBeOneOf([502, 503]);
      expect(await rig().proxy.logs()).not.toMatch(/a-private-name|client: |remote_/);
    },
    PATIENCE,
  );
});
