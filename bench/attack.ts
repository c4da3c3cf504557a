/** Attacks a server in every known way, and writes tables of what it cost the server and other clients. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { machine } from "./machine.ts";
import { pinThisProcess } from "./process.ts";
import { measureFairness, type FairnessRow } from "./attacks/fairness.ts";
import { measure, type AttackRow } from "./attacks/measure.ts";
import { ATTACKS } from "./attacks/memory/all.ts";
import { readOptions, USAGE, type Options } from "./attacks/options.ts";
import { measureOverload, type OverloadRow } from "./attacks/overload/measure.ts";
import { attackTable, fairnessTable, overloadTable } from "./attacks/report.ts";

const latest = join(import.meta.dir, "results", "attacks.json");

const OTHERS = {
  overload: "ten times what the server can deliver, with stalled and reconnecting listeners",
  fairness: "latency of a modest client alone and beside a greedy one",
};

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) console.log(USAGE);
else if (args.includes("--list")) list();
else await run(options());

function list(): void {
  const all = [...ATTACKS.map(({ name, what }) => [name, what] as const), ...Object.entries(OTHERS)];
  for (const [name, what] of all) console.log(`${name.padEnd(24)} ${what}`);
}

function options(): Options {
  try {
    if (process.platform !== "linux") throw new TypeError("attacks need Linux: memory is read from /proc");
    return readOptions(args, [...ATTACKS.map(({ name }) => name), ...Object.keys(OTHERS)]);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function run(chosen: Options): Promise<void> {
  // The honest client, which runs in this process, must not take the server's core.
  pinThisProcess("load");
  const { only, out = latest } = chosen;
  const wanted = (name: string) => only === undefined || only.includes(name);
  const attacks: AttackRow[] = [];
  const overloads: OverloadRow[] = [];
  const fairness: FairnessRow[] = [];
  mkdirSync(dirname(out), { recursive: true });
  const about = { machine: await machine(), command: ["npm run attack --", ...args].join(" ") };
  // Saved after each attack, so that stopping the last one does not lose the others.
  const save = () => {
    writeFileSync(out, `${JSON.stringify({ ...about, attacks, overloads, fairness }, null, 1)}\n`);
    const tables = [
      ...(attacks.length > 0 ? [attackTable(attacks)] : []),
      ...overloads.map(overloadTable),
      ...(fairness.length > 0 ? [fairnessTable(fairness)] : []),
    ];
    writeFileSync(out.replace(/\.json$/, ".md"), `${tables.join("\n\n")}\n`);
  };

  for (const attack of ATTACKS.filter(({ name }) => wanted(name))) {
    for (const clients of chosen.clients) {
      await attempt(attack.name, async () => {
        const row = await measure(attack, clients, chosen);
        attacks.push(row);
        const lines = attackTable([row]).split("\n");
        console.log(lines.slice(attacks.length === 1 ? 0 : -1).join("\n"));
      });
      save();
    }
  }
  if (wanted("overload")) {
    await attempt("overload", async () => {
      const row = await measureOverload(chosen);
      overloads.push(row);
      console.log(`\n${overloadTable(row)}`);
    });
    save();
  }
  if (wanted("fairness")) {
    await attempt("fairness", async () => {
      fairness.push(...(await measureFairness(chosen)));
      console.log(`\n${fairnessTable(fairness)}`);
    });
    save();
  }
}

/** Reports a failure instead of throwing it, so that the other attacks still run. */
async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(`failed: ${what}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
