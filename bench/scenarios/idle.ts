import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import { ours, peers } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

const SIZE: Record<Scale, { listeners: number; settle: number }> = {
  smoke: { listeners: 50, settle: 0.2 },
  quick: { listeners: 2000, settle: 1 },
  full: { listeners: 10_000, settle: 5 },
};

export const idle: Scenario = {
  name: "idle",
  title: "Idle listeners",
  about:
    "Listeners of one stream to which nothing is sent, at a server that had a hundred before. Growth of its memory in user space, in bytes for each; what the kernel keeps for a socket is not in it.",
  run: async (bench) => {
    const { listeners: wanted, settle } = SIZE[bench.scale];
    const listeners = bench.listeners(wanted);
    // The ceiling has no memory of its own to look at.
    const own = ours(bench.malten).filter(({ kind }) => kind === bench.malten);
    for (let round = 0; round < bench.rounds; round++) {
      for (const { label, kind, wire } of [...own, ...peers(bench.scale)]) {
        if (kind.version() === undefined) {
          bench.recorder.skip(kind.name, "not installed");
          continue;
        }
        await bench.attempt(`idle listeners of ${label}`, async () => {
          const { before, connected, cpu } = await bench.fresh(kind, [], (server) =>
            bench.load({
              kind: "idle",
              target: target(server, wire),
              firstStream: bench.streams(1),
              listeners,
              settle,
            }),
          );
          bench.recorder.add(
            "idle",
            label,
            { listeners },
            {
              "bytes each (Pss)": (connected.pss - before.pss) / listeners,
              "bytes each (RssAnon)": (connected.anonymous - before.anonymous) / listeners,
              "CPU % while idle": (cpu / settle) * 100,
            },
          );
        });
      }
    }
  },
};
