import { memory } from "../measure.ts";
import type { Scale } from "../results.ts";
import { target } from "../servers/server.ts";
import { fill, ROOMY, warmUp } from "./fill.ts";
import type { Scenario } from "./scenario.ts";

const SIZE: Record<Scale, { streams: number; each: number; settle: number }> = {
  smoke: { streams: 10, each: 100, settle: 0.1 },
  quick: { streams: 200, each: 1000, settle: 1 },
  full: { streams: 1000, each: 1000, settle: 5 },
};

export const stored: Scenario = {
  name: "stored",
  title: "Stored messages",
  about:
    "Messages of 100 ASCII characters, kept in full streams. Growth of memory in bytes for each, at a server that was warmed up by publishing.",
  run: async (bench) => {
    const { streams, each, settle } = SIZE[bench.scale];
    for (let round = 0; round < bench.rounds; round++) {
      await bench.fresh(bench.malten, ROOMY, async (server) => {
        const { pids } = await warmUp(bench, server);
        const before = memory(pids);
        const { cpu } = await fill(bench, target(server, "sse"), bench.streams(streams), streams, each);
        await Bun.sleep(settle * 1000);
        const after = memory(pids);
        const messages = streams * each;
        bench.recorder.add(
          "stored",
          bench.malten.name,
          { streams, messages },
          {
            "bytes each (Pss)": (after.pss - before.pss) / messages,
            "bytes each (RssAnon)": (after.anonymous - before.anonymous) / messages,
            "CPU µs each": (cpu / messages) * 1e6,
          },
        );
      });
    }
  },
};
