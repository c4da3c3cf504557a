import { expect, test } from "bun:test";
import { ManualClock } from "../../../test-support/clock.ts";
import { Turns } from "../../../test-support/readers.ts";
import { MemoryBroker } from "../../brokers/memory/broker.ts";
import { Hub } from "../../core/hub.ts";
import { IdGenerator } from "../../core/id-generator.ts";
import type { WireMessage } from "../../protocol/message.ts";
import { checkText } from "../../protocol/text.ts";
import { ServerLog } from "../log.ts";
import { SocketGroups, SocketSubscriber, type Framing, type Socket } from "./socket-group.ts";
import { WorkQueue } from "./work-queue.ts";

/** A socket whose send buffer the test controls. Like the runtime's, it reports no drain if a send empties the buffer. */
class ScriptedSocket implements Socket {
  readonly received: string[] = [];
  subscribed = false;
  buffered = 0;
  /** The buffered bytes after each of the next sends. */
  script: number[] = [];
  onSend = () => {};

  send(text: string): number {
    this.onSend();
    this.received.push(...text.split("\n").map((line) => (JSON.parse(line) as WireMessage).Text));
    const before = this.buffered;
    this.buffered = this.script.shift() ?? this.buffered;
    return this.buffered > before ? -1 : text.length;
  }

  cork(callback: () => void): void {
    callback();
  }

  subscribe(): void {
    this.subscribed = true;
  }

  /** Sends what is buffered, as the runtime does. */
  unsubscribe(): void {
    this.subscribed = false;
    this.buffered = 0;
  }

  getBufferedAmount(): number {
    return this.buffered;
  }

  close(): void {}
}

function setUp(framing: Framing) {
  const clock = new ManualClock();
  const ids = new IdGenerator(clock, "test");
  const turns = new Turns();
  const hub = new Hub(new MemoryBroker({ ttl: 60, maxMemory: 1e8 }, ids, clock), ids, clock, turns.schedule);
  const socket = new ScriptedSocket();
  const publishToTopic = (_: string, text: string) => (socket.subscribed ? socket.send(text) : text.length);
  const log = new ServerLog(() => {}, clock);
  const workTurns = new Turns();
  const work = new WorkQueue(clock, (callback) => workTurns.schedule(callback, 0));
  const group = new SocketGroups({ publish: publishToTopic, log, work, onFull: () => {} }).acquire(
    "foo",
    framing,
  );
  const siblings: SocketSubscriber[] = [];
  const subscriber = new SocketSubscriber(socket, group, siblings);
  siblings.push(subscriber);
  const publish = (...texts: string[]) => texts.forEach((text) => void hub.publish("foo", checkText(text)));
  const messages = () => socket.received.filter((text) => !["welcome", "connect"].includes(text)).map(Number);
  return { clock, hub, turns, workTurns, work, socket, subscriber, publish, messages };
}

for (const framing of ["single", "lines"] as const) {
  test(`a socket whose buffer is emptied by leaving the topic goes on: ${framing}`, async () => {
    const { hub, turns, socket, subscriber, publish, messages } = setUp(framing);
    hub.subscribe("foo", subscriber);
    turns.end();
    socket.script = [1000];
    publish("1", "2");
    turns.end();
    await Promise.resolve();
    publish("3");
    turns.end();
    expect(messages()).toEqual([1, 2, 3]);
    expect(subscriber.state).toBe("live");
  });
}

test("a socket whose buffer is emptied by a later frame of the same batch goes on", () => {
  const { hub, turns, socket, subscriber, publish, messages } = setUp("single");
  publish("1", "2", "3");
  socket.script = [0, 1000, 1000, 0];
  hub.subscribe("foo", subscriber, 0);
  turns.end();
  publish("4");
  turns.end();
  expect(messages()).toEqual([1, 2, 3, 4]);
});

test("a socket whose buffer is full waits until it drains", async () => {
  const { hub, turns, socket, subscriber, publish, messages } = setUp("single");
  publish("1", "2");
  socket.script = [0, 1000, 1000];
  hub.subscribe("foo", subscriber, 0);
  turns.end();
  publish("3");
  turns.end();
  await Promise.resolve();
  expect(messages()).toEqual([1, 2]);
  socket.buffered = 0;
  subscriber.resume();
  expect(messages()).toEqual([1, 2, 3]);
});

test("history waits for its turn among other work", () => {
  const { clock, hub, workTurns, work, subscriber, publish, messages } = setUp("single");
  publish("1");
  work.run(() => clock.advance(10));
  hub.subscribe("foo", subscriber, 0);
  expect(messages()).toEqual([]);
  workTurns.end();
  expect(messages()).toEqual([1]);
});

test("long history is written in several turns, and then what came meanwhile", () => {
  const { clock, hub, turns, workTurns, socket, subscriber, publish, messages } = setUp("lines");
  const numbers = Array.from({ length: 1024 }, (_, number) => number);
  publish(...numbers.map(String));
  // For each piece of 32 messages.
  socket.onSend = () => clock.advance(1);
  hub.subscribe("foo", subscriber, 0);
  const counts = [messages().length];
  publish("1024");
  while (subscriber.state === "replaying") {
    workTurns.end();
    counts.push(messages().length);
  }
  turns.end();
  expect(messages()).toEqual([...numbers, 1024]);
  expect(counts.slice(0, 3)).toEqual([256, 512, 768]);
});
