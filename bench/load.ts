/** The load program: takes a job as JSON in its only argument, runs it and prints the result as a line of JSON. */
import { runJob } from "./job-program.ts";
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

await runJob("bench/run.ts", run);
