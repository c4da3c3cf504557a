import type { Bench } from "../bench.ts";
import type { Scale } from "../results.ts";
import { target, type Server } from "../servers/server.ts";
import { ceilingContender, maltenContenders, peerContenders, type Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

interface Setup {
  readonly listeners: number;
  readonly window: number;
  readonly textSize: number;
  readonly contenders: readonly Contender[];
}

const SECONDS: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.4, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

const WINDOWS = [1, 8, 64];

export const fanout: Scenario = {
  name: "fanout",
  title: "Fan-out",
  description:
    "One publisher keeps `window` messages in flight to all listeners of one stream. The main figure is deliveries per second of server CPU time. Where the load generator uses its whole core (`load CPU %`), it limits deliveries per second of wall-clock time.",
  run: (bench) => measureSetups(bench, "fanout", planSetups(bench)),
};

/** Measures the fan-out of contenders to a number of listeners that is usual. */
export function measureFanout(
  bench: Bench,
  scenario: string,
  contenders: readonly Contender[],
): Promise<void> {
  const listeners = bench.scale === "smoke" ? 10 : 1000;
  const windows = bench.scale === "full" ? WINDOWS : [8];
  const setups = windows.map((window) => ({ listeners, window, textSize: 100, contenders }));
  return measureSetups(bench, scenario, setups);
}

async function measureSetups(bench: Bench, scenario: string, setups: readonly Setup[]): Promise<void> {
  const kinds = setups.flatMap(({ contenders }) => contenders.map(({ kind }) => kind));
  await bench.withServers(kinds, async (servers) => {
    for (let round = 0; round < bench.rounds; round++) {
      for (const setup of setups) {
        for (const contender of setup.contenders) {
          const server = servers.get(contender.kind);
          if (server === undefined) continue;
          await bench.attempt(`fan-out of ${contender.label} to ${setup.listeners}`, () =>
            measure(bench, scenario, server, contender, setup),
          );
        }
      }
    }
  });
}

async function measure(
  bench: Bench,
  scenario: string,
  server: Server,
  contender: Contender,
  setup: Setup,
): Promise<void> {
  const { listeners, window, textSize } = setup;
  const result = await bench.load({
    kind: "fanout",
    target: target(server, contender.protocol),
    firstStream: bench.reserveStreams(1),
    streams: 1,
    listeners,
    stalled: 0,
    textSize,
    pacing: { window },
    ...SECONDS[bench.scale],
  });
  bench.recorder.add(
    scenario,
    contender.label,
    { listeners, bytes: textSize, window },
    {
      "deliveries per CPU-s": result.deliveries / result.cpu,
      "CPU ns per delivery": (result.cpu / result.deliveries) * 1e9,
      "deliveries per s": result.deliveries / result.seconds,
      "p50 ms": result.latency.p50,
      "p99 ms": result.latency.p99,
      "load CPU %": (result.loadCpu / result.seconds) * 100,
      lost: result.lost,
    },
  );
}

function planSetups(bench: Bench): Setup[] {
  const local = [...maltenContenders(bench), ceilingContender];
  const all = [...local, ...peerContenders(bench)];
  if (bench.scale === "smoke") return [{ listeners: 10, window: 8, textSize: 100, contenders: local }];

  const quick = bench.scale === "quick";
  const windows = quick ? [8] : WINDOWS;
  const base = WINDOWS.map((window) => ({ listeners: 1000, window, textSize: 100, contenders: all }));
  const growth = (quick ? [10] : [10, 100, 10_000]).flatMap((wanted) =>
    windows.map((window) => ({
      listeners: bench.limitListeners(wanted),
      window,
      textSize: 100,
      contenders: local,
    })),
  );
  const large = windows.map((window) => ({
    listeners: 1000,
    window,
    textSize: 1000,
    contenders: quick ? local : all,
  }));
  return [...base, ...growth, ...large];
}
