/** Measures Malten beside other servers, prints tables and writes the results to a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Bench } from "./bench.ts";
import { ratios } from "./compare.ts";
import { machine } from "./machine.ts";
import { readOptions, USAGE, type Options } from "./options.ts";
import { mosquitto } from "./peers/mosquitto.ts";
import { natsServer } from "./peers/nats.ts";
import { nchanNginx } from "./peers/nchan.ts";
import { redis } from "./peers/redis.ts";
import { Recorder, type Report } from "./results.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { bare } from "./servers/bare.ts";
import { ceiling } from "./servers/ceiling.ts";
import { maltenExecutable, maltenSource } from "./servers/malten.ts";
import { table } from "./table.ts";

const checkout = join(import.meta.dir, "..");
const latest = join(import.meta.dir, "results", "latest.json");

const MALTEN = "Malten";
const BASELINE = "Malten (baseline)";

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) console.log(USAGE);
else await run(options());

function options(): Options {
  try {
    const read = readOptions(args);
    for (const name of read.only ?? []) {
      if (SCENARIOS.some((scenario) => scenario.name === name)) continue;
      const names = SCENARIOS.map((scenario) => scenario.name).join(", ");
      throw new TypeError(`unknown scenario "${name}": use ${names}`);
    }
    if (process.platform !== "linux")
      throw new TypeError("benchmarks need Linux: CPU time and memory are read from /proc");
    return read;
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function run({ scale, rounds, only, executable, baseline, out = latest }: Options): Promise<void> {
  const maltens = [
    executable === undefined ? maltenSource(MALTEN, checkout) : maltenExecutable(MALTEN, executable),
    ...(baseline === undefined ? [] : [maltenSource(BASELINE, baseline)]),
  ];
  const recorder = new Recorder();
  const bench = new Bench(scale, rounds, maltens, recorder);
  const peers = bench.includesPeers ? [redis, natsServer, nchanNginx, mosquitto] : [];
  const kinds = [...maltens, ceiling, bare, ...peers];
  const about = {
    machine: await machine(),
    versions: Object.fromEntries(kinds.map((kind) => [kind.name, kind.version() ?? "not installed"])),
    command: ["npm run bench --", ...args].join(" "),
    date: new Date().toISOString().slice(0, 10),
    scale,
    rounds,
  };
  mkdirSync(dirname(out), { recursive: true });
  const startOfRun = performance.now();
  for (const scenario of SCENARIOS) {
    if (only !== undefined && !only.includes(scenario.name)) continue;
    const start = performance.now();
    await bench.attempt(scenario.name, () => scenario.run(bench));
    const rows = recorder.rows().filter((row) => row.scenario === scenario.name);
    console.log(`\n${scenario.title} (${seconds(start)} s)\n\n${table(rows)}`);
    if (baseline !== undefined)
      console.log(`\nRatio to the baseline\n\n${table(ratios(rows, MALTEN, BASELINE))}`);
    // Saved after each scenario, so that stopping the last one does not lose the others.
    const report: Report = { ...about, rows: recorder.rows(), skipped: recorder.skipped() };
    writeFileSync(out, `${JSON.stringify(report, null, 1)}\n`);
  }
  console.log(`\nDone in ${seconds(startOfRun)} s. Results: ${out}`);
  // CI relies on the exit code.
  if (recorder.failed) process.exitCode = 1;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
