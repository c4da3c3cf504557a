import { combineAccess, parseEngineUrl, type EngineAccess } from "./options/engine-url.ts";
import { UsageError } from "./options/errors.ts";
import {
  choice,
  duration,
  flag,
  byteRate,
  integer,
  list,
  optional,
  processes,
  size,
  text,
} from "./options/kinds.ts";
import type { Option } from "./options/option.ts";
import type { OptionValues } from "./options/resolve.ts";
import { parseAddress, parseNetwork, type Network } from "./protocol/address.ts";
import { DEFAULT_TTL, MAX_TTL } from "./protocol/limits.ts";

/** The server's configuration: flags before `MALTEN_*` variables before defaults. */
export interface Config {
  readonly port: number;
  /** Address to listen on; undefined: all addresses. */
  readonly host: string | undefined;
  /** Memory limit for all streams together, in bytes. */
  readonly maxMemory: number;
  /** Idle time-to-live of streams created without one, in seconds. */
  readonly ttl: number;
  /** Messages per second to listed streams that one client may publish; 0: no rate limits. */
  readonly rateLimit: number;
  /** Bytes of messages per second to unlisted streams that one client may publish; 0: unlimited. */
  readonly byteRate: number;
  /** Streams per minute that one client may create; 0: unlimited. */
  readonly streamRate: number;
  /** Connections of all clients together; undefined: as many as memory and descriptors allow. */
  readonly maxConnections: number | undefined;
  readonly maxConnectionsPerClient: number;
  /** Subscriptions of all clients together; undefined: as many as memory allows. */
  readonly maxSubscriptions: number | undefined;
  readonly maxSubscriptionsPerClient: number;
  /** Hosts that requests may be for, besides the default ones; `*`: all. */
  readonly allowHosts: readonly string[];
  /** Origins whose pages may use the server; undefined: all. */
  readonly allowOrigins: readonly string[] | undefined;
  /** Proxies whose X-Forwarded-For and Forwarded are believed. */
  readonly trustProxies: readonly Network[];
  /** Undefined: plain HTTP. */
  readonly tls: TlsConfig | undefined;
  /** Processes that serve clients; `auto`: one per core. */
  readonly workers: number | "auto";
  /** Undefined: streams are kept in the memory of this process. */
  readonly valkey: ValkeyConfig | undefined;
  /** Where to serve metrics; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
  /** Whether a crash may write the memory of the process to disk. */
  readonly allowCoreDumps: boolean;
  readonly logFormat: (typeof LOG_FORMATS)[number];
}

/** Where streams are kept for several servers: in Valkey or Redis. */
export interface ValkeyConfig {
  /** The engine, or a file with its URLs. */
  readonly access: EngineAccess | { readonly file: string };
  /** Certificates of the authorities to trust, a PEM file; undefined: the usual ones. */
  readonly caFile: string | undefined;
}

/** Where the server's certificate comes from. */
export type TlsConfig =
  | { readonly certFile: string; readonly keyFile: string }
  /** Made at start, in memory. */
  | "self-signed";

const LOG_FORMATS = ["text", "json"] as const;

const PORT = integer(
  { name: "port", value: "N", help: "port to listen on; 0: any free port", default: "9090" },
  0,
  65_535,
);

const HOST = optional(
  text(
    { name: "host", value: "ADDRESS", help: "address to listen on (default: all)" },
    "an address of this machine",
  ),
);

const MAX_MEMORY = size({
  name: "max-memory",
  value: "SIZE",
  help: "memory limit of all streams, like 2g",
  default: "512m",
});

const TTL = duration(
  {
    name: "ttl",
    value: "DURATION",
    help: "idle time-to-live of a stream, like 2h",
    default: `${DEFAULT_TTL}s`,
  },
  MAX_TTL,
);

const RATE_LIMIT = integer(
  {
    name: "rate-limit",
    value: "N",
    help: "messages per second per client; 0: no rate limits",
    default: "10",
  },
  0,
  1_000_000,
);

const BYTE_RATE = byteRate({
  name: "byte-rate",
  value: "SIZE",
  help: "bytes per second per client to unlisted streams; 0: no limit",
  default: "1m",
});

const STREAM_RATE = integer(
  { name: "stream-rate", value: "N", help: "new streams per minute per client; 0: no limit", default: "60" },
  0,
  1_000_000,
);

const MAX_OPEN = 100_000_000;

const MAX_CONNECTIONS = optional(
  integer(
    { name: "max-connections", value: "N", help: "open connections (default: by memory and descriptors)" },
    1,
    MAX_OPEN,
  ),
);

const MAX_CONNECTIONS_PER_CLIENT = integer(
  { name: "max-connections-per-client", value: "N", help: "open connections per client", default: "64" },
  1,
  MAX_OPEN,
);

const MAX_SUBSCRIPTIONS = optional(
  integer({ name: "max-subscriptions", value: "N", help: "subscriptions (default: by memory)" }, 1, MAX_OPEN),
);

const MAX_SUBSCRIPTIONS_PER_CLIENT = integer(
  { name: "max-subscriptions-per-client", value: "N", help: "subscriptions per client", default: "1024" },
  1,
  MAX_OPEN,
);

/** Most workers: more than a machine has cores, and few enough to tell each other what clients use. */
export const MAX_WORKERS = 256;

const WORKERS = processes(
  {
    name: "workers",
    value: "N|auto",
    help: "processes that serve clients (Linux); auto: one per core",
    default: "1",
  },
  MAX_WORKERS,
);

const ALLOW_HOST = optional(
  list(
    {
      name: "allow-host",
      value: "NAME,…",
      help: "host names to answer besides those of this machine; *: any",
    },
    (item) => (item === "*" || isHost(item) ? item : undefined),
    "host names without a port, separated by commas, or *",
  ),
);

const ALLOW_ORIGIN = optional(
  list(
    {
      name: "allow-origin",
      value: "ORIGIN,…",
      help: "origins of other pages that may use the server (default: any)",
    },
    (item) => (item === "null" || isOrigin(item) ? item : undefined),
    "origins like https://example.org, separated by commas",
  ),
);

const TRUST_PROXY = optional(
  list(
    {
      name: "trust-proxy",
      value: "CIDR,…",
      help: "proxies whose X-Forwarded-For and Forwarded are believed",
    },
    parseNetwork,
    "addresses or ranges like 127.0.0.1 or 10.0.0.0/8, separated by commas",
  ),
);

const TLS_CERT = optional(
  text(
    { name: "tls-cert", value: "FILE", help: "serve HTTPS with this certificate chain (PEM)" },
    "a PEM file with the certificate chain",
  ),
);

const TLS_KEY = optional(
  text(
    { name: "tls-key", value: "FILE", help: "private key of the certificate (PEM)" },
    "a PEM file with the private key",
  ),
);

const TLS_SELF_SIGNED = flag({
  name: "tls-self-signed",
  help: "serve HTTPS with a certificate made at start",
});

const VALKEY_URL = optional({
  ...list(
    {
      name: "valkey-url",
      value: "URL",
      help: "keep streams in Valkey or Redis for several servers; once per node",
    },
    parseEngineUrl,
    "URLs like valkey://host:6379, or valkeys:// for TLS",
  ),
  isRepeatable: true,
  isSecret: true,
});

const VALKEY_URL_FILE = optional(
  text({ name: "valkey-url-file", value: "FILE", help: "read the URLs from a file, one per line" }, "a file"),
);

const VALKEY_CA = optional(
  text(
    { name: "valkey-ca", value: "FILE", help: "certificates to trust with valkeys:// (PEM)" },
    "a PEM file with certificates",
  ),
);

const METRICS_PORT = optional(
  integer({ name: "metrics-port", value: "N", help: "serve metrics on this port (default: off)" }, 0, 65_535),
);

const METRICS_HOST = text(
  { name: "metrics-host", value: "ADDRESS", help: "address to serve metrics on", default: "127.0.0.1" },
  "an address of this machine",
);

const ALLOW_CORE_DUMPS = flag({
  name: "allow-core-dumps",
  help: "let a crash write messages to disk, to debug it",
});

const LOG_FORMAT = choice(
  { name: "log-format", help: "format of the log on standard error", default: "text" },
  LOG_FORMATS,
);

/** The options of `malten serve`. */
export const CONFIG_OPTIONS: readonly Option<unknown>[] = [
  PORT,
  HOST,
  MAX_MEMORY,
  TTL,
  RATE_LIMIT,
  BYTE_RATE,
  STREAM_RATE,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_CLIENT,
  MAX_SUBSCRIPTIONS,
  MAX_SUBSCRIPTIONS_PER_CLIENT,
  WORKERS,
  ALLOW_HOST,
  ALLOW_ORIGIN,
  TRUST_PROXY,
  TLS_CERT,
  TLS_KEY,
  TLS_SELF_SIGNED,
  VALKEY_URL,
  VALKEY_URL_FILE,
  VALKEY_CA,
  METRICS_PORT,
  METRICS_HOST,
  LOG_FORMAT,
  ALLOW_CORE_DUMPS,
];

/** @throws UsageError for an invalid value */
export function readConfig(values: OptionValues): Config {
  return {
    port: values.value(PORT),
    host: values.value(HOST),
    maxMemory: values.value(MAX_MEMORY),
    ttl: values.value(TTL),
    rateLimit: values.value(RATE_LIMIT),
    byteRate: values.value(BYTE_RATE),
    streamRate: values.value(STREAM_RATE),
    maxConnections: values.value(MAX_CONNECTIONS),
    maxConnectionsPerClient: values.value(MAX_CONNECTIONS_PER_CLIENT),
    maxSubscriptions: values.value(MAX_SUBSCRIPTIONS),
    maxSubscriptionsPerClient: values.value(MAX_SUBSCRIPTIONS_PER_CLIENT),
    workers: values.value(WORKERS),
    allowHosts: values.value(ALLOW_HOST) ?? [],
    allowOrigins: values.value(ALLOW_ORIGIN),
    trustProxies: values.value(TRUST_PROXY) ?? [],
    tls: readTls(values),
    valkey: readValkey(values),
    metricsPort: values.value(METRICS_PORT),
    metricsHost: values.value(METRICS_HOST),
    allowCoreDumps: values.value(ALLOW_CORE_DUMPS),
    logFormat: values.value(LOG_FORMAT),
  };
}

function readTls(values: OptionValues): TlsConfig | undefined {
  const certFile = values.value(TLS_CERT);
  const keyFile = values.value(TLS_KEY);
  const given = certFile !== undefined || keyFile !== undefined;
  if (values.value(TLS_SELF_SIGNED)) {
    if (given) throw new UsageError("--tls-self-signed cannot be used with --tls-cert and --tls-key");
    return "self-signed";
  }
  if (!given) return undefined;
  if (certFile === undefined) throw new UsageError("--tls-key requires --tls-cert");
  if (keyFile === undefined) throw new UsageError("--tls-cert requires --tls-key");
  return { certFile, keyFile };
}

function readValkey(values: OptionValues): ValkeyConfig | undefined {
  const urls = values.value(VALKEY_URL);
  const file = values.value(VALKEY_URL_FILE);
  const caFile = values.value(VALKEY_CA);
  if (urls !== undefined && file !== undefined)
    throw new UsageError("--valkey-url cannot be used with --valkey-url-file");
  if (file !== undefined) return { access: { file }, caFile };
  if (urls === undefined) {
    if (caFile !== undefined) throw new UsageError("--valkey-ca requires --valkey-url");
    return undefined;
  }
  if (values.isFlag(VALKEY_URL) && urls.some(({ password }) => password !== undefined)) {
    throw new UsageError(
      "a password in --valkey-url is visible to other users of this machine. Set MALTEN_VALKEY_URL or use --valkey-url-file",
    );
  }
  return { access: combineAccess(urls), caFile };
}

/** Reports whether this can be the host of a URL, without a port. */
function isHost(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,253}$/.test(name) || parseAddress(name) !== undefined;
}

function isOrigin(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).origin === origin;
}
