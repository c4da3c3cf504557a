import type { Bench } from "../bench.ts";
import { nchanNginx } from "../peers/nchan.ts";
import { redis } from "../peers/redis.ts";
import { bare } from "../servers/bare.ts";
import type { Contender } from "./contenders.ts";
import { measurePublishing, PUBLISHING } from "./publishing.ts";
import type { Scenario } from "./scenario.ts";

export const publish: Scenario = {
  name: "publish",
  title: "Publish",
  description: `${PUBLISHING}. The main figure is responses per second of server CPU time. The bare \`Bun.serve\` ignores the request and returns a constant of the same length.`,
  run: (bench) =>
    measurePublishing(bench, "publish", contendersOf(bench), ({ latency }, depth) =>
      // Pipelined requests wait for each other: their latency says little about the server.
      depth === 1 ? { "p50 ms": latency.p50, "p99 ms": latency.p99 } : {},
    ),
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
