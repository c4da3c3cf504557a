/** Says that tests are skipped on this machine. @throws Error in CI, which does not skip tests */
export function reportSkipped(tests: string, requirements: string): void {
  const why = `Skipped: ${tests}. Requires ${requirements}`;
  if (process.env["CI"] === "true") throw new Error(why);
  process.stderr.write(`${why}.\n`);
}
