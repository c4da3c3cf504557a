import { afterAll, beforeAll, describe } from "bun:test";
import { describeBroker } from "../../../test-support/broker.suite.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { EngineProcess, hasEngine } from "../../../test-support/engine.ts";
import { expectNoProcessLeft } from "../../../test-support/process.ts";
import { ValkeyBroker } from "./broker.ts";
import { Connection } from "./connection.ts";

describe.if(hasEngine("the broker on Valkey"))("on a standalone engine", () => {
  let engine: EngineProcess;
  let admin: Connection;
  let broker: ValkeyBroker | undefined;

  beforeAll(async () => {
    engine = await EngineProcess.start();
    admin = await Connection.open({ host: "127.0.0.1", port: engine.port }, undefined, {
      onMessage() {},
      onUnsubscribed() {},
      onClose() {},
    });
  });

  afterAll(async () => {
    broker?.close();
    admin.close();
    await engine[Symbol.asyncDispose]();
    await expectNoProcessLeft();
  });

  describeBroker("Valkey", async ({ ttl, maxMemory }) => {
    broker?.close();
    await admin.send(["FLUSHALL", "SYNC"]);
    const used = /^used_memory:([0-9]+)/m.exec(String(await admin.send(["INFO", "memory"])))?.[1];
    await admin.send(["CONFIG", "SET", "maxmemory", String(Number(used) + maxMemory)]);
    const clock = new ManualClock();
    let seen = 0;
    let ticks = 0;
    // A microsecond passes between any two operations, as in reality.
    const engineTime = () => {
      ticks = seen === clock.wall() ? ticks + 1 : 0;
      seen = clock.wall();
      return seen + ticks;
    };
    const nodes = [{ host: "127.0.0.1", port: engine.port }];
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
      settle: async () => void (await fresh.list(1, "")),
      capabilities: { monotonicExpiry: false, memoryBudget: false },
    };
  });
});
