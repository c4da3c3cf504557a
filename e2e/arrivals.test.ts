// 10,000 named listeners that connect together are announced in one event a second, and leave nothing behind when they
// disconnect.
import { afterAll, expect, test } from "bun:test";
import type { WireEvent } from "../src/protocol/message.ts";
import { MAX_CHANGES, MAX_PEOPLE, type WirePresence } from "../src/protocol/presence.ts";
import { countObjects, leftBehind, startCountable } from "../test-support/objects.ts";
import { expectNoProcessLeft, type ServerProcess } from "../test-support/process.ts";
import { Connection, STREAM, webSocket, type Reader, type Wire } from "../test-support/wires.ts";

afterAll(expectNoProcessLeft);

const LISTENERS = 10_000;

/** Connections opened concurrently: the backlog of a listening socket is short. */
const BATCH = 250;

/** `Created` is in whole milliseconds, the server's monotonic clock is not. */
const INTERVAL = 999_000_000n;

/** One object per 50 listeners: far more than the runtime itself creates. */
const MAX_OBJECTS = LISTENERS / 50;

test.skipIf(process.platform !== "linux")(
  "10,000 simultaneous arrivals are announced at most once a second, and finally in full",
  async () => {
    await using server = await startCountable();
    if (server.descriptorLimit() < LISTENERS + 100)
      throw new Error(`This test needs ${LISTENERS + 100} open files`);
    const failure = Promise.withResolvers<never>();
    const work = async () => {
      await disconnect(server, (await arrive(server, 2 * BATCH, failure.reject)).connections);
      const objects = await countObjects(server);
      const memory = server.residentMemory();

      const began = performance.now();
      const { listeners, connections } = await arrive(server, LISTENERS, failure.reject);
      const took = performance.now() - began;
      await Promise.all(listeners.map(({ complete }) => complete.promise));
      const events = listeners[0]?.events ?? [];
      expect(events.length).toBeGreaterThan(1);
      for (const listener of listeners) {
        // Once connected, each receives the same events as the first.
        expect(events.slice(-listener.events.length)).toEqual(listener.events);
      }
      const full = server.residentMemory();
      const { Observers, People, More } = await presence(server);
      expect({ Observers, listed: People.length, More }).toEqual({
        Observers: LISTENERS,
        listed: MAX_PEOPLE,
        More: LISTENERS - MAX_PEOPLE,
      });

      await disconnect(server, connections);
      const objectsAfter = await countObjects(server);
      const heard = listeners.reduce((sum, listener) => sum + listener.events.length, 0);
      process.stderr.write(
        `${LISTENERS} connected in ${Math.round(took)} ms and received up to ${events.length} events each, ${heard} in all; ` +
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

/** Connects `count` listeners, each with a name. */
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

/** Disconnects all, half of them with a reset. */
async function disconnect(server: ServerProcess, connections: Connection[]): Promise<void> {
  for (const [i, connection] of connections.entries()) connection.disconnect(i % 2 === 0);
  while ((await presence(server)).Observers > 0);
  expect(await presence(server)).toMatchObject({ People: [], More: 0 });
}

async function presence(server: ServerProcess): Promise<WirePresence> {
  return (await (await fetch(new URL(`/presence?stream=${STREAM}`, server.url))).json()) as WirePresence;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}

/** Records presence events until all listeners are announced. */
class Listener implements Reader {
  readonly expected = undefined;
  readonly wire: Wire;
  /** The time and the number of listeners of each event. */
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
    if (Text === "welcome") return;
    const created = BigInt(Created);
    const last = this.events.at(-1);
    if (last !== undefined && created - last.created < INTERVAL)
      throw new Error(`Presence events at ${last.created} and ${created}`);
    expect(Text).toBe("connect");
    expect(People.length).toBeLessThanOrEqual(MAX_CHANGES);
    this.events.push({ created, observers: Observers });
    if (Observers === this.all) this.complete.resolve();
  }

  receiveExpected(): void {
    throw new Error("A listener has no expected frame");
  }

  end(reason: string): void {
    throw new Error(`A listener was disconnected: ${reason}`);
  }
}
