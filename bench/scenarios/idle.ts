import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import { maltenContenders, peerContenders } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

const SIZE: Record<Scale, { listeners: number; settle: number }> = {
  smoke: { listeners: 50, settle: 0.2 },
  quick: { listeners: 2000, settle: 1 },
  full: { listeners: 10_000, settle: 5 },
};

export const idle: Scenario = {
  name: "idle",
  title: "Idle listeners",
  description:
    "Listeners of one silent stream, on a server warmed up with a hundred others. The main figure is the growth of the server's user-space memory in bytes per listener; the kernel's socket buffers are not included.",
  run: async (bench) => {
    const { listeners: wanted, settle } = SIZE[bench.scale];
    const listeners = bench.limitListeners(wanted);
    for (let round = 0; round < bench.rounds; round++) {
      for (const { label, kind, protocol } of [...maltenContenders(bench), ...peerContenders(bench)]) {
        if (kind.version() === undefined) {
          bench.recorder.skip(kind.name, "not installed");
          continue;
        }
        await bench.attempt(`idle listeners of ${label}`, async () => {
          const { before, connected, cpu } = await bench.withFreshServer(kind, [], (server) =>
            bench.load({
              kind: "idle",
              target: target(server, protocol),
              firstStream: bench.reserveStreams(1),
              listeners,
              settle,
            }),
          );
          bench.recorder.add(
            "idle",
            label,
            { listeners },
            {
              "bytes per listener (Pss)": (connected.pss - before.pss) / listeners,
              "bytes per listener (RssAnon)": (connected.anonymous - before.anonymous) / listeners,
              "CPU % while idle": (cpu / settle) * 100,
            },
          );
        });
      }
    }
  },
};
