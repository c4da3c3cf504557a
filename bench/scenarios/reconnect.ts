import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import type { Scenario } from "./scenario.ts";

const LISTENERS: Record<Scale, number> = { smoke: 50, quick: 2000, full: 10_000 };

/** Messages published while the listeners are disconnected. */
const MISSED = 10;

export const reconnect: Scenario = {
  name: "reconnect",
  title: "Reconnect storm",
  description: `All listeners of a stream are disconnected at once, ${MISSED} messages are published, and all listeners reconnect with the cursor of their last message, 128 at a time. Times run until all listeners have received the missed messages, and the next new one; they include the load generator's own work.`,
  run: async (bench) => {
    const listeners = bench.limitListeners(LISTENERS[bench.scale]);
    for (let round = 0; round < bench.rounds; round++) {
      for (const kind of bench.maltens) {
        await bench.attempt(`reconnect storm on ${kind.name}`, async () => {
          const result = await bench.withFreshServer(kind, [], (server) =>
            bench.load({
              kind: "reconnect",
              target: target(server, "sse"),
              firstStream: bench.reserveStreams(1),
              listeners,
              missed: MISSED,
              textSize: 100,
            }),
          );
          bench.recorder.add(
            "reconnect",
            `${kind.name} SSE`,
            { listeners },
            {
              "s until caught up": result.caughtUp,
              "s until live": result.live,
              "server CPU-s": result.cpu,
              "CPU µs per listener": (result.cpu / listeners) * 1e6,
              lost: result.lost,
            },
          );
        });
      }
    }
  },
};
