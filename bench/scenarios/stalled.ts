import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import { ours } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  readonly listeners: number;
  /** Messages a second. With 1 kB each, what the kernel takes for a stalled listener is full after about two seconds. */
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
  about:
    "Texts of 1 kB at a constant rate (open loop), with all listeners reading, and with a tenth of them reading nothing. Latency of those who read, growth of the server's memory, and how many the server closed: it does after 10 s.",
  run: async (bench) => {
    const { listeners, ...size } = SIZE[bench.scale];
    const contenders = ours(bench.malten).filter(({ kind }) => kind === bench.malten);
    for (let round = 0; round < bench.rounds; round++) {
      for (const { label, kind, wire } of contenders) {
        for (const percent of [0, 10]) {
          await bench.attempt(`stalled listeners of ${label}`, async () => {
            const result = await bench.fresh(kind, [], (server) =>
              bench.load({
                kind: "fanout",
                target: target(server, wire),
                firstStream: bench.streams(1),
                streams: 1,
                listeners,
                stalled: (listeners * percent) / 100,
                textSize: 1000,
                pacing: { rate: size.rate },
                warm: size.warm,
                seconds: size.seconds,
              }),
            );
            const { memory } = result;
            bench.recorder.add(
              "stalled",
              label,
              { listeners, "stalled %": percent, "per s": size.rate },
              {
                "p50 ms": result.latency.p50,
                "p99 ms": result.latency.p99,
                "p99.9 ms": result.latency.p999,
                "CPU %": (result.cpu / result.seconds) * 100,
                "MB more (Pss)": (memory.after.pss - memory.connected.pss) / 1e6,
                closed: result.closed,
                lost: result.lost,
              },
            );
          });
        }
      }
    }
  },
};
