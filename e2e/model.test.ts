// The whole server against a naive model of it: every order of what can happen to streams and their listeners.
import { test } from "bun:test";
import * as fc from "fast-check";
import { serverCommands } from "../test-support/server-model/commands.ts";
import { ServerModel } from "../test-support/server-model/model.ts";
import { World } from "../test-support/server-model/world.ts";

/** Sequences to try. Set the variable to search for longer. */
const RUNS = Number(process.env["MODEL_RUNS"] ?? 150);

/** In CI always the same sequences, otherwise others each time. */
const seed = process.env["MODEL_RUNS"] === undefined ? { seed: 1 } : {};

test("every client gets each message once, in order, or is told of a gap", async () => {
  await fc.assert(
    fc.asyncProperty(serverCommands(40), async (commands) => {
      const model = new ServerModel();
      await using world = new World();
      await fc.asyncModelRun(() => ({ model, real: world }), commands);
      await world.settle(model);
    }),
    { numRuns: RUNS, ...seed },
  );
}, 600_000);
