import type { Bench } from "../bench.ts";
import { nchanNginx } from "../peers/nchan.ts";
import { redis } from "../peers/redis.ts";
import type { Scale } from "../results.ts";
import { bare } from "../servers/bare.ts";
import { target, type Server } from "../servers/server.ts";
import type { Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

const UNTIL: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.5, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

const CONNECTIONS = 16;
const STREAMS = 16;

/** Requests in flight per connection: sequential, or pipelined. */
const DEPTHS = [1, 16];

export const publish: Scenario = {
  name: "publish",
  title: "Publish",
  description: `Messages of 100 bytes to ${STREAMS} streams without listeners, on ${CONNECTIONS} connections with \`depth\` requests in flight on each. The main figure is responses per second of server CPU time. The bare \`Bun.serve\` ignores the request and returns a constant of the same length.`,
  run: async (bench) => {
    const contenders = contendersOf(bench);
    const kinds = contenders.map(({ kind }) => kind);
    await bench.withServers(kinds, async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const depth of DEPTHS) {
          for (const contender of contenders) {
            const server = servers.get(contender.kind);
            if (server === undefined) continue;
            await bench.attempt(`publish to ${contender.label}`, () =>
              measure(bench, server, contender, depth),
            );
          }
        }
      }
    });
  },
};

function contendersOf(bench: Bench): Contender[] {
  const contenders: Contender[] = [
    ...bench.maltens.map((kind) => ({ label: `${kind.name} HTTP`, kind, protocol: "sse" }) as const),
    ...bench.maltens.map(
      (kind) => ({ label: `${kind.name} WebSocket`, kind, protocol: "websocket" }) as const,
    ),
    { label: bare.name, kind: bare, protocol: "sse" },
  ];
  if (bench.includesPeers) {
    contenders.push(
      { label: "nchan HTTP", kind: nchanNginx, protocol: "nchan" },
      { label: "Redis PUBLISH", kind: redis, protocol: "resp" },
    );
  }
  return contenders;
}

async function measure(bench: Bench, server: Server, contender: Contender, depth: number): Promise<void> {
  const result = await bench.load({
    kind: "requests",
    target: target(server, contender.protocol),
    request: "publish",
    connections: CONNECTIONS,
    depth,
    textSize: 100,
    firstStream: bench.reserveStreams(STREAMS),
    streams: STREAMS,
    until: UNTIL[bench.scale],
  });
  bench.recorder.add(
    "publish",
    contender.label,
    { depth },
    {
      "responses per CPU-s": result.responses / result.cpu,
      "responses per s": result.responses / result.seconds,
      ...(depth === 1 && { "p50 ms": result.latency.p50, "p99 ms": result.latency.p99 }),
      "load CPU %": (result.loadCpu / result.seconds) * 100,
    },
  );
}
