import type { Bench } from "../bench.ts";
import { memory } from "../measure.ts";
import type { Scale } from "../results.ts";
import { target, type ServerKind } from "../servers/server.ts";
import { fill, LARGE_MEMORY, warmUp } from "./fill.ts";
import type { Scenario } from "./scenario.ts";

const SIZE: Record<Scale, { streams: number; each: number; settle: number }> = {
  smoke: { streams: 10, each: 100, settle: 0.1 },
  quick: { streams: 200, each: 1000, settle: 1 },
  full: { streams: 1000, each: 1000, settle: 5 },
};

export const stored: Scenario = {
  name: "stored",
  title: "Stored messages",
  description:
    "Messages of 100 ASCII characters in full streams, on a server warmed up by publishing. The main figure is the growth of memory in bytes per message.",
  run: async (bench) => {
    for (let round = 0; round < bench.rounds; round++) {
      for (const kind of bench.maltens)
        await bench.attempt(`stored messages of ${kind.name}`, () => measure(bench, kind));
    }
  },
};

async function measure(bench: Bench, kind: ServerKind): Promise<void> {
  const { streams, each, settle } = SIZE[bench.scale];
  await bench.withFreshServer(kind, LARGE_MEMORY, async (server) => {
    const { pids } = await warmUp(bench, server);
    const before = memory(pids);
    const { cpu } = await fill(bench, target(server, "sse"), bench.reserveStreams(streams), streams, each);
    await Bun.sleep(settle * 1000);
    const after = memory(pids);
    const messages = streams * each;
    bench.recorder.add(
      "stored",
      kind.name,
      { streams, messages },
      {
        "bytes per message (Pss)": (after.pss - before.pss) / messages,
        "bytes per message (RssAnon)": (after.anonymous - before.anonymous) / messages,
        "CPU µs per message": (cpu / messages) * 1e6,
      },
    );
  });
}
