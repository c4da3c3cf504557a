import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { openFiles } from "../measure.ts";
import { launch, openFilesLimit } from "../process.ts";
import type { Server } from "../servers/server.ts";
import type { ClientMode } from "./attack.ts";
import { HonestClient, type HonestResult } from "./honest.ts";
import type { AttackJob, AttackResult } from "./job.ts";
import type { Options } from "./options.ts";
import { resident, Sampler } from "./sampler.ts";
import { startTarget } from "./target.ts";

const program = join(import.meta.dir, "..", "attacker.ts");

/** Idle time-to-live of the attacked server's streams in seconds: short, so that memory comes back within the run. */
const TTL = 10;

/** Seconds after the time-to-live until the memory is measured again. */
const SETTLE = 5;

/** Most seconds to wait for the descriptors of closed connections. */
const PATIENCE = 30;

/** Descriptors that a process keeps for other things than connections. */
const RESERVED_FILES = 200;

/** Ephemeral ports are limited as well. */
const MAX_CONNECTIONS = 25_000;

/** Resident memory at which an attack is stopped, so that it does not take all of the machine's. */
const TOO_MUCH = 4e9;

/** What an attack did to the server. Memory in bytes. */
export interface AttackRow extends AttackResult {
  readonly attack: string;
  readonly clients: ClientMode;
  readonly baseline: number;
  readonly peak: number;
  /** Peak without program text. */
  readonly peakAnonymous: number;
  /** After the streams' time-to-live. */
  readonly after: number;
  readonly files: { readonly baseline: number; readonly peak: number; readonly after: number };
  readonly honest: HonestResult;
  /** Whether the attack was stopped because of its memory. */
  readonly stopped: boolean;
  readonly died: boolean;
}

/** Runs one attack against a new server. */
export async function measure(attack: string, clients: ClientMode, options: Options): Promise<AttackRow> {
  const { executable, maxMemory, seconds } = options;
  const server = await startTarget(executable, ["--max-memory", maxMemory, "--ttl", String(TTL)]);
  try {
    await warmUp(server.port);
    const baseline = resident(server.pid).rss;
    const files = openFiles([server.pid]);
    const honest = new HonestClient(server.port);
    const running = honest.run();
    const child = launchAttacker({
      attack,
      clients,
      port: server.port,
      seconds,
      maxConnections: maxConnections(),
    });
    let stopped = false;
    const sampler = new Sampler(server.pid, TOO_MUCH, () => {
      stopped = true;
      child.kill("SIGTERM");
    });
    const result = await resultOf(child);
    sampler.stop();
    const honestResult = await honest.stop();
    await running;
    const after = sampler.died ? { rss: 0, files: 0 } : await settle(server, files);
    return {
      attack,
      clients,
      ...result,
      baseline,
      peak: sampler.rss,
      peakAnonymous: sampler.anonymous,
      after: after.rss,
      files: { baseline: files, peak: sampler.files, after: after.files },
      honest: honestResult,
      stopped,
      died: sampler.died,
    };
  } finally {
    await server.stop();
  }
}

/** Lets the server compile what an honest client uses, so that the baseline includes it. */
async function warmUp(port: number): Promise<void> {
  const client = new HonestClient(port);
  const running = client.run();
  await sleep(1000);
  await client.stop();
  await running;
}

function maxConnections(): number {
  return Math.min(openFilesLimit(), MAX_CONNECTIONS) - RESERVED_FILES;
}

/** The attacker yields to the honest client, with which it shares a core. */
function launchAttacker(job: AttackJob): ReturnType<typeof launch> {
  const command = ["nice", "-n", "10", process.execPath, program, JSON.stringify(job)];
  return launch(command, "load", (job.seconds + PATIENCE) * 1000);
}

async function resultOf(child: ReturnType<typeof launch>): Promise<AttackResult> {
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  if (!stdout.startsWith("{")) throw new Error(`the attack failed: ${stderr.trim().slice(0, 300)}`);
  // Only attacker.ts writes results, from the same types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(stdout) as AttackResult;
}

/** Waits for the streams to expire and the connections to be closed. */
async function settle({ pid }: Server, baseline: number): Promise<{ rss: number; files: number }> {
  await sleep((TTL + SETTLE) * 1000);
  for (let waited = 0; waited < PATIENCE && openFiles([pid]) > baseline; waited++) await sleep(1000);
  return { rss: resident(pid).rss, files: openFiles([pid]) };
}
