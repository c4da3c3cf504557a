import { groupOf, slotOf } from "../../src/brokers/valkey/groups.ts";
import type { EngineCluster } from "../../test-support/engine-cluster.ts";
import type { EngineProcess } from "../../test-support/engine.ts";
import { Workload } from "./workload.ts";

/** What a fault happens to. */
export interface Target {
  readonly cluster: EngineCluster;
  /** Kills a server without notice and starts it again at the same address. */
  replaceServer(): Promise<void>;
}

/** The fault after which a shard has no replica. */
export const STAYS_AWAY = "a primary is killed and stays away";

/** The slot of a stream that is written to. */
const SLOT = slotOf(groupOf(Workload.stream(0)));

async function idOf(node: EngineProcess): Promise<string> {
  return node.command("CLUSTER", "MYID");
}

/** A replica of a primary. */
async function replicaOf({ nodes }: EngineCluster, primary: EngineProcess): Promise<EngineProcess> {
  const id = await idOf(primary);
  for (const node of nodes) {
    const own = (await node.command("CLUSTER", "NODES")).split("\n").find((line) => line.includes("myself"));
    if (own?.includes(`slave ${id}`) === true) return node;
  }
  throw new Error("the primary has no replica");
}

/** Resolves when another node serves the slot. */
async function takenOver(cluster: EngineCluster, from: EngineProcess): Promise<void> {
  while ((await cluster.primaryOf(SLOT)).port === from.port) await Bun.sleep(50);
}

/** Faults, by name. Each resolves when the cluster is whole again. */
export const FAULTS: Readonly<Record<string, (target: Target) => Promise<void>>> = {
  "a primary is killed": async ({ cluster }) => {
    const primary = await cluster.primaryOf(SLOT);
    await primary.kill();
    await cluster.primaryOf(SLOT);
    await cluster.restart(primary);
    await cluster.settled();
  },
  // The cluster of this one accepts messages without replicas: see World.
  [STAYS_AWAY]: async ({ cluster }) => {
    const primary = await cluster.primaryOf(SLOT);
    await primary.kill();
    await cluster.primaryOf(SLOT);
  },
  "a primary is stopped for 4 s": async ({ cluster }) => {
    const primary = await cluster.primaryOf(SLOT);
    primary.signal("SIGSTOP");
    await Bun.sleep(4000);
    primary.signal("SIGCONT");
    await cluster.settled();
  },
  "a replica takes over on request": async ({ cluster }) => {
    const primary = await cluster.primaryOf(SLOT);
    await (await replicaOf(cluster, primary)).command("CLUSTER", "FAILOVER");
    await takenOver(cluster, primary);
    await cluster.settled();
  },
  "a replica is wiped": async ({ cluster }) => {
    const replica = await replicaOf(cluster, await cluster.primaryOf(SLOT));
    await replica.kill();
    await Bun.sleep(1500);
    await cluster.restart(replica);
    await cluster.settled();
  },
  "a slot moves": async ({ cluster }) => {
    const source = await cluster.primaryOf(SLOT);
    const target = await cluster.primaryOf((SLOT + 6000) % 16_384);
    const [from, to] = [await idOf(source), await idOf(target)];
    const slot = `${SLOT}`;
    await target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", from);
    await source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", to);
    for (;;) {
      const keys = (await source.command("CLUSTER", "GETKEYSINSLOT", slot, "1")).split("\n").filter(Boolean);
      if (keys.length === 0) break;
      await source.command("MIGRATE", "127.0.0.1", `${target.port}`, "", "0", "5000", "KEYS", ...keys);
    }
    for (const node of [target, source]) await node.command("CLUSTER", "SETSLOT", slot, "NODE", to);
    await cluster.settled();
  },
  "a server is killed": async (target) => target.replaceServer(),
};
