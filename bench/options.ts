import { parseArgs } from "node:util";
import type { Scale } from "./results.ts";

export const USAGE = `Usage: npm run bench -- [options]

  --quick            everything at a small size, in under three minutes
  --smoke            everything at its smallest, only to see that it works
  --only a,b         some scenarios
  --rounds N         how often each is measured: 5, with --quick or --smoke 1
  --executable PATH  measure what npm run build made, instead of the source
  --out PATH         where the results go: bench/results/latest.json`;

const ROUNDS: Record<Scale, number> = { smoke: 1, quick: 1, full: 5 };

export interface Options {
  readonly scale: Scale;
  readonly rounds: number;
  readonly only: readonly string[] | undefined;
  readonly executable: string | undefined;
  readonly out: string | undefined;
}

/** @throws TypeError with what is wrong */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean" },
      smoke: { type: "boolean" },
      only: { type: "string" },
      rounds: { type: "string" },
      executable: { type: "string" },
      out: { type: "string" },
    },
  });
  const scale = values.smoke ? "smoke" : values.quick ? "quick" : "full";
  const rounds = values.rounds === undefined ? ROUNDS[scale] : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError("--rounds is a whole number from 1");
  return {
    scale,
    rounds,
    only: values.only?.split(","),
    executable: values.executable,
    out: values.out,
  };
}
