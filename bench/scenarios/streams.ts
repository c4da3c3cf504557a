import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import { ours, peers } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  /** Streams, and listeners of each. */
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
  about: `One publisher writes to the streams in turn and keeps ${WINDOW} messages in flight. Here there is little to write at once. Deliveries per second of the server's CPU.`,
  run: async (bench) => {
    const { shapes, warm, seconds } = SIZE[bench.scale];
    // The ceiling knows no streams.
    const own = ours(bench.malten).filter(({ kind }) => kind === bench.malten);
    const contenders = [...own, ...peers(bench.scale)];
    await bench.with([...new Set(contenders.map(({ kind }) => kind))], async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const [count, each] of shapes) {
          const listeners = Math.max(1, Math.floor(bench.listeners(count * each) / count));
          for (const { label, kind, wire } of contenders) {
            const server = servers.get(kind);
            if (server === undefined) continue;
            await bench.attempt(`${count} streams of ${label}`, async () => {
              const result = await bench.load({
                kind: "fanout",
                target: target(server, wire),
                firstStream: bench.streams(count),
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
                label,
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
            });
          }
        }
      }
    });
  },
};
