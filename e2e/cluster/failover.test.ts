// A cluster with three servers while a primary is killed. More faults: npm run cluster
import { afterAll, expect, test } from "bun:test";
import { hasEngine } from "../../test-support/engine.ts";
import { expectNoProcessLeft } from "../../test-support/process.ts";
import { World } from "./world.ts";

afterAll(expectNoProcessLeft);

test.if(hasEngine("a cluster of engines"))(
  "a replica takes over: nothing acknowledged is lost or doubled, and listeners get all of it in order",
  async () => {
    const fault = "a primary is killed";
    await using world = await World.start(fault);
    const { findings, acknowledged, failed } = await world.run(fault, 300, 300);
    expect(findings).toEqual({ lost: 0, doubled: 0, disordered: 0, unheard: 0, vanished: 0, gaps: 0 });
    expect(acknowledged).toBeGreaterThan(100);
    expect(failed).toBe(0);
    expect(await world.files()).toEqual([]);
  },
  60_000,
);
