/** The load program: takes a job as JSON in its only argument, runs it and prints the result as a line of JSON. */
import { fanout } from "./load/fanout.ts";
import { idle } from "./load/idle.ts";
import type { Job, Results } from "./load/job.ts";
import { reconnect } from "./load/reconnect.ts";
import { requests } from "./load/requests.ts";

function run(job: Job): Promise<Results[Job["kind"]]> {
  switch (job.kind) {
    case "fanout":
      return fanout(job);
    case "requests":
      return requests(job);
    case "idle":
      return idle(job);
    case "reconnect":
      return reconnect(job);
  }
}

/** Only run.ts writes jobs, from the same types. */
function isJob(value: unknown): value is Job {
  return typeof value === "object" && value !== null && "kind" in value;
}

const job: unknown = JSON.parse(process.argv[2] ?? "null");
if (!isJob(job)) throw new Error("internal program of bench/run.ts: expects a job as JSON");
console.log(JSON.stringify(await run(job)));
// Exiting lets the kernel close thousands of connections at once, which is faster than closing each.
process.exit(0);
