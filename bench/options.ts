import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Scale } from "./results.ts";

export const USAGE = `Usage: npm run bench -- [OPTIONS]

Options:
  --quick              small sizes, under three minutes
  --smoke              smallest sizes, only checks that everything runs
  --only a,b           run these scenarios only
  --rounds N           measurements of each figure (default 5; 1 with --quick or --smoke)
  --executable PATH    measure an executable made by npm run build instead of the source
  --baseline CHECKOUT  measure another checkout of Malten in the same run, in turns, and print the ratios;
                       needs its node_modules and dist; leaves out other servers
  --out PATH           results file (default bench/results/latest.json)
  -h, --help           print this help`;

const ROUNDS: Record<Scale, number> = { smoke: 1, quick: 1, full: 5 };

export interface Options {
  readonly scale: Scale;
  readonly rounds: number;
  readonly only: readonly string[] | undefined;
  readonly executable: string | undefined;
  readonly baseline: string | undefined;
  readonly out: string | undefined;
}

/** @throws TypeError on an unknown option or an invalid value */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean" },
      smoke: { type: "boolean" },
      only: { type: "string" },
      rounds: { type: "string" },
      executable: { type: "string" },
      baseline: { type: "string" },
      out: { type: "string" },
    },
  });
  const scale = values.smoke ? "smoke" : values.quick ? "quick" : "full";
  const rounds = values.rounds === undefined ? ROUNDS[scale] : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new TypeError(`invalid --rounds "${values.rounds}": use a positive integer`);
  if (values.baseline !== undefined) checkBaseline(values.baseline);
  return {
    scale,
    rounds,
    only: values.only?.split(","),
    executable: values.executable,
    baseline: values.baseline,
    out: values.out,
  };
}

function checkBaseline(checkout: string): void {
  for (const file of ["src/main.ts", "node_modules/.bin/bun", "dist/page.json"]) {
    if (existsSync(join(checkout, file))) continue;
    throw new TypeError(`invalid --baseline "${checkout}": ${file} is missing. Run npm run build there`);
  }
}
