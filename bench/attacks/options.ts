import { parseArgs } from "node:util";
import type { ClientMode } from "./attack.ts";

export const USAGE = `Usage: npm run attack -- [OPTIONS]

Attacks a server on this machine and shows whether its memory stays bounded and other clients are served.

Options:
  --only a,b           run these attacks only
  --clients MODE       many: thousands of clients (default); one: a single client;
                       local: without X-Forwarded-For, exempt from the rate limits
  --seconds N          duration of each attack (default 60)
  --minutes N          duration of the overload (default 10)
  --max-memory SIZE    of the server (default 64m)
  --executable PATH    attack an executable made by npm run build instead of the source
  --out PATH           results file (default bench/results/attacks.json), with a table beside it
  --list               list the attacks
  -h, --help           print this help`;

const MODES: readonly ClientMode[] = ["many", "one", "local"];

export interface Options {
  readonly only: readonly string[] | undefined;
  readonly clients: readonly ClientMode[];
  readonly seconds: number;
  readonly minutes: number;
  /** As given to the server. */
  readonly maxMemory: string;
  readonly executable: string | undefined;
  readonly out: string | undefined;
}

/** @throws TypeError on an unknown option or an invalid value */
export function readOptions(args: string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      clients: { type: "string", default: "many" },
      seconds: { type: "string", default: "60" },
      minutes: { type: "string", default: "10" },
      "max-memory": { type: "string", default: "64m" },
      executable: { type: "string" },
      out: { type: "string" },
    },
  });
  const only = values.only?.split(",");
  for (const name of only ?? []) {
    if (!names.includes(name)) throw new TypeError(`unknown attack "${name}": use ${names.join(", ")}`);
  }
  const clients = MODES.filter((mode) => values.clients.split(",").includes(mode));
  if (clients.length !== values.clients.split(",").length)
    throw new TypeError(`invalid --clients "${values.clients}": use ${MODES.join(", ")}`);
  return {
    only,
    clients,
    seconds: positive("seconds", values.seconds),
    minutes: positive("minutes", values.minutes),
    maxMemory: values["max-memory"],
    executable: values.executable,
    out: values.out,
  };
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new TypeError(`invalid --${option} "${value}": use a positive number`);
  return number;
}
