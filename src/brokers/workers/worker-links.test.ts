import { expect, test } from "bun:test";
import { codeOf } from "../../../test-support/broker/set-up.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { LinkedWorkers } from "../../../test-support/linked-broker.ts";
import { Reader } from "../../../test-support/readers.ts";
import { Hub } from "../../core/hub.ts";
import { IdGenerator } from "../../core/id-generator.ts";
import { checkText } from "../../protocol/text.ts";
import { MemoryBroker } from "../memory/broker.ts";

function setUp() {
  const clock = new ManualClock();
  const ids = new IdGenerator(clock, "main");
  const memory = new MemoryBroker({ ttl: 1000, maxMemory: 8 * 1024 ** 2 }, ids, clock);
  const workers = new LinkedWorkers(memory, clock);
  const open = () => {
    const worker = workers.open();
    const hub = new Hub(worker.broker, new IdGenerator(clock, "worker"), clock, (flush) =>
      setImmediate(flush),
    );
    return { ...worker, hub };
  };
  return { memory, workers, open };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

async function listen(hub: Hub): Promise<Reader> {
  const reader = new Reader();
  hub.subscribe("foo", reader);
  await until(() => reader.welcomes.length > 0);
  return reader;
}

function publish(memory: MemoryBroker, from: number, to: number): string[] {
  const texts = Array.from({ length: to - from }, (_, i) => `${from + i}`);
  for (const text of texts) memory.publish("foo", checkText(text));
  return texts;
}

test("a worker that is far behind reads later what it missed, and the others wait for nothing", async () => {
  const { memory, workers, open } = setUp();
  const [slow, other] = [open(), open()];
  const readers = [await listen(slow.hub), await listen(other.hub)];
  const before = publish(memory, 0, 10);
  await until(() => readers.every(({ texts }) => texts.length === before.length));
  slow.fill(true);
  const meanwhile = publish(memory, 10, 500);
  await until(() => readers[1]?.texts.length === 500);
  workers.links.onTimer();
  expect(readers[0]?.texts).toEqual(before);
  slow.fill(false);
  // News does not go on before it is told from where.
  const after = publish(memory, 500, 510);
  workers.links.onTimer();
  for (const reader of readers) {
    await until(() => reader.texts.length >= 510);
    expect(reader.texts).toEqual([...before, ...meanwhile, ...after]);
    expect(reader.gaps).toEqual([]);
  }
  // It may have missed who came and left, too.
  await until(() => readers[0]?.events("presence").length === 1);
  expect(readers[0]?.events("presence")).toMatchObject([{ Observers: 2, More: 1 }]);
});

test("a worker that is so far behind that messages are gone tells its listeners of a gap", async () => {
  const { memory, workers, open } = setUp();
  const { hub, fill } = open();
  const reader = await listen(hub);
  fill(true);
  const texts = publish(memory, 0, 2000);
  fill(false);
  workers.links.onTimer();
  await until(() => reader.texts.length >= 1024);
  expect(reader.texts).toEqual(texts.slice(-1024));
  expect(reader.gaps).toHaveLength(1);
});

test("requests are refused while too many wait for the main process", async () => {
  const { open } = setUp();
  const { broker, fill } = open();
  fill(true);
  for (const attempt of [
    () => broker.publish("foo", checkText("x")),
    () => broker.page("foo", { kind: "newest", order: "oldest first", limit: 1 }),
  ])
    expect(await codeOf(attempt)).toBe("too_busy");
  fill(false);
  expect((await broker.publish("foo", checkText("x"))).text).toBe("x");
});

test("nothing is accepted once the server shuts down", async () => {
  const { open, workers } = setUp();
  const { broker } = open();
  workers.links.close();
  for (const attempt of [
    () => broker.publish("foo", checkText("x")),
    () => broker.create({ name: "foo", private: false, ttl: undefined }),
    () => broker.end("foo", "x"),
  ])
    expect(await codeOf(attempt)).toBe("shutting_down");
  expect(await broker.list(10, "")).toEqual([]);
});

test("listeners of a worker that was behind get everything before a shutdown ends", async () => {
  const { memory, workers, open } = setUp();
  const { broker, hub, fill } = open();
  const reader = await listen(hub);
  fill(true);
  const texts = publish(memory, 0, 100);
  workers.links.close();
  expect(workers.links.isBehind).toBe(true);
  fill(false);
  workers.links.onDrain();
  expect(workers.links.isBehind).toBe(false);
  // As a worker does when it is told to stop, after the news.
  await broker.list(1, "");
  await broker.answered(60_000);
  hub.flush();
  expect(reader.texts).toEqual(texts);
});

test("reads wait until the worker can take their answers, and too many are refused", async () => {
  const { memory, workers, open } = setUp();
  const { broker, fillAnswers } = open();
  publish(memory, 0, 10);
  fillAnswers(true);
  const read = () => broker.replay("foo", 0, 10);
  const early = Array.from({ length: 1024 }, read);
  // Everything else is answered.
  expect((await broker.publish("foo", checkText("x"))).text).toBe("x");
  expect(await codeOf(read)).toBe("too_busy");
  fillAnswers(false);
  workers.links.onDrain();
  for (const { messages } of await Promise.all(early)) expect(messages).toHaveLength(10);
});

test("an error of the broker is reported, and to clients it is internal", async () => {
  const { memory, workers, open } = setUp();
  const { broker } = open();
  const bug = new Error("a bug");
  memory.page = () => {
    throw bug;
  };
  expect(await codeOf(() => broker.page("foo", { kind: "one", id: "1" }))).toBe("internal");
  expect(workers.errors).toEqual([bug]);
});

test("a listener receives what is published right after it subscribed, before its position is known", async () => {
  const { open } = setUp();
  const { hub } = open();
  const reader = new Reader();
  hub.subscribe("foo", reader);
  const published = hub.publish("foo", checkText("hello"));
  await published;
  await until(() => reader.texts.length > 0);
  expect(reader.texts).toEqual(["hello"]);
});
