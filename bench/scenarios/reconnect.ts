import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import type { Scenario } from "./scenario.ts";

const LISTENERS: Record<Scale, number> = { smoke: 50, quick: 2000, full: 10_000 };

/** Messages that come while all are away. */
const MISSED = 10;

export const reconnect: Scenario = {
  name: "reconnect",
  title: "Reconnect storm",
  about: `All listeners of one stream are cut at once, ${MISSED} messages come, and all come back with the cursor of the last that they had, 128 at a time. Time until all have what they missed, and until the next message has reached all; the load's own work is in it.`,
  run: async (bench) => {
    const listeners = bench.listeners(LISTENERS[bench.scale]);
    for (let round = 0; round < bench.rounds; round++) {
      await bench.fresh(bench.malten, [], async (server) => {
        const result = await bench.load({
          kind: "reconnect",
          target: target(server, "sse"),
          firstStream: bench.streams(1),
          listeners,
          missed: MISSED,
          textSize: 100,
        });
        bench.recorder.add(
          "reconnect",
          "Malten SSE",
          { listeners },
          {
            "s until caught up": result.caughtUp,
            "s until all live": result.live,
            "server CPU-s": result.cpu,
            "CPU µs each": (result.cpu / listeners) * 1e6,
            lost: result.lost,
          },
        );
      });
    }
  },
};
