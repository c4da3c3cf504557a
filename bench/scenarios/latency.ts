import type { Bench } from "../bench.ts";
import type { FanoutJob, FanoutResult, Pacing } from "../load/job.ts";
import type { Scale } from "../results.ts";
import { target, type Server, type ServerKind } from "../servers/server.ts";
import { ours, type Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  readonly listeners: number;
  readonly shares: readonly number[];
  readonly warm: number;
  readonly seconds: number;
}

const SIZE: Record<Scale, Size> = {
  smoke: { listeners: 10, shares: [50], warm: 0.1, seconds: 0.2 },
  quick: { listeners: 1000, shares: [25, 50, 75], warm: 0.4, seconds: 1 },
  full: { listeners: 1000, shares: [25, 50, 75], warm: 1, seconds: 5 },
};

/** Enough in flight that a server is never without work. */
const SATURATING = 64;

export const latency: Scenario = {
  name: "latency",
  title: "Latency below the knee",
  about: `Texts of 100 bytes at a constant rate (open loop): latency counts from when a message was meant to be sent, whether or not it could be. The rate is a share of the knee: what Malten SSE, with ${SATURATING} messages in flight, gave out in the same round. All get the same rate.`,
  run: async (bench) => {
    const { shares, listeners } = SIZE[bench.scale];
    const contenders = ours(bench.malten);
    const [reference] = contenders;
    if (reference === undefined) return;
    await bench.with([...new Set(contenders.map(({ kind }) => kind))], async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        const saturated = await run(bench, servers, reference, { window: SATURATING });
        if (saturated === undefined) return;
        const knee = saturated.deliveries / saturated.seconds / listeners;
        for (const share of shares) {
          for (const contender of contenders) {
            await bench.attempt(`latency of ${contender.label}`, async () => {
              const rate = (knee * share) / 100;
              const result = await run(bench, servers, contender, { rate });
              if (result === undefined) return;
              bench.recorder.add(
                "latency",
                contender.label,
                { listeners, "% of knee": share },
                {
                  "messages per s": result.sent / result.seconds,
                  "p50 ms": result.latency.p50,
                  "p90 ms": result.latency.p90,
                  "p99 ms": result.latency.p99,
                  "p99.9 ms": result.latency.p999,
                  "CPU %": (result.cpu / result.seconds) * 100,
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

async function run(
  bench: Bench,
  servers: ReadonlyMap<ServerKind, Server>,
  { kind, wire }: Contender,
  pacing: Pacing,
): Promise<FanoutResult | undefined> {
  const server = servers.get(kind);
  if (server === undefined) return undefined;
  const { listeners, warm, seconds } = SIZE[bench.scale];
  return bench.load<FanoutJob>({
    kind: "fanout",
    target: target(server, wire),
    firstStream: bench.streams(1),
    streams: 1,
    listeners,
    stalled: 0,
    textSize: 100,
    pacing,
    warm,
    seconds,
  });
}
