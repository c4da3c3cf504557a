import { setTimeout as sleep } from "node:timers/promises";
import { openFiles, resident } from "../measure.ts";
import type { Server } from "../servers/server.ts";
import { launchAttacker } from "./child.ts";
import { HonestClient, type HonestResult } from "./honest.ts";
import type { Job, Results } from "./job.ts";
import { Sampler } from "./sampler.ts";
import { startTarget } from "./target.ts";

/** Idle time-to-live of the attacked server's streams in seconds: short, so that memory comes back within the run. */
const TTL = 10;

/** Seconds after the time-to-live until the memory is measured again. */
const SETTLE = 5;

/** Most seconds to wait for the descriptors of closed connections. */
const PATIENCE = 30;

/** Resident memory at which an attack is stopped, so that it does not take all of the machine's. */
const TOO_MUCH = 4e9;

/** What happened to the server and to an honest client during an attack. Memory in bytes. */
export interface Observation {
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

interface ObserveOptions {
  readonly executable: string | undefined;
  /** As given to the server. */
  readonly maxMemory: string;
  readonly tls?: boolean;
}

/** Attacks a new server, and watches it until it had time to recover. */
export async function observe<J extends Job>(
  { executable, maxMemory, tls = false }: ObserveOptions,
  job: (port: number) => J,
): Promise<Observation & { readonly result: Results[J["kind"]] }> {
  const limits = ["--max-memory", maxMemory, "--ttl", String(TTL)];
  const server = await startTarget(executable, tls ? [...limits, "--tls-self-signed"] : limits);
  try {
    const url = `${tls ? "https" : "http"}://127.0.0.1:${server.port}`;
    await warmUp(url);
    const baseline = resident(server.pid).rss;
    const files = openFiles([server.pid]);
    await using honest = new HonestClient(url);
    const { child, result } = launchAttacker(job(server.port));
    let stopped = false;
    const sampler = new Sampler(server.pid, TOO_MUCH, () => {
      stopped = true;
      child.kill("SIGTERM");
    });
    const attacked = await result.finally(() => sampler.stop());
    const served = await honest.stop();
    const after = sampler.died ? { rss: 0, files: 0 } : await settle(server, files);
    return {
      result: attacked,
      baseline,
      peak: sampler.rss,
      peakAnonymous: sampler.anonymous,
      after: after.rss,
      files: { baseline: files, peak: sampler.files, after: after.files },
      honest: served,
      stopped,
      died: sampler.died,
    };
  } finally {
    await server.stop();
  }
}

/** Lets the server compile what an honest client uses, so that the baseline includes it. */
async function warmUp(url: string): Promise<void> {
  const client = new HonestClient(url);
  await sleep(1000);
  await client.stop();
}

/** Waits for the streams to expire and the connections to be closed. */
async function settle({ pid }: Server, baseline: number): Promise<{ rss: number; files: number }> {
  await sleep((TTL + SETTLE) * 1000);
  for (let waited = 0; waited < PATIENCE && openFiles([pid]) > baseline; waited++) await sleep(1000);
  return { rss: resident(pid).rss, files: openFiles([pid]) };
}
