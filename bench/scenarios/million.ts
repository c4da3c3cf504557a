import type { Bench } from "../bench.ts";
import type { Target } from "../load/job.ts";
import { cpuSeconds, memory } from "../measure.ts";
import type { Scale } from "../results.ts";
import { fill, publishUntil, ROOMY, warmUp } from "./fill.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  /** Numbers of streams at which the cost of a publish is measured; all but the last at the same server. */
  readonly counts: readonly number[];
  /** Streams that are watched as they die, and their lifetime in seconds. */
  readonly dying: number;
  readonly ttl: number;
  /** Seconds in which nothing happens. */
  readonly quiet: number;
  readonly until: { readonly warm: number; readonly seconds: number };
}

const SIZE: Record<Scale, Size> = {
  smoke: { counts: [10, 100], dying: 100, ttl: 1, quiet: 0.2, until: { warm: 0.1, seconds: 0.2 } },
  quick: { counts: [10, 1000, 50_000], dying: 20_000, ttl: 3, quiet: 2, until: { warm: 0.3, seconds: 1 } },
  full: {
    counts: [10, 1000, 100_000, 1_000_000],
    dying: 200_000,
    ttl: 20,
    quiet: 20,
    until: { warm: 1, seconds: 3 },
  },
};

/** How much later than its lifetime ends a stream may be buried, in seconds. */
const GRACE = 3;

/** Lifetime of a stream where nothing else is asked for, in seconds. */
const DEFAULT_TTL = 1024;

export const million: Scenario = {
  name: "million",
  title: "A million streams",
  about:
    "Streams of one message of 100 ASCII characters. Memory for each; CPU of a publish to one of them; CPU while nothing happens; CPU that their death takes, also as the share of a core that it would be for so many streams of the default lifetime.",
  run: async (bench) => {
    const { counts } = SIZE[bench.scale];
    const most = counts.at(-1) ?? 0;
    for (let round = 0; round < bench.rounds; round++) {
      await bench.attempt("cost of a publish", () => growth(bench, counts.slice(0, -1)));
      await bench.attempt(`${most} streams`, () => many(bench, most));
      await bench.attempt("death of streams", () => death(bench, most));
    }
  },
};

async function growth(bench: Bench, counts: readonly number[]): Promise<void> {
  await bench.fresh(bench.malten, ROOMY, async (server) => {
    const to = await warmUp(bench, server);
    const first = bench.streams(counts.at(-1) ?? 0);
    let made = 0;
    for (const count of counts) {
      await fill(bench, to, first + made, count - made, 1);
      made = count;
      await publishTo(bench, to, first, count);
    }
  });
}

async function many(bench: Bench, streams: number): Promise<void> {
  const { quiet } = SIZE[bench.scale];
  await bench.fresh(bench.malten, ROOMY, async (server) => {
    const to = await warmUp(bench, server);
    const before = memory(to.pids);
    const first = bench.streams(streams);
    const made = await fill(bench, to, first, streams, 1);
    const cpu = cpuSeconds(to.pids);
    await Bun.sleep(quiet * 1000);
    const idle = cpuSeconds(to.pids) - cpu;
    const after = memory(to.pids);
    bench.recorder.add(
      "million",
      bench.malten.name,
      { streams },
      {
        "bytes each (Pss)": (after.pss - before.pss) / streams,
        "bytes each (RssAnon)": (after.anonymous - before.anonymous) / streams,
        "CPU µs to make one": (made.cpu / streams) * 1e6,
        "CPU % while idle": (idle / quiet) * 100,
      },
    );
    await publishTo(bench, to, first, streams);
  });
}

async function publishTo(bench: Bench, to: Target, firstStream: number, streams: number): Promise<void> {
  const { answers, cpu } = await publishUntil(bench, to, firstStream, streams, SIZE[bench.scale].until);
  bench.recorder.add(
    "million",
    bench.malten.name,
    { streams },
    { "CPU µs per publish": (cpu / answers) * 1e6 },
  );
}

async function death(bench: Bench, most: number): Promise<void> {
  const { dying, ttl } = SIZE[bench.scale];
  await bench.fresh(bench.malten, [...ROOMY, "--ttl", String(ttl)], async (server) => {
    const to = await warmUp(bench, server);
    await fill(bench, to, bench.streams(dying), dying, 1);
    const cpu = cpuSeconds(to.pids);
    await Bun.sleep((ttl + GRACE) * 1000);
    const spent = cpuSeconds(to.pids) - cpu;
    const left = await (await fetch(`http://127.0.0.1:${server.port}/streams?limit=1`)).text();
    if (left !== "{}") throw new Error("some streams outlived their time");
    bench.recorder.add(
      "million",
      bench.malten.name,
      { streams: most },
      {
        "CPU µs per death": (spent / dying) * 1e6,
        "% of a core for deaths": ((spent / dying) * most * 100) / DEFAULT_TTL,
      },
    );
  });
}
