/** Makes benchmarks.md and its plots from the figures of a run: `bun bench/report.ts [FIGURES.json [DIRECTORY]]`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plots } from "./plots.ts";
import type { Report } from "./results.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { short, table } from "./table.ts";
import { targets } from "./targets.ts";

const docs = join(import.meta.dir, "..", "docs");
const [figures = join(docs, "benchmarks.json"), directory = docs] = process.argv.slice(2);

const NOT_SHOWN = `- Networks: all traffic stays on one machine, whose kernel does a listener's half of TCP on the server's core.
- More than one core. Each server has one, and the load another.
- The clock: most figures are per second of the server's CPU, because the load's core is sometimes full first. Where \`load CPU\` is near 100 %, deliveries per second and latencies are the load's as much as the server's.
- TLS, proxies and browsers.
- What the others can do and this cannot: clusters, persistence, quality of service, wildcards. And the reverse: the ceiling, Redis, NATS and mosquitto send bare texts or frames, where Malten keeps history, counts who listens and sends JSON.
- Memory of the kernel for sockets.`;

function read(path: string): Report {
  const report: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!isReport(report)) throw new Error(`${path} is not what bench/run.ts writes`);
  return report;
}

/** Only run.ts writes such files, from the same types. */
function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && "rows" in value && "machine" in value;
}

function markdown(report: Report): string {
  const { machine, versions, rows, skipped } = report;
  const drawn = plots(rows);
  const sections = SCENARIOS.flatMap(({ name, title, about }) => {
    const own = rows.filter((row) => row.scenario === name);
    if (own.length === 0) return [];
    const images = drawn
      .filter((plot) => plot.scenario === name)
      .map(({ file, alt }) => `![${alt}](benchmarks/${file})`);
    return [[`## ${title}`, about, ...images, table(own)].join("\n\n")];
  });
  const goals = targets(rows).map(
    ({ what, target, seen, met, scenario }) =>
      `| ${what} | ${target} | ${seen} | ${met ? "yes" : "no"} | \`--only ${scenario}\` |`,
  );
  const spread =
    report.rounds > 1 ? "Medians of the rounds, and in brackets the least and the most." : "One round.";
  return `${[
    "# Benchmarks",
    `Made by \`bench/report.ts\` from the figures of \`${report.command}\` of ${report.date}. Do not edit it; run it again:`,
    "```\nnpm run bench -- --out docs/benchmarks.json && npx bun bench/report.ts\n```",
    `${machine.processor}, ${machine.cores} cores${machine.virtual ? " of a virtual machine" : ""}, ${short(machine.memory)}B of memory, ${machine.system}. The server has the first core, the load the second. ${report.rounds} rounds; in each, the servers take turns. ${spread}`,
    Object.entries(versions)
      .map(([name, version]) => `- ${name}: ${version}`)
      .join("\n"),
    "The others come from Debian's packages and are configured in `bench/peers`. `sudo apt-get install redis-server nats-server nginx libnginx-mod-nchan mosquitto` brings them; what is not there is left out.",
    ...(goals.length === 0
      ? []
      : [
          `## Targets\n\n| what | target | seen | met | repeat |\n|---|---|---|---|---|\n${goals.join("\n")}`,
        ]),
    ...sections,
    `## Not shown\n\n${NOT_SHOWN}`,
    ...(skipped.length === 0
      ? []
      : [`Left out of this run:\n\n${skipped.map(({ what, why }) => `- ${what}: ${why}`).join("\n")}`]),
  ].join("\n\n")}\n`;
}

const report = read(figures);
mkdirSync(join(directory, "benchmarks"), { recursive: true });
for (const { file, svg } of plots(report.rows)) writeFileSync(join(directory, "benchmarks", file), svg);
writeFileSync(join(directory, "benchmarks.md"), markdown(report));
