import type { Reply, ReplyError } from "./resp.ts";

/** The oldest version with sharded channels. Valkey began with 7.2. */
const LEAST_VERSION = 7;

/** The engine answers, but cannot be used as it is. The message says why and what to do, for the operator. */
export class EngineUnusable extends Error {
  override readonly name = "EngineUnusable";
}

/** What an engine says of itself. */
export interface EngineInfo {
  /** `Valkey 8.0.1` */
  readonly product: string;
  readonly isCluster: boolean;
  readonly isReplica: boolean;
}

/** Reads the answer to `INFO`. @throws EngineUnusable if the engine is too old or still loads its data */
export function readInfo(text: string): EngineInfo {
  const fields = new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(":");
      return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
  const valkey = fields.get("valkey_version");
  const version = valkey ?? fields.get("redis_version") ?? "";
  const product = `${valkey === undefined ? "Redis" : "Valkey"} ${version}`;
  if (!(Number.parseInt(version, 10) >= LEAST_VERSION))
    throw new EngineUnusable(
      `${product} is too old: Malten requires Valkey, or Redis ${LEAST_VERSION}.0 or later`,
    );
  if (fields.get("loading") === "1") throw new EngineUnusable(`${product} is still loading its data`);
  return {
    product,
    isCluster: fields.get("cluster_enabled") === "1",
    isReplica: fields.get("role") === "slave",
  };
}

/** Explains why an engine refused the greeting. */
export function greetingProblem({ code, message }: ReplyError): EngineUnusable {
  switch (code) {
    case "WRONGPASS":
      return new EngineUnusable("wrong user name or password");
    case "NOAUTH":
      return new EngineUnusable("a password is required");
    case "NOPERM":
      return new EngineUnusable(
        "the user lacks permissions: it needs keys and channels m:{*, and the commands in docs/several-servers.md",
      );
    case "NOPROTO":
      return new EngineUnusable("too old: Malten requires Valkey, or Redis 7.0 or later");
    default:
      if (message.includes("unknown command"))
        return new EngineUnusable("too old: Malten requires Valkey, or Redis 7.0 or later");
      if (message.includes("AUTH") && message.includes("without any password"))
        return new EngineUnusable("the URL has a password, but the engine has none");
      return new EngineUnusable(`refused the connection (${code})`);
  }
}

/** The settings that Malten depends on. */
export const CHECKED_SETTINGS = [
  "save",
  "appendonly",
  "maxmemory",
  "maxmemory-policy",
  "repl-diskless-load",
  "min-replicas-to-write",
] as const;

/** Returns a warning for each setting that breaks a promise of Malten. `reply`: the answer to `CONFIG GET`. */
export function settingWarnings(reply: Reply, { isCluster }: EngineInfo): string[] {
  if (!Array.isArray(reply)) return [];
  const settings = new Map<string, string>();
  for (let i = 0; i + 1 < reply.length; i += 2) settings.set(String(reply[i]), String(reply[i + 1]));
  const warnings: string[] = [];
  const warn = (
    name: (typeof CHECKED_SETTINGS)[number],
    isWrong: (value: string) => boolean,
    why: string,
  ) => {
    const value = settings.get(name);
    if (value !== undefined && isWrong(value)) warnings.push(`${name} is "${value}": ${why}`);
  };
  warn("save", (value) => value !== "", 'messages are written to disk. Set: save ""');
  warn("appendonly", (value) => value !== "no", "messages are written to disk. Set: appendonly no");
  warn(
    "maxmemory",
    (value) => value === "0",
    "messages can fill the memory of the machine. Set: maxmemory 1gb",
  );
  warn(
    "maxmemory-policy",
    (value) => value !== "noeviction",
    "live streams are evicted. Set: maxmemory-policy noeviction",
  );
  if (!isCluster) return warnings;
  warn(
    "repl-diskless-load",
    (value) => value === "disabled",
    "a replica writes messages to disk when it joins. Set: repl-diskless-load swapdb",
  );
  warn(
    "min-replicas-to-write",
    (value) => value === "0",
    "a primary that is cut off accepts messages that will be lost. Set: min-replicas-to-write 1",
  );
  return warnings;
}
