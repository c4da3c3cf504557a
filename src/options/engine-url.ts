import { UsageError } from "./errors.ts";

/** How to reach and enter an engine: Valkey or Redis. */
export interface EngineAccess {
  /** One or more nodes. */
  readonly nodes: readonly EngineAddress[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

interface EngineAddress {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 6379;

const MAX_PORT = 65_535;

/** Scheme, user, password, host or [address], port. A path other than /0 would choose a database, of which a cluster has one. */
const URL_PATTERN =
  /^(redis|valkey)(s?):\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:\/0?)?$/;

/**
 * Parses `valkey://user:password@host:6379`, with the scheme `valkeys` for TLS, or `redis` and `rediss`; undefined for anything else.
 */
export function parseEngineUrl(given: string): EngineAccess | undefined {
  const [, engine, tls, username = "", password = "", host = "", port] = URL_PATTERN.exec(given) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (engine === undefined || number === 0 || number > MAX_PORT) return undefined;
  const node = { host: host.replace(/^\[(.*)\]$/, "$1"), port: number };
  return { nodes: [node], username: decoded(username), password: decoded(password), tls: tls === "s" };
}

/**
 * Combines the URLs of several nodes.
 * @throws UsageError if they differ in more than the node: all nodes of an engine are entered in the same way
 */
export function combineAccess(urls: readonly EngineAccess[]): EngineAccess {
  const [first, ...rest] = urls;
  if (first === undefined) throw new UsageError("--valkey-url is missing");
  for (const { username, password, tls } of rest) {
    if (username !== first.username || password !== first.password || tls !== first.tls)
      throw new UsageError("the URLs of --valkey-url must have the same scheme, user and password");
  }
  return { ...first, nodes: urls.flatMap(({ nodes }) => nodes) };
}

/** Reads a file with a URL per line; empty lines and those that begin with # are skipped. @throws UsageError without its content */
export function parseUrlFile(content: string): readonly EngineAccess[] {
  const lines = content.split("\n").map((line) => line.trim());
  return lines.flatMap((line, i) => {
    if (line === "" || line.startsWith("#")) return [];
    const access = parseEngineUrl(line);
    if (access === undefined) throw new UsageError(`invalid URL in line ${i + 1} of --valkey-url-file`);
    return [access];
  });
}

/** Percent-decoded; undefined for an empty part. */
function decoded(part: string): string | undefined {
  try {
    return part === "" ? undefined : decodeURIComponent(part);
  } catch {
    return part;
  }
}
