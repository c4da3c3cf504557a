import type { Bench } from "../bench.ts";
import type { RequestsResult } from "../load/job.ts";
import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import type { Contender } from "./contenders.ts";

const UNTIL: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.5, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

const CONNECTIONS = 16;
const STREAMS = 16;

/** Requests in flight per connection: sequential, or pipelined. */
const DEPTHS = [1, 16];

/** The load of {@link measurePublishing}, for descriptions. */
export const PUBLISHING = `Messages of 100 bytes to ${STREAMS} streams without listeners, on ${CONNECTIONS} connections with \`depth\` requests in flight on each`;

/** Publishes to all contenders in turns, at each depth. Records the throughput, and `more` figures. */
export async function measurePublishing(
  bench: Bench,
  scenario: string,
  contenders: readonly Contender[],
  more: (result: RequestsResult, depth: number) => Record<string, number> = () => ({}),
  depths = DEPTHS,
): Promise<void> {
  const kinds = contenders.map(({ kind }) => kind);
  await bench.withServers(kinds, async (servers) => {
    for (let round = 0; round < bench.rounds; round++) {
      for (const depth of depths) {
        for (const contender of contenders) {
          const server = servers.get(contender.kind);
          if (server === undefined) continue;
          await bench.attempt(`publish to ${contender.label}`, async () => {
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
              scenario,
              contender.label,
              { depth },
              {
                "responses per CPU-s": result.responses / result.cpu,
                "responses per s": result.responses / result.seconds,
                ...more(result, depth),
                "load CPU %": (result.loadCpu / result.seconds) * 100,
              },
            );
          });
        }
      }
    }
  });
}
