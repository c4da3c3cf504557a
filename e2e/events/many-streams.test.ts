// One WebSocket that listens to many streams of long messages.
import { describe, test } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import { SocketClient, type Wire } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectNoSilentLoss, flood } from "./flood.ts";

describe("a WebSocket with many streams of long messages", () => {
  const STREAMS = 32;

  test("catches up with all", async () => {
    await using server = new TestServer({ maxMemory: 512 * 1024 * 1024 });
    for (let i = 0; i < STREAMS; i++) await flood(server, `s${i}`, 1, 128);
    await using socket = await SocketClient.open(server.url, "none");
    for (let i = 0; i < STREAMS; i++) socket.send({ Type: "subscribe", Stream: `s${i}`, Last: "earliest" });
    const received = new Map<string, Wire[]>();
    for (let count = 0; count < STREAMS * 128; count++) {
      const frame = (await socket.next(({ Type }) => Type === "message")) as WireMessage;
      received.set(frame.Stream, [...(received.get(frame.Stream) ?? []), frame]);
    }
    for (const frames of received.values()) expectNoSilentLoss(frames, 1, 128);
  }, 15_000);

  test("receives from all at once", async () => {
    await using server = new TestServer({ maxMemory: 512 * 1024 * 1024 });
    await using socket = await SocketClient.open(server.url, "none");
    for (let i = 0; i < STREAMS; i++) await socket.ask({ Type: "subscribe", Stream: `s${i}` });
    for (let n = 1; n <= 64; n++) {
      for (let i = 0; i < STREAMS; i++) await server.publish(`s${i}`, `${n} ${"😀".repeat(1000)}`);
    }
    const received = new Map<string, Wire[]>();
    for (let count = 0; count < STREAMS * 64; count++) {
      const frame = (await socket.next(({ Type }) => Type === "message")) as WireMessage;
      received.set(frame.Stream, [...(received.get(frame.Stream) ?? []), frame]);
    }
    for (const frames of received.values()) expectNoSilentLoss(frames, 1, 64);
  }, 15_000);
});
