import { join } from "node:path";
import type { Job as LoadJob, Results as LoadResults } from "../load/job.ts";
import { connectionLimit, launch, resultOf, type Child } from "../process.ts";
import type { Job, Results } from "./job.ts";

const attacker = join(import.meta.dir, "..", "attacker.ts");
const load = join(import.meta.dir, "..", "load.ts");

/** Ephemeral ports are limited as well. */
const MAX_CONNECTIONS = 25_000;

/** Connections that one process may open. */
export const maxConnections = connectionLimit(MAX_CONNECTIONS);

/** Seconds that a process may take beyond its job. */
const PATIENCE = 90;

/** A process that attacks. */
export interface Attacker<J extends Job> {
  readonly child: Child;
  readonly result: Promise<Results[J["kind"]]>;
}

/**
 * Gives a program the lowest weight on its core. Where the kernel groups processes by session (sched(7), autogroup), `nice` has
 * no effect between sessions or against kernel threads, so the session itself becomes nice.
 */
const YIELD = [
  "setsid",
  "sh",
  "-c",
  '(echo 19 > /proc/self/autogroup) 2> /dev/null; exec nice -n 19 "$@"',
  "sh",
];

/**
 * Starts a process that attacks. It yields to the honest client and to the kernel, with which it shares a core.
 * @param within returns the command that runs another one where the attack comes from; by default, this machine
 */
export function launchAttacker<J extends Job>(
  job: J,
  within = (...command: string[]) => command,
): Attacker<J> {
  const command = [...YIELD, ...within(process.execPath, attacker, JSON.stringify(job))];
  const child = launch(command, "load", (job.seconds + PATIENCE) * 1000);
  return { child, result: resultOf(child) };
}

/** Runs a load of the benchmarks. */
export function runLoad<J extends LoadJob>(job: J): Promise<LoadResults[J["kind"]]> {
  return resultOf(launch([process.execPath, load, JSON.stringify(job)], "load", PATIENCE * 1000));
}
