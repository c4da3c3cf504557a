import type { Bench } from "../bench.ts";
import type { FanoutJob, FanoutResult, Pacing } from "../load/job.ts";
import type { Scale } from "../results.ts";
import { target, type Server, type ServerKind } from "../servers/server.ts";
import { ceilingContender, maltenContenders, type Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  readonly listeners: number;
  /** Rates to measure, in percent of the maximum. */
  readonly percentages: readonly number[];
  readonly warm: number;
  readonly seconds: number;
}

const SIZE: Record<Scale, Size> = {
  smoke: { listeners: 10, percentages: [50], warm: 0.1, seconds: 0.2 },
  quick: { listeners: 1000, percentages: [25, 50, 75], warm: 0.4, seconds: 1 },
  full: { listeners: 1000, percentages: [25, 50, 75], warm: 1, seconds: 5 },
};

/** Messages in flight that keep a server busy all the time. */
const SATURATING = 64;

export const latency: Scenario = {
  name: "latency",
  title: "Latency below saturation",
  description: `Messages of 100 bytes at a constant rate (open loop). Latency counts from the time when a message was due, even if it was sent later. Rates are percentages of the maximum, which is the throughput of Malten SSE with ${SATURATING} messages in flight in the same round; all servers get the same rate.`,
  run: async (bench) => {
    const { percentages, listeners } = SIZE[bench.scale];
    const contenders = [...maltenContenders(bench), ceilingContender];
    const [reference] = contenders;
    if (reference === undefined) return;
    const kinds = contenders.map(({ kind }) => kind);
    await bench.withServers(kinds, async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        const saturated = await run(bench, servers, reference, { window: SATURATING });
        if (saturated === undefined) return;
        const maxRate = saturated.deliveries / saturated.seconds / listeners;
        for (const percentage of percentages) {
          for (const contender of contenders) {
            await bench.attempt(`latency of ${contender.label}`, async () => {
              const result = await run(bench, servers, contender, { rate: (maxRate * percentage) / 100 });
              if (result !== undefined) record(bench, contender, percentage, result);
            });
          }
        }
      }
    });
  },
};

function record(bench: Bench, contender: Contender, percentage: number, result: FanoutResult): void {
  const { listeners } = SIZE[bench.scale];
  bench.recorder.add(
    "latency",
    contender.label,
    { listeners, "% of max rate": percentage },
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
}

async function run(
  bench: Bench,
  servers: ReadonlyMap<ServerKind, Server>,
  { kind, protocol }: Contender,
  pacing: Pacing,
): Promise<FanoutResult | undefined> {
  const server = servers.get(kind);
  if (server === undefined) return undefined;
  const { listeners, warm, seconds } = SIZE[bench.scale];
  return bench.load<FanoutJob>({
    kind: "fanout",
    target: target(server, protocol),
    firstStream: bench.reserveStreams(1),
    streams: 1,
    listeners,
    stalled: 0,
    textSize: 100,
    pacing,
    warm,
    seconds,
  });
}
