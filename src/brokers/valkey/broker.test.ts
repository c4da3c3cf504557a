import { afterAll, beforeAll, describe } from "bun:test";
import { describeBroker } from "../../../test-support/broker.suite.ts";
import type { MakeBroker } from "../../../test-support/broker/set-up.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { EngineCluster } from "../../../test-support/engine-cluster.ts";
import { EngineProcess, hasEngine } from "../../../test-support/engine.ts";
import { expectNoProcessLeft } from "../../../test-support/process.ts";
import { ValkeyBroker } from "./broker.ts";
import { Connection } from "./connection.ts";

/** Nodes of an engine, and connections to change their settings. */
interface Engines extends AsyncDisposable {
  readonly nodes: readonly EngineProcess[];
}

const HAS_ENGINE = hasEngine("the broker on Valkey");

afterAll(expectNoProcessLeft);

describe.if(HAS_ENGINE)("on a standalone engine", () => {
  describeBroker(
    "Valkey",
    brokersOn(async () => {
      const engine = await EngineProcess.start();
      return { nodes: [engine], [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
    }),
  );
});

describe.if(HAS_ENGINE)("on a cluster", () => {
  describeBroker(
    "Valkey",
    brokersOn(() => EngineCluster.start({ primaries: 3, replicas: 0 })),
  );
});

/** Returns what makes brokers on an engine that is started once for all tests, and emptied for each. */
function brokersOn(start: () => Promise<Engines>): MakeBroker {
  let engines: Engines;
  let admins: Connection[] = [];
  let broker: ValkeyBroker | undefined;

  beforeAll(async () => {
    engines = await start();
    admins = await Promise.all(
      engines.nodes.map(({ port }) =>
        Connection.open({ host: "127.0.0.1", port }, undefined, {
          onMessage() {},
          onUnsubscribed() {},
          onClose() {},
        }),
      ),
    );
  });

  afterAll(async () => {
    broker?.close();
    for (const admin of admins) admin.close();
    await engines[Symbol.asyncDispose]();
  });

  return async ({ ttl, maxMemory }) => {
    broker?.close();
    await Promise.all(admins.map((admin) => empty(admin, maxMemory)));
    const clock = new ManualClock();
    let seen = 0;
    let ticks = 0;
    // A microsecond passes between any two operations, as in reality.
    const engineTime = () => {
      ticks = seen === clock.wall() ? ticks + 1 : 0;
      seen = clock.wall();
      return seen + ticks;
    };
    const nodes = engines.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
    const credentials = { username: undefined, password: undefined, tls: undefined };
    const fresh = new ValkeyBroker(
      { ttl, nodes, credentials, warn() {}, info() {}, engineTime, listAge: 0 },
      clock,
    );
    broker = fresh;
    await fresh.subscribe("settled");
    return {
      broker: fresh,
      clock,
      // Answers come after all news of their node.
      settle: async () => void (await fresh.list(1, "")),
      capabilities: { monotonicExpiry: false, memoryBudget: false, shards: nodes.length },
    };
  };
}

/** Empties an engine, and lets it take this many bytes. */
async function empty(admin: Connection, bytes: number): Promise<void> {
  await admin.send(["FLUSHALL", "SYNC"]);
  const used = /^used_memory:([0-9]+)/m.exec(String(await admin.send(["INFO", "memory"])))?.[1];
  await admin.send(["CONFIG", "SET", "maxmemory", String(Number(used) + bytes)]);
}
