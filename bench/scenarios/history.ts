import type { Bench } from "../bench.ts";
import type { Scale } from "../results.ts";
import { bare } from "../servers/bare.ts";
import { target, type Server, type ServerKind } from "../servers/server.ts";
import type { Scenario } from "./scenario.ts";

const UNTIL: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.5, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

/** Messages per stream. */
const MESSAGES = 100;
const STREAMS = 16;

export const history: Scenario = {
  name: "history",
  title: "History",
  description: `\`GET /messages?limit=25\` for ${STREAMS} streams with ${MESSAGES} messages of 100 bytes each, on 16 connections with \`depth\` requests in flight on each. The bare \`Bun.serve\` returns a constant of the same length.`,
  run: async (bench) => {
    await bench.withServers([...bench.maltens, bare], async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const depth of [1, 16]) {
          for (const [kind, server] of servers)
            await bench.attempt(`history of ${kind.name}`, () => measure(bench, kind, server, depth));
        }
      }
    });
  },
};

async function measure(bench: Bench, kind: ServerKind, server: Server, depth: number): Promise<void> {
  const common = {
    kind: "requests",
    target: target(server, "sse"),
    connections: 16,
    textSize: 100,
    firstStream: bench.reserveStreams(STREAMS),
    streams: STREAMS,
  } as const;
  await bench.load({ ...common, request: "publish", depth: 1, until: { responses: STREAMS * MESSAGES } });
  const result = await bench.load({ ...common, request: "history", depth, until: UNTIL[bench.scale] });
  bench.recorder.add(
    "history",
    kind.name,
    { depth },
    {
      "responses per CPU-s": result.responses / result.cpu,
      "responses per s": result.responses / result.seconds,
      ...(depth === 1 && { "p50 ms": result.latency.p50, "p99 ms": result.latency.p99 }),
      "load CPU %": (result.loadCpu / result.seconds) * 100,
    },
  );
}
