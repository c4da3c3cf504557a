/** The load program: takes a job as JSON in its one argument, does it, and prints a line of JSON. */
import { fanout } from "./load/fanout.ts";
import { idle } from "./load/idle.ts";
import type { Job, Results } from "./load/job.ts";
import { reconnect } from "./load/reconnect.ts";
import { requests } from "./load/requests.ts";

function work(job: Job): Promise<Results[Job["kind"]]> {
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
if (!isJob(job)) throw new Error("Started by bench/run.ts, with a job as JSON");
console.log(JSON.stringify(await work(job)));
// Thousands of connections that are closed one by one take long: the kernel closes them all at once.
process.exit(0);
