import type { Bench } from "../bench.ts";
import type { Target } from "../load/job.ts";
import { cpuSeconds, memory } from "../measure.ts";
import type { Scale } from "../results.ts";
import type { ServerKind } from "../servers/server.ts";
import { fill, LARGE_MEMORY, publishUntil, warmUp } from "./fill.ts";
import type { Scenario } from "./scenario.ts";

interface Size {
  /** Numbers of streams at which a publish is measured. The last one gets its own server. */
  readonly counts: readonly number[];
  /** Streams whose expiry is measured. */
  readonly expiring: number;
  /** Idle time-to-live of those streams in seconds. */
  readonly ttl: number;
  /** Seconds without requests. */
  readonly quiet: number;
  readonly until: { readonly warm: number; readonly seconds: number };
}

const SIZE: Record<Scale, Size> = {
  smoke: { counts: [10, 100], expiring: 100, ttl: 1, quiet: 0.2, until: { warm: 0.1, seconds: 0.2 } },
  quick: {
    counts: [10, 1000, 50_000],
    expiring: 20_000,
    ttl: 3,
    quiet: 2,
    until: { warm: 0.3, seconds: 1 },
  },
  full: {
    counts: [10, 1000, 100_000, 1_000_000],
    expiring: 200_000,
    ttl: 20,
    quiet: 20,
    until: { warm: 1, seconds: 3 },
  },
};

/** Seconds after its time-to-live within which a stream must have expired. */
const GRACE = 3;

/** The server's default idle time-to-live in seconds. */
const DEFAULT_TTL = 1024;

export const million: Scenario = {
  name: "million",
  title: "A million streams",
  description:
    "Streams with one message of 100 ASCII characters each: memory per stream, CPU per publish to one of them, CPU while idle, and CPU per expiry, also as a share of a core for this many streams with the default time-to-live.",
  run: async (bench) => {
    const { counts } = SIZE[bench.scale];
    const largest = counts.at(-1) ?? 0;
    for (let round = 0; round < bench.rounds; round++) {
      const measurements = [
        ["publish", (kind: ServerKind) => measurePublish(bench, kind, counts.slice(0, -1))],
        [`${largest} streams`, (kind: ServerKind) => measureStreams(bench, kind, largest)],
        ["expiry", (kind: ServerKind) => measureExpiry(bench, kind, largest)],
      ] as const;
      for (const [what, measure] of measurements) {
        for (const kind of bench.maltens) await bench.attempt(`${what} of ${kind.name}`, () => measure(kind));
      }
    }
  },
};

async function measurePublish(bench: Bench, kind: ServerKind, counts: readonly number[]): Promise<void> {
  await bench.withFreshServer(kind, LARGE_MEMORY, async (server) => {
    const to = await warmUp(bench, server);
    const first = bench.reserveStreams(counts.at(-1) ?? 0);
    let created = 0;
    for (const count of counts) {
      await fill(bench, to, first + created, count - created, 1);
      created = count;
      await publishTo(bench, kind, to, first, count);
    }
  });
}

async function measureStreams(bench: Bench, kind: ServerKind, streams: number): Promise<void> {
  const { quiet } = SIZE[bench.scale];
  await bench.withFreshServer(kind, LARGE_MEMORY, async (server) => {
    const to = await warmUp(bench, server);
    const before = memory(to.pids);
    const first = bench.reserveStreams(streams);
    const created = await fill(bench, to, first, streams, 1);
    const cpu = cpuSeconds(to.pids);
    await Bun.sleep(quiet * 1000);
    const idle = cpuSeconds(to.pids) - cpu;
    const after = memory(to.pids);
    bench.recorder.add(
      "million",
      kind.name,
      { streams },
      {
        "bytes per stream (Pss)": (after.pss - before.pss) / streams,
        "bytes per stream (RssAnon)": (after.anonymous - before.anonymous) / streams,
        "CPU µs per creation": (created.cpu / streams) * 1e6,
        "CPU % while idle": (idle / quiet) * 100,
      },
    );
    await publishTo(bench, kind, to, first, streams);
  });
}

async function publishTo(
  bench: Bench,
  kind: ServerKind,
  to: Target,
  firstStream: number,
  streams: number,
): Promise<void> {
  const { responses, cpu } = await publishUntil(bench, to, firstStream, streams, SIZE[bench.scale].until);
  const metrics = { "CPU µs per publish": (cpu / responses) * 1e6 };
  bench.recorder.add("million", kind.name, { streams }, metrics);
}

async function measureExpiry(bench: Bench, kind: ServerKind, streams: number): Promise<void> {
  const { expiring, ttl } = SIZE[bench.scale];
  await bench.withFreshServer(kind, [...LARGE_MEMORY, "--ttl", String(ttl)], async (server) => {
    const to = await warmUp(bench, server);
    await fill(bench, to, bench.reserveStreams(expiring), expiring, 1);
    const cpu = cpuSeconds(to.pids);
    await Bun.sleep((ttl + GRACE) * 1000);
    const spent = cpuSeconds(to.pids) - cpu;
    const left = await (await fetch(`http://127.0.0.1:${server.port}/streams?limit=1`)).text();
    if (left !== "{}") throw new Error(`streams left ${GRACE} s after their time-to-live`);
    bench.recorder.add(
      "million",
      kind.name,
      { streams },
      {
        "CPU µs per expiry": (spent / expiring) * 1e6,
        "% of a core for expiry": ((spent / expiring) * streams * 100) / DEFAULT_TTL,
      },
    );
  });
}
