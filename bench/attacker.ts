/** The attacking program: takes a job as JSON in its only argument, runs it and prints the result as a line of JSON. */
import { addressing } from "./attacks/clients.ts";
import type { AttackJob, AttackResult, Job, Results } from "./attacks/job.ts";
import { ATTACKS } from "./attacks/memory/all.ts";
import { overload } from "./attacks/overload/load.ts";
import { Tally } from "./attacks/tally.ts";
import { untilAborted } from "./attacks/wait.ts";
import { runJob } from "./job-program.ts";

async function attack(job: AttackJob): Promise<AttackResult> {
  const found = ATTACKS.find(({ name }) => name === job.attack);
  if (found === undefined) throw new Error(`unknown attack "${job.attack}"`);
  const end = new AbortController();
  setTimeout(() => end.abort(), job.seconds * 1000);
  // Sent when the server needs too much memory.
  process.once("SIGTERM", () => end.abort());
  const tally = new Tally();
  const { signal } = end;
  const { port, host, maxConnections } = job;
  const forwarded = addressing(job.clients);
  const attacking = found.run({ port, host, signal, tally, maxConnections, forwarded });
  await Promise.race([attacking, untilAborted(signal)]);
  return {
    succeeded: tally.succeeded,
    held: tally.mostHeld,
    opened: tally.opened,
    items: tally.items,
    refused: tally.refused(),
    withoutRetryAfter: tally.withoutRetryAfter,
  };
}

function run(job: Job): Promise<Results[Job["kind"]]> {
  switch (job.kind) {
    case "attack":
      return attack(job);
    case "overload":
      return overload(job);
  }
}

await runJob("bench/attack.ts", run);
