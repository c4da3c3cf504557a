// Fuzzes a server for a while: `npm run fuzz -- --minutes 60`. `--seed N` repeats a run, `--seed N --case M` a single case.
import { parseArgs } from "node:util";
import { ServerProcess } from "../process.ts";
import { fuzz, runCase } from "./fuzzer.ts";
import { FUZZED_SERVER, MAX_RESIDENT } from "./target.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    case: { type: "string" },
  },
});
const seed = Number(values.seed);
const until = performance.now() + Number(values.minutes) * 60_000;

const server = await ServerProcess.start({ args: FUZZED_SERVER });
process.stdout.write(`seed ${seed}\n`);
try {
  if (values.case !== undefined) await runCase(server.port, seed, Number(values.case));
  else {
    const report = await fuzz(server, seed, {
      maxResident: MAX_RESIDENT,
      goOn: () => performance.now() < until,
    });
    const statuses = Array.from(report.statuses).sort(([a], [b]) => a - b);
    process.stdout.write(
      `${report.cases} cases, at most ${Math.round(report.peakResident / 1024 ** 2)} MiB resident; ` +
        `${report.witnessed} messages witnessed, ${report.rejected} rejected\n` +
        `${statuses.map(([status, count]) => `${status}: ${count}`).join(", ")}\n`,
    );
  }
} finally {
  process.exitCode = await server.stop();
  process.stdout.write(await server.errors);
}
