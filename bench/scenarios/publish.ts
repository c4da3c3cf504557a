import type { WireName } from "../load/wire.ts";
import { nchanNginx } from "../peers/nchan.ts";
import { redis } from "../peers/redis.ts";
import type { Scale } from "../results.ts";
import { bare } from "../servers/bare.ts";
import { target, type ServerKind } from "../servers/server.ts";
import type { Scenario } from "./scenario.ts";

const UNTIL: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.5, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

const CONNECTIONS = 16;
const STREAMS = 16;

/** Requests in flight on each connection: one after the other, or pipelined. */
const DEPTHS = [1, 16];

export const publish: Scenario = {
  name: "publish",
  title: "Publish",
  about: `Texts of 100 bytes to ${STREAMS} streams without listeners, on ${CONNECTIONS} connections with so many requests in flight on each (\`depth\`). Answers per second of the server's CPU. The bare \`Bun.serve\` reads nothing and returns a constant as long as Malten's answer.`,
  run: async (bench) => {
    const contenders: { label: string; kind: ServerKind; wire: WireName }[] = [
      { label: "Malten HTTP", kind: bench.malten, wire: "sse" },
      { label: "Malten WebSocket", kind: bench.malten, wire: "websocket" },
      { label: bare.name, kind: bare, wire: "sse" },
    ];
    if (bench.scale !== "smoke") {
      contenders.push(
        { label: "nchan HTTP", kind: nchanNginx, wire: "nchan" },
        { label: "Redis PUBLISH", kind: redis, wire: "resp" },
      );
    }
    await bench.with([...new Set(contenders.map(({ kind }) => kind))], async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const depth of DEPTHS) {
          for (const { label, kind, wire } of contenders) {
            const server = servers.get(kind);
            if (server === undefined) continue;
            await bench.attempt(`publishing to ${label}`, async () => {
              const result = await bench.load({
                kind: "requests",
                target: target(server, wire),
                request: "publish",
                connections: CONNECTIONS,
                depth,
                textSize: 100,
                firstStream: bench.streams(STREAMS),
                streams: STREAMS,
                until: UNTIL[bench.scale],
              });
              bench.recorder.add(
                "publish",
                label,
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
