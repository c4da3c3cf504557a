/** Measures Malten and others, prints tables, and writes the figures to a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Bench } from "./bench.ts";
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
import { malten } from "./servers/malten.ts";
import { table } from "./table.ts";

const latest = join(import.meta.dir, "results", "latest.json");

await run(options());

function options(): Options {
  try {
    const read = readOptions(process.argv.slice(2));
    for (const name of read.only ?? []) {
      if (SCENARIOS.some((scenario) => scenario.name === name)) continue;
      throw new TypeError(`No scenario ${name}: ${SCENARIOS.map((scenario) => scenario.name).join(", ")}`);
    }
    if (process.platform !== "linux") throw new TypeError("CPU and memory are read from /proc: needs Linux");
    return read;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function run({ scale, rounds, only, executable, out = latest }: Options): Promise<void> {
  const server = malten(executable);
  const recorder = new Recorder();
  const bench = new Bench(scale, rounds, server, recorder);
  const kinds = [server, ceiling, bare, redis, natsServer, nchanNginx, mosquitto];
  const about = {
    machine: await machine(),
    versions: Object.fromEntries(kinds.map((kind) => [kind.name, kind.version() ?? "not installed"])),
    command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
    date: new Date().toISOString().slice(0, 10),
    scale,
    rounds,
  };
  mkdirSync(dirname(out), { recursive: true });
  const began = performance.now();
  for (const scenario of SCENARIOS) {
    if (only !== undefined && !only.includes(scenario.name)) continue;
    const start = performance.now();
    await bench.attempt(scenario.name, () => scenario.run(bench));
    console.log(`\n${scenario.title} (${seconds(start)} s)\n`);
    console.log(table(recorder.rows().filter((row) => row.scenario === scenario.name)));
    // Each time, so that what took an hour is not lost if the last scenario is stopped.
    const report: Report = { ...about, rows: recorder.rows(), skipped: recorder.skipped() };
    writeFileSync(out, `${JSON.stringify(report, null, 1)}\n`);
  }
  console.log(`\n${seconds(began)} s in all. Figures: ${out}`);
  // A scenario that fails is no measurement: whoever runs this, CI too, has to notice.
  if (recorder.failed) process.exitCode = 1;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
