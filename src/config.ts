import type { Arguments } from "./cli/command.ts";
import { UsageError } from "./cli/failure.ts";
import { duration, integer, optional, text, type Option } from "./cli/option.ts";
import { DEFAULT_TTL, MAX_TTL } from "./protocol/limits.ts";

/** What the operator decides: flags before `MALTEN_*` variables before presets. */
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

/** A server with less could hardly keep one stream. */
const LEAST_MEMORY = 1024 * 1024;

const PORT = integer({ name: "port", value: "N", help: "port to listen on", preset: "9090" }, 0, 65_535);

const HOST = optional(
  text(
    { name: "host", value: "ADDRESS", help: "address to listen on; all unless given" },
    "an address of this machine",
  ),
);

const MAX_MEMORY: Option<number> = {
  name: "max-memory",
  value: "SIZE",
  help: "memory for all streams, like 512m, 2g or bytes",
  preset: "512m",
  read(given = "") {
    const [, digits, unit = ""] = /^([0-9]{1,12})([kmg]?)b?$/i.exec(given) ?? [];
    const size = Number(digits) * 1024 ** ["", "k", "m", "g"].indexOf(unit.toLowerCase());
    if (size >= LEAST_MEMORY) return size;
    throw new UsageError(
      `--max-memory is a size of 1m or more, like 512m, 2g or a number of bytes, not ${given}`,
    );
  },
};

const TTL = duration(
  {
    name: "ttl",
    value: "TIME",
    help: "life of a stream without a message, like 90, 15m, 2h",
    preset: `${DEFAULT_TTL}`,
  },
  MAX_TTL,
);

const RATE_LIMIT = integer(
  { name: "rate-limit", value: "N", help: "messages a second from one client; 0: any", preset: "10" },
  0,
  1_000_000,
);

/** All that `malten serve` can be told. */
export const CONFIG_OPTIONS: readonly Option<unknown>[] = [PORT, HOST, MAX_MEMORY, TTL, RATE_LIMIT];

/** @throws UsageError for what a value cannot be */
export function readConfig(args: Arguments): Config {
  return {
    port: args.value(PORT),
    host: args.value(HOST),
    maxMemory: args.value(MAX_MEMORY),
    ttl: args.value(TTL),
    rateLimit: args.value(RATE_LIMIT),
  };
}
