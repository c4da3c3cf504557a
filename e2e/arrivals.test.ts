// Ten thousand who come at once, every one of them with a name, are told of in one event a second; and when they are gone
// nothing of them is left.
import { afterAll, expect, test } from "bun:test";
import type { WireEvent } from "../src/protocol/message.ts";
import { MAX_CHANGES, MAX_PEOPLE, type WirePresence } from "../src/protocol/presence.ts";
import { countObjects, leftBehind, startCountable } from "../test-support/objects.ts";
import { expectNoProcessLeft, type ServerProcess } from "../test-support/process.ts";
import { Connection, STREAM, webSocket, type Reader, type Wire } from "../test-support/wires.ts";

afterAll(expectNoProcessLeft);

const LISTENERS = 10_000;

/** How many are on their way at once: the backlog of a listening socket is short. */
const BATCH = 250;

/** The wall clock's milliseconds, by which events are dated, are cut off, and those of the server's clock are not. */
const INTERVAL = 999_000_000n;

/** One object for every 50 listeners: far above what the runtime itself makes anew. */
const MAX_OBJECTS = LISTENERS / 50;

test.skipIf(process.platform !== "linux")(
  "10,000 who come at once hear of each other once a second, and in the end right",
  async () => {
    await using server = await startCountable();
    if (server.descriptorLimit() < LISTENERS + 100)
      throw new Error(`This test needs ${LISTENERS + 100} open files`);
    const failure = Promise.withResolvers<never>();
    const work = async () => {
      await leave(server, (await arrive(server, 2 * BATCH, failure.reject)).connections);
      const objects = await countObjects(server);
      const memory = server.residentMemory();

      const began = performance.now();
      const { listeners, connections } = await arrive(server, LISTENERS, failure.reject);
      const took = performance.now() - began;
      await Promise.all(listeners.map(({ complete }) => complete.promise));
      const events = listeners[0]?.events ?? [];
      expect(events.length).toBeGreaterThan(1);
      for (const listener of listeners) {
        // From when it came on, each hears what the first hears.
        expect(events.slice(-listener.events.length)).toEqual(listener.events);
      }
      const full = server.residentMemory();
      const { Observers, People, More } = await presence(server);
      expect({ Observers, listed: People.length, More }).toEqual({
        Observers: LISTENERS,
        listed: MAX_PEOPLE,
        More: LISTENERS - MAX_PEOPLE,
      });

      await leave(server, connections);
      const objectsAfter = await countObjects(server);
      const heard = listeners.reduce((sum, listener) => sum + listener.events.length, 0);
      process.stderr.write(
        `${LISTENERS} came in ${Math.round(took)} ms and were told ${events.length} events at most, ${heard} in all; ` +
          `memory ${megabytes(memory)} MB before, ${megabytes(full)} MB with them, ${megabytes(server.residentMemory())} MB after.\n`,
      );
      expect(leftBehind(objects, objectsAfter, MAX_OBJECTS)).toEqual({});
    };
    await Promise.race([work(), failure.promise]);
  },
  120_000,
);

interface Arrival {
  readonly listeners: Listener[];
  readonly connections: Connection[];
}

/** Lets so many come, each with a name. */
async function arrive(
  server: ServerProcess,
  count: number,
  fail: (error: unknown) => void,
): Promise<Arrival> {
  const listeners = Array.from({ length: count }, (_, i) => new Listener(`n${i}`, count));
  const connections: Connection[] = [];
  for (let i = 0; i < count; i += BATCH) {
    const some = listeners.slice(i, i + BATCH);
    const opened = some.map((listener) => Connection.open(server.port, listener, undefined, fail));
    connections.push(...(await Promise.all(opened)));
  }
  return { listeners, connections };
}

/** Some go in good order, some break off. */
async function leave(server: ServerProcess, connections: Connection[]): Promise<void> {
  for (const [i, connection] of connections.entries()) connection.leave(i % 2 === 0);
  while ((await presence(server)).Observers > 0);
  expect(await presence(server)).toMatchObject({ People: [], More: 0 });
}

async function presence(server: ServerProcess): Promise<WirePresence> {
  return (await (await fetch(new URL(`/presence?stream=${STREAM}`, server.url))).json()) as WirePresence;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}

/** Hears of presence until it is told that all are there. */
class Listener implements Reader {
  readonly expected = undefined;
  readonly wire: Wire;
  /** When it was told, and how many there were. */
  readonly events: { readonly created: bigint; readonly observers: number }[] = [];
  readonly complete = Promise.withResolvers<void>();
  private readonly all: number;

  constructor(name: string, all: number) {
    this.all = all;
    const request = (cursor: string | undefined) =>
      webSocket.request(cursor).replace(`=${STREAM}`, `=${STREAM}&name=${name}`);
    this.wire = { ...webSocket, request };
  }

  receive(json: string): void {
    const { Text, Created, Observers = Number.NaN, People = [] } = JSON.parse(json) as WireEvent;
    const created = BigInt(Created);
    const last = this.events.at(-1);
    if (last !== undefined && created - last.created < INTERVAL)
      throw new Error(`Told at ${last.created} and at ${created}`);
    expect(Text).toBe("connect");
    expect(People.length).toBeLessThanOrEqual(MAX_CHANGES);
    this.events.push({ created, observers: Observers });
    if (Observers === this.all) this.complete.resolve();
  }

  receiveExpected(): void {
    throw new Error("Nothing is expected");
  }

  end(reason: string): void {
    throw new Error(`A listener was sent away: ${reason}`);
  }
}
