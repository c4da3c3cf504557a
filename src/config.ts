import { parseArgs } from "node:util";
import { DEFAULT_TTL, MAX_TTL } from "./protocol/limits.ts";

/** What the operator decides: flags before `MALTEN_*` variables before defaults. */
export interface Config {
  readonly port: number;
  /** Address to listen on; undefined: all. */
  readonly host: string | undefined;
  /** What all streams together may take, in bytes. */
  readonly maxMemory: number;
  /** Idle lifetime of a stream whose creator asks for none, in seconds. */
  readonly ttl: number;
  /** Messages that one client may publish a second; 0 is no limit. */
  readonly rateLimit: number;
}

/** What was asked for: to serve, or only to be told something. */
export type Invocation =
  | { readonly command: "serve"; readonly config: Config }
  | { readonly command: "help" }
  | { readonly command: "version" };

/** The configuration cannot be what was given. The message is for the one who gave it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export const HELP = `malten: ephemeral message streams, in memory only

Usage: malten [serve] [options]

  --port N          port to listen on                          9090
  --host ADDRESS    address to listen on                       all
  --max-memory SIZE memory for all messages: 512m, 2g, bytes   512m
  --ttl SECONDS     lifetime of a stream without a message     ${DEFAULT_TTL}
  --rate-limit N    messages a second from one client; 0: any  10
  -h, --help        show this
  -v, --version     show the version

Every option can be a variable: MALTEN_PORT, MALTEN_HOST, MALTEN_MAX_MEMORY, MALTEN_TTL, MALTEN_RATE_LIMIT.`;

/** A server with less could hardly keep one stream. */
const LEAST_MEMORY = 1024 * 1024;

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  "max-memory": { type: "string" },
  ttl: { type: "string" },
  "rate-limit": { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** Reads the command line and the environment, once. @throws ConfigError */
export function readConfig(args: string[], env: Readonly<Record<string, string | undefined>>): Invocation {
  const { values, positionals } = parse(args);
  if (values.help) return { command: "help" };
  if (values.version) return { command: "version" };
  const [command = "serve", ...rest] = positionals;
  if (command === "help") return { command: "help" };
  if (command !== "serve") throw new ConfigError(`There is no command ${command}. Try malten --help`);
  if (rest.length > 0) throw new ConfigError(`serve takes no arguments, only options: ${rest.join(" ")}`);
  const pick = (flag: string | undefined, variable: string) => {
    if (flag !== undefined) return flag;
    const value = env[variable];
    return value === "" ? undefined : value;
  };
  return {
    command: "serve",
    config: {
      port: integer("--port", pick(values.port, "MALTEN_PORT"), 9090, 0, 65_535),
      host: address("--host", pick(values.host, "MALTEN_HOST")),
      maxMemory: bytes("--max-memory", pick(values["max-memory"], "MALTEN_MAX_MEMORY") ?? "512m"),
      ttl: integer("--ttl", pick(values.ttl, "MALTEN_TTL"), DEFAULT_TTL, 1, MAX_TTL),
      rateLimit: integer("--rate-limit", pick(values["rate-limit"], "MALTEN_RATE_LIMIT"), 10, 0, 1_000_000),
    },
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/\. |\n/, 1)[0] ?? "") : "";
    throw new ConfigError(`${reason}. Try malten --help`, { cause: error });
  }
}

function address(name: string, value: string | undefined): string | undefined {
  if (value !== "") return value;
  throw new ConfigError(`${name} is an address of this machine, not nothing`);
}

function integer(
  name: string,
  value: string | undefined,
  preset: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return preset;
  const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new ConfigError(`${name} is a whole number from ${least} to ${most}, not ${value}`);
}

function bytes(name: string, value: string): number {
  const [, digits, unit = ""] = /^([0-9]{1,12})([kmg]?)b?$/i.exec(value) ?? [];
  const size = Number(digits) * 1024 ** ["", "k", "m", "g"].indexOf(unit.toLowerCase());
  if (size >= LEAST_MEMORY) return size;
  throw new ConfigError(`${name} is a size of 1m or more, like 512m, 2g or a number of bytes, not ${value}`);
}
