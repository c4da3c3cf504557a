import type { Scale } from "../results.ts";
import { bare } from "../servers/bare.ts";
import { target } from "../servers/server.ts";
import type { Scenario } from "./scenario.ts";

const UNTIL: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.5, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

/** What each stream holds, of which a page is the newest 25. */
const MESSAGES = 100;
const STREAMS = 16;

export const history: Scenario = {
  name: "history",
  title: "History",
  about: `\`GET /messages?limit=25\` of ${STREAMS} streams with ${MESSAGES} messages of 100 bytes each, on 16 connections with so many requests in flight on each (\`depth\`). The bare \`Bun.serve\` returns a constant of the same length.`,
  run: async (bench) => {
    await bench.with([bench.malten, bare], async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const depth of [1, 16]) {
          for (const [kind, server] of servers) {
            await bench.attempt(`history of ${kind.name}`, async () => {
              const common = {
                kind: "requests",
                target: target(server, "sse"),
                connections: 16,
                textSize: 100,
                firstStream: bench.streams(STREAMS),
                streams: STREAMS,
              } as const;
              await bench.load({
                ...common,
                request: "publish",
                depth: 1,
                until: { answers: STREAMS * MESSAGES },
              });
              const result = await bench.load({
                ...common,
                request: "history",
                depth,
                until: UNTIL[bench.scale],
              });
              bench.recorder.add(
                "history",
                kind.name,
                { depth },
                {
                  "answers per CPU-s": result.answers / result.cpu,
                  "answers per s": result.answers / result.seconds,
                  ...(depth === 1 && { "p50 ms": result.latency.p50, "p99 ms": result.latency.p99 }),
                  "load CPU %": (result.loadCpu / result.seconds) * 100,
                },
              );
            });
          }
        }
      }
    });
  },
};
