/** Attacks a server in every known way, and writes a table of what it cost the server and other clients. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { machine } from "./machine.ts";
import { measure, type AttackRow } from "./attacks/measure.ts";
import { ATTACKS } from "./attacks/memory/all.ts";
import { readOptions, USAGE, type Options } from "./attacks/options.ts";
import { attackTable } from "./attacks/report.ts";

const latest = join(import.meta.dir, "results", "attacks.json");

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) console.log(USAGE);
else if (args.includes("--list"))
  for (const { name, what } of ATTACKS) console.log(`${name.padEnd(24)} ${what}`);
else await run(options());

function options(): Options {
  try {
    if (process.platform !== "linux") throw new TypeError("attacks need Linux: memory is read from /proc");
    return readOptions(
      args,
      ATTACKS.map(({ name }) => name),
    );
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function run(chosen: Options): Promise<void> {
  const out = chosen.out ?? latest;
  const rows: AttackRow[] = [];
  mkdirSync(dirname(out), { recursive: true });
  for (const { name } of ATTACKS) {
    if (chosen.only !== undefined && !chosen.only.includes(name)) continue;
    for (const clients of chosen.clients) {
      const row = await measure(name, clients, chosen);
      rows.push(row);
      console.log(
        attackTable([row])
          .split("\n")
          .slice(rows.length === 1 ? 0 : 2)
          .join("\n"),
      );
      // Saved after each attack, so that stopping the last one does not lose the others.
      const report = { machine: await machine(), command: ["npm run attack --", ...args].join(" "), rows };
      writeFileSync(out, `${JSON.stringify(report, null, 1)}\n`);
      writeFileSync(out.replace(/\.json$/, ".md"), `${attackTable(rows)}\n`);
    }
  }
}
