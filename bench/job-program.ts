/**
 * Runs the job in the only argument of this program, prints the result as a line of JSON, and exits.
 *
 * @param caller the program that writes the job, from the same types
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export async function runJob<J>(caller: string, run: (job: J) => Promise<unknown>): Promise<never> {
  const isJob = (value: unknown): value is J =>
    typeof value === "object" && value !== null && "kind" in value;
  const job: unknown = JSON.parse(process.argv[2] ?? "null");
  if (!isJob(job)) throw new Error(`internal program of ${caller}: expects a job as JSON`);
  console.log(JSON.stringify(await run(job)));
  // Exiting lets the kernel close thousands of connections at once, which is faster than closing each.
  process.exit(0);
}
