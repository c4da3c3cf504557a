import type { Bench } from "../bench.ts";
import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import { ours, peers, type Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Situation {
  readonly listeners: number;
  readonly window: number;
  readonly textSize: number;
  readonly contenders: readonly Contender[];
}

/** Seconds for which is measured, and before that. */
const SECONDS: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.4, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

const WINDOWS = [1, 8, 64];

export const fanout: Scenario = {
  name: "fanout",
  title: "Fan-out",
  about:
    "One publisher keeps so many messages in flight (`window`) to all listeners of one stream. Deliveries per second of the server's CPU. Where the load's core is full (`load CPU`), a server could be faster by the clock, though not by CPU.",
  run: async (bench) => {
    const situations = plan(bench);
    const contenders = situations.flatMap((situation) => situation.contenders);
    await bench.with([...new Set(contenders.map(({ kind }) => kind))], async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const { contenders: some, ...situation } of situations) {
          for (const { label, kind, wire } of some) {
            const server = servers.get(kind);
            if (server === undefined) continue;
            const { listeners, window, textSize } = situation;
            await bench.attempt(`fan-out of ${label} to ${listeners}`, async () => {
              const result = await bench.load({
                kind: "fanout",
                target: target(server, wire),
                firstStream: bench.streams(1),
                streams: 1,
                listeners,
                stalled: 0,
                textSize,
                pacing: { window },
                ...SECONDS[bench.scale],
              });
              bench.recorder.add(
                "fanout",
                label,
                { listeners, bytes: textSize, window },
                {
                  "deliveries per CPU-s": result.deliveries / result.cpu,
                  "ns of CPU each": (result.cpu / result.deliveries) * 1e9,
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

function plan(bench: Bench): Situation[] {
  const own = ours(bench.malten);
  const all = [...own, ...peers(bench.scale)];
  if (bench.scale === "smoke") return [{ listeners: 10, window: 8, textSize: 100, contenders: own }];

  const base = WINDOWS.map((window) => ({ listeners: 1000, window, textSize: 100, contenders: all }));
  const grown = (bench.scale === "quick" ? [10] : [10, 100, 10_000]).flatMap((wanted) =>
    (bench.scale === "quick" ? [8] : WINDOWS).map((window) => ({
      listeners: bench.listeners(wanted),
      window,
      textSize: 100,
      contenders: own,
    })),
  );
  const large = (bench.scale === "quick" ? [8] : WINDOWS).map((window) => ({
    listeners: 1000,
    window,
    textSize: 1000,
    contenders: bench.scale === "quick" ? own : all,
  }));
  return [...base, ...grown, ...large];
}
