import type { Bench } from "../bench.ts";
import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import { maltenContenders, type Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  readonly listeners: number;
  /** Messages per second. At 1 kB each, the socket buffers of a stalled listener are full after about two seconds. */
  readonly rate: number;
  readonly warm: number;
  readonly seconds: number;
}

const SIZE: Record<Scale, Size> = {
  smoke: { listeners: 10, rate: 200, warm: 0.1, seconds: 0.3 },
  quick: { listeners: 100, rate: 2000, warm: 0.5, seconds: 3 },
  full: { listeners: 100, rate: 2000, warm: 1, seconds: 20 },
};

export const stalled: Scenario = {
  name: "stalled",
  title: "One listener in ten stalls",
  description:
    "Messages of 1 kB at a constant rate (open loop), first with all listeners reading, then with a tenth of them not reading. Shows the latency of the listeners that read, the growth of the server's memory, and the connections that the server closed: it closes a stalled connection after 10 s.",
  run: async (bench) => {
    for (let round = 0; round < bench.rounds; round++) {
      for (const percentage of [0, 10]) {
        for (const contender of maltenContenders(bench)) {
          await bench.attempt(`stalled listeners of ${contender.label}`, () =>
            measure(bench, contender, percentage),
          );
        }
      }
    }
  },
};

async function measure(bench: Bench, contender: Contender, percentage: number): Promise<void> {
  const { listeners, rate, warm, seconds } = SIZE[bench.scale];
  const result = await bench.withFreshServer(contender.kind, [], (server) =>
    bench.load({
      kind: "fanout",
      target: target(server, contender.protocol),
      firstStream: bench.reserveStreams(1),
      streams: 1,
      listeners,
      stalled: (listeners * percentage) / 100,
      textSize: 1000,
      pacing: { rate },
      warm,
      seconds,
    }),
  );
  const { memory } = result;
  bench.recorder.add(
    "stalled",
    contender.label,
    { listeners, "stalled %": percentage, "per s": rate },
    {
      "p50 ms": result.latency.p50,
      "p99 ms": result.latency.p99,
      "p99.9 ms": result.latency.p999,
      "CPU %": (result.cpu / result.seconds) * 100,
      "MB growth (Pss)": (memory.after.pss - memory.connected.pss) / 1e6,
      closed: result.closed,
      lost: result.lost,
    },
  );
}
