import { setTimeout as sleep } from "node:timers/promises";
import { summarize } from "../stats.ts";
import { launchAttacker, maxConnections, runLoad } from "./child.ts";
import { HonestClient, type HonestResult } from "./honest.ts";
import type { Server } from "../servers/server.ts";
import type { Options } from "./options.ts";
import { startTarget } from "./target.ts";

/** Measurements of each, in turns. */
const ROUNDS = 3;

/** Seconds of a measurement, at most: a modest client may create a stream a second. */
const SECONDS = 20;

/**
 * Often enough that a hundredth of the answers is more than a handful, and within the limits of each client. The numbers have no
 * common divisor, so that each client has its turn to create a stream.
 */
const PACE = { clients: 16, interval: 8, createEvery: 5 };

/** Messages published before a measurement. */
const WARM_UP = 10_000;

/** Seconds that the attack runs before the measurement, in which its process starts and uses up its burst. */
const HEAD_START = 2;

const OPERATIONS = ["publish", "listen", "create", "read", "list"] as const;

/** The 99th percentile of one operation in milliseconds: medians of all rounds. */
export interface FairnessRow {
  readonly operation: (typeof OPERATIONS)[number];
  readonly alone: number;
  readonly attacked: number;
  readonly failed: number;
}

/** Compares what an honest client gets alone with what it gets beside one that does everything as fast as it can. */
export async function measureFairness(options: Options): Promise<FairnessRow[]> {
  const alone: HonestResult[] = [];
  const attacked: HonestResult[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await serve(options, false));
    attacked.push(await serve(options, true));
  }
  return OPERATIONS.map((operation) => ({
    operation,
    alone: median(alone, operation),
    attacked: median(attacked, operation),
    failed: attacked
      .flatMap(({ failed }) => Object.entries(failed))
      .filter(([what]) => what.startsWith(`${operation}:`))
      .reduce((sum, [, count]) => sum + count, 0),
  }));
}

function median(results: readonly HonestResult[], operation: FairnessRow["operation"]): number {
  return summarize(results.map(({ operations }) => operations[operation].p99)).median;
}

async function serve({ executable, maxMemory, seconds }: Options, attacked: boolean): Promise<HonestResult> {
  const server = await startTarget(executable, ["--max-memory", maxMemory]);
  const measured = Math.min(seconds, SECONDS);
  try {
    const { port } = server;
    await warmUp(server);
    const attacker = attacked
      ? launchAttacker({
          kind: "attack",
          attack: "everything",
          clients: "one",
          port,
          seconds: HEAD_START + measured,
          maxConnections,
        })
      : undefined;
    await askFor(HEAD_START, port);
    const result = await askFor(measured, port);
    await attacker?.result;
    return result;
  } finally {
    await server.stop();
  }
}

async function askFor(seconds: number, port: number): Promise<HonestResult> {
  const honest = new HonestClient(`http://127.0.0.1:${port}`, PACE);
  await sleep(seconds * 1000);
  return honest.stop();
}

/** Lets the server compile its code: otherwise it would be faster under attack. */
async function warmUp({ port, pid }: Server): Promise<void> {
  await runLoad({
    kind: "requests",
    target: { protocol: "sse", port, pids: [pid] },
    request: "publish",
    connections: 4,
    depth: 1,
    textSize: 100,
    firstStream: 0,
    streams: 16,
    until: { responses: WARM_UP },
  });
}
