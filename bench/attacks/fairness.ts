import { setTimeout as sleep } from "node:timers/promises";
import { canMakeNetworks, Network } from "../../test-support/network.ts";
import { summarize } from "../stats.ts";
import { launchAttacker, maxConnections, runLoad, type Attacker } from "./child.ts";
import { HonestClient, type HonestResult } from "./honest.ts";
import type { Server } from "../servers/server.ts";
import type { AttackJob } from "./job.ts";
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

/**
 * Compares what honest clients get alone with what they get beside one that does everything as fast as it can. That one has an
 * address of its own where the system lets us make a network: an address that the server is only told of cannot be blocked.
 */
export async function measureFairness(options: Options): Promise<FairnessRow[]> {
  if (!canMakeNetworks()) {
    console.log("fairness: cannot make a network (needs root and ip), so the attacker is not blocked");
    return compare(options);
  }
  // Also when the process is told to exit.
  const cleanUp = new DisposableStack();
  process.once("exit", () => cleanUp.dispose());
  try {
    return await compare(options, cleanUp.use(new Network()));
  } finally {
    cleanUp.dispose();
  }
}

async function compare(options: Options, network?: Network): Promise<FairnessRow[]> {
  const alone: HonestResult[] = [];
  const attacked: HonestResult[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await serve(options, network, false));
    attacked.push(await serve(options, network, true));
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

async function serve(
  { executable, maxMemory, seconds }: Options,
  network: Network | undefined,
  attacked: boolean,
): Promise<HonestResult> {
  const server = await startTarget(executable, ["--max-memory", maxMemory], network?.here);
  const measured = Math.min(seconds, SECONDS);
  try {
    const { port } = server;
    await warmUp(server);
    const url = `http://${network?.here ?? "127.0.0.1"}:${port}`;
    const attacker = attacked ? attack(port, HEAD_START + measured, network) : undefined;
    await askFor(HEAD_START, url);
    const result = await askFor(measured, url);
    await attacker?.result;
    return result;
  } finally {
    await server.stop();
  }
}

function attack(port: number, seconds: number, network: Network | undefined): Attacker<AttackJob> {
  const job = { kind: "attack", attack: "everything", port, seconds, maxConnections } as const;
  return network === undefined
    ? launchAttacker({ ...job, clients: "one" })
    : launchAttacker({ ...job, clients: "local", host: network.here }, (...command) =>
        network.within(...command),
      );
}

async function askFor(seconds: number, url: string): Promise<HonestResult> {
  const honest = new HonestClient(url, PACE);
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
