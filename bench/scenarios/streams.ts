import type { Bench } from "../bench.ts";
import type { Scale } from "../results.ts";
import { target, type Server } from "../servers/server.ts";
import { maltenContenders, peerContenders, type Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  /** Streams, and listeners per stream. */
  readonly shapes: readonly (readonly [number, number])[];
  readonly warm: number;
  readonly seconds: number;
}

const SIZE: Record<Scale, Size> = {
  smoke: { shapes: [[10, 2]], warm: 0.1, seconds: 0.2 },
  quick: { shapes: [[500, 2]], warm: 0.3, seconds: 0.7 },
  full: {
    shapes: [
      [10_000, 1],
      [1000, 10],
      [100, 100],
    ],
    warm: 1,
    seconds: 3,
  },
};

const WINDOW = 64;

export const streams: Scenario = {
  name: "streams",
  title: "Many streams, few listeners each",
  description: `One publisher writes to the streams in turn and keeps ${WINDOW} messages in flight, so that few messages can be combined into one write. The main figure is deliveries per second of server CPU time.`,
  run: async (bench) => {
    const contenders = [...maltenContenders(bench), ...peerContenders(bench)];
    const kinds = contenders.map(({ kind }) => kind);
    await bench.withServers(kinds, async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const [count, each] of SIZE[bench.scale].shapes) {
          for (const contender of contenders) {
            const server = servers.get(contender.kind);
            if (server === undefined) continue;
            await bench.attempt(`${count} streams of ${contender.label}`, () =>
              measure(bench, server, contender, count, each),
            );
          }
        }
      }
    });
  },
};

async function measure(
  bench: Bench,
  server: Server,
  contender: Contender,
  count: number,
  each: number,
): Promise<void> {
  const { warm, seconds } = SIZE[bench.scale];
  const listeners = Math.max(1, Math.floor(bench.limitListeners(count * each) / count));
  const result = await bench.load({
    kind: "fanout",
    target: target(server, contender.protocol),
    firstStream: bench.reserveStreams(count),
    streams: count,
    listeners,
    stalled: 0,
    textSize: 100,
    pacing: { window: WINDOW },
    warm,
    seconds,
  });
  bench.recorder.add(
    "streams",
    contender.label,
    { streams: count, "listeners each": listeners },
    {
      "deliveries per CPU-s": result.deliveries / result.cpu,
      "deliveries per s": result.deliveries / result.seconds,
      "p50 ms": result.latency.p50,
      "p99 ms": result.latency.p99,
      "load CPU %": (result.loadCpu / result.seconds) * 100,
      lost: result.lost,
    },
  );
}
