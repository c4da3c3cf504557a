import { runLoad } from "../child.ts";
import { observe, type Observation } from "../observe.ts";
import type { Options } from "../options.ts";
import { startTarget } from "../target.ts";
import type { OverloadJob, OverloadResult } from "./job.ts";

const LISTENERS = 200;

/** How much more is published than the server can deliver. */
const TIMES = 10;

/** The rates that the publishers are allowed, all together, as a multiple of the knee: so the server is saturated as well as refusing. */
const ALLOWED = 1;

/** Messages per second that the server allows a client by default. */
const RATE_LIMIT = 10;

const KNEE_ROUNDS = 5;

/** What ten times the load that the server can deliver did to it. */
export interface OverloadRow extends OverloadResult, Observation {
  /** Messages per second that the server can deliver. */
  readonly knee: number;
  readonly seconds: number;
  readonly publishers: number;
  readonly listeners: number;
}

export async function measureOverload(options: Options): Promise<OverloadRow> {
  const { executable, maxMemory, minutes } = options;
  const knee = await findKnee(options);
  const job = {
    kind: "overload",
    seconds: minutes * 60,
    rate: TIMES * knee,
    publishers: Math.ceil((ALLOWED * knee) / RATE_LIMIT),
    listeners: LISTENERS,
  } as const;
  const { result, ...observation } = await observe<OverloadJob>({ executable, maxMemory }, (port) => ({
    ...job,
    port,
  }));
  const { seconds, publishers, listeners } = job;
  return { knee, seconds, publishers, listeners, ...result, ...observation };
}

/** Measures the rate at which a publisher that waits for deliveries saturates the server: the best of some rounds, which other work disturbs least. */
async function findKnee(options: Options): Promise<number> {
  let best = 0;
  for (let round = 0; round < KNEE_ROUNDS; round++) best = Math.max(best, await saturate(options));
  return best;
}

async function saturate({ executable, maxMemory }: Options): Promise<number> {
  const server = await startTarget(executable, ["--max-memory", maxMemory, "--rate-limit", "0"]);
  try {
    const { sent, seconds } = await runLoad({
      kind: "fanout",
      target: { protocol: "sse", port: server.port, pids: [server.pid] },
      firstStream: 0,
      streams: 1,
      listeners: LISTENERS,
      stalled: 0,
      textSize: 100,
      pacing: { window: 64 },
      warm: 1,
      seconds: 3,
    });
    return Math.round(sent / seconds);
  } finally {
    await server.stop();
  }
}
