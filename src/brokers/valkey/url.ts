import type { Address } from "./connection.ts";

/** The parts of the URL of an engine. */
export interface EngineUrl {
  readonly address: Address;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const DEFAULT_PORT = 6379;

const SCHEMES: Readonly<Record<string, { readonly tls: boolean }>> = {
  "redis:": { tls: false },
  "valkey:": { tls: false },
  "rediss:": { tls: true },
  "valkeys:": { tls: true },
};

/** Parses `valkey://user:password@host:6379`, with the scheme `valkeys` for TLS, or `redis` and `rediss`; undefined for anything else. */
export function parseEngineUrl(given: string): EngineUrl | undefined {
  if (!URL.canParse(given)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(given);
  const scheme = SCHEMES[protocol];
  if (scheme === undefined || hostname === "" || search !== "" || hash !== "") return undefined;
  // A number there would choose a database, of which a cluster has only one.
  if (!["", "/", "/0"].includes(pathname)) return undefined;
  return {
    address: {
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? DEFAULT_PORT : Number(port),
    },
    tls: scheme.tls,
    username: username === "" ? undefined : decodeURIComponent(username),
    password: password === "" ? undefined : decodeURIComponent(password),
  };
}
