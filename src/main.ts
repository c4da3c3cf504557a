import page from "../dist/page.json" with { type: "json" };
import { version } from "../package.json" with { type: "json" };
import { lookup } from "node:dns/promises";
import { availableParallelism } from "node:os";
import { isatty } from "node:tty";
import { readFileSync } from "node:fs";
import { MemoryBroker } from "./brokers/memory/broker.ts";
import { ValkeyBroker } from "./brokers/valkey/broker.ts";
import { serveCommand, type RunningServer } from "./cli/commands/serve.ts";
import { Interrupted } from "./cli/failure.ts";
import { Output } from "./cli/output.ts";
import { runCommand } from "./cli/run.ts";
import type { Session } from "./cli/session.ts";
import { Terminal } from "./cli/terminal.ts";
import {
  CONFIG_OPTIONS,
  MAX_WORKERS,
  readConfig,
  type Config,
  type TlsConfig,
  type ValkeyConfig,
} from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { Counters } from "./core/counters.ts";
import type { Broker, Maybe } from "./core/broker.ts";
import { Hub } from "./core/hub.ts";
import { IdGenerator } from "./core/id-generator.ts";
import { randomLetters } from "./core/random.ts";
import { combineAccess, parseUrlFile } from "./options/engine-url.ts";
import { UsageError } from "./options/errors.ts";
import { preventCoreDumps } from "./server/core-dumps.ts";
import { defaultMaxConnections, defaultMaxSubscriptions, descriptorLimit } from "./server/limits/defaults.ts";
import { ServerLog } from "./server/log.ts";
import type { ServerLimits } from "./server/http/request-context.ts";
import { metricsOf, type MetricsSource } from "./server/metrics/metrics.ts";
import { processUsage } from "./server/metrics/process-usage.ts";
import { serveMetrics } from "./server/metrics/serve-metrics.ts";
import { guardMemory } from "./server/memory-guard.ts";
import { pages } from "./server/pages.ts";
import { serve, type RunningServer as Served } from "./server/serve.ts";
import { eventLoopScheduler } from "./server/scheduler.ts";
import { CertificateError, readCertificate, type Certificate } from "./server/tls/certificate.ts";
import { reloadCertificate, warnIfExpired } from "./server/tls/reload.ts";
import { hasLink, runWorker } from "./workers/worker.ts";
import { WorkerFront } from "./workers/worker-front.ts";

/** Runs a worker process. Not a command for users: it needs a link to a main process. */
const WORKER_COMMAND = "worker";

const clock: Clock = {
  wall: () => Date.now() * 1000,
  monotonic: () => performance.now(),
};

if (process.argv[2] === WORKER_COMMAND && hasLink()) await runWorker(clock, pages(page));

const interrupt = new AbortController();
const stopOn = (signal: NodeJS.Signals): void => {
  process.on(signal, () => {
    // The second one ends a shutdown that takes too long.
    if (interrupt.signal.aborted) process.exit(new Interrupted(signal).exitCode);
    interrupt.abort(new Interrupted(signal));
  });
};
stopOn("SIGTERM");
stopOn("SIGINT");

const session: Session = {
  version,
  environment: process.env,
  input: process.stdin,
  output: new Output(process.stdout, process.env, interrupt.signal),
  errors: new Output(process.stderr, process.env, interrupt.signal),
  terminal: () => Terminal.open(process.env, interrupt.signal),
  signal: interrupt.signal,
  stopOn,
};

const command = serveCommand(CONFIG_OPTIONS, (values) => start(readConfig(values)));
process.exit(await runCommand(command, process.argv.slice(2), session));

/** What serves clients: this process or its workers. */
interface Front extends Pick<Served, "url" | "certificate" | "replaceCertificate" | "stop"> {
  /** Returns what it counts, has open and uses now. */
  measure(): Pick<MetricsSource, "counters" | "connections" | "listenedStreams" | "isReady" | "usage">;
}

/** What a front needs. */
interface FrontSetting {
  readonly port: number;
  readonly host: string | undefined;
  readonly certificate: Certificate | undefined;
  readonly limits: ServerLimits;
  readonly broker: Broker;
  readonly ids: IdGenerator;
  readonly counters: Counters;
  readonly log: ServerLog;
}

/** Serves clients in this process. */
function serveHere({ broker, ids, counters, ...options }: FrontSetting): Front {
  const hub = new Hub(broker, ids, clock, eventLoopScheduler, undefined, counters);
  const server = serve({ ...options, hub, clock, pages: pages(page) });
  const measure = () => ({
    counters,
    connections: server.connections(),
    listenedStreams: hub.listenedStreams,
    isReady: hub.isReady(),
    usage: processUsage(),
  });
  return { ...server, measure };
}

/** Serves clients by worker processes. */
function serveWithWorkers(
  workers: number,
  { broker, ids, counters, log, ...serving }: FrontSetting,
  { logFormat, allowCoreDumps }: Config,
): Promise<Front> {
  const settings = { ...serving, workers, logFormat, allowCoreDumps };
  return WorkerFront.start({ command: workerCommand(), broker, ids, clock, counters, log, settings });
}

/** Returns the program and the arguments that run a worker: those of this process. */
function workerCommand(): string[] {
  // The same file also after it was replaced by another version.
  const program = "/proc/self/exe";
  const isExecutable = Bun.main.startsWith("/$bunfs/");
  return isExecutable ? [program, WORKER_COMMAND] : [program, ...process.execArgv, Bun.main, WORKER_COMMAND];
}

/** Returns the number of workers. @throws UsageError if there cannot be more than one */
function workerCount({ workers, valkey }: Config): number {
  const isLinux = process.platform === "linux";
  if (workers === "auto")
    return isLinux && valkey === undefined ? Math.min(availableParallelism(), MAX_WORKERS) : 1;
  if (workers === 1) return 1;
  if (!isLinux) throw new UsageError("--workers needs Linux: other systems do not spread connections");
  if (valkey !== undefined)
    throw new UsageError("--workers cannot be used with --valkey-url: start several servers instead");
  return workers;
}

/** Wires the modules together and starts the server. @throws UsageError if it cannot listen */
async function start(config: Config): Promise<RunningServer> {
  const { port, host, ttl, maxMemory, tls } = config;
  const workers = workerCount(config);
  const ids = new IdGenerator(clock, randomLetters(8));
  const log = new ServerLog((line) => process.stderr.write(`${line}\n`), clock, config.logFormat);
  const broker =
    config.valkey === undefined
      ? new MemoryBroker({ ttl, maxMemory, onRead: (bytes) => guard.made(bytes) }, ids, clock)
      : openValkey(config.valkey, ttl, log);
  const memory = broker instanceof MemoryBroker ? broker : undefined;
  const counters = new Counters();
  const guard = guardMemory(() => memory?.memory.used ?? 0, counters, maxMemory, clock);
  if (!config.allowCoreDumps) preventCoreDumps(log);
  const descriptors = descriptorLimit();
  const limits: ServerLimits = {
    ...config,
    maxConnections: config.maxConnections ?? defaultMaxConnections(maxMemory, workers * descriptors),
    maxSubscriptions: config.maxSubscriptions ?? defaultMaxSubscriptions(maxMemory),
  };
  const certificate = await makeCertificate(tls, host);
  const { maxConnections, maxSubscriptions } = limits;
  const sizes = { ttl, maxMemory, maxConnections, maxSubscriptions };
  log.lifecycle("starting", { version, tls: certificate !== undefined, ...sizes });
  const setting = { port, host, certificate, limits, broker, ids, counters, log };
  const server = await listen({ port, host, flag: "--port" }, () =>
    workers === 1 ? serveHere(setting) : serveWithWorkers(workers, setting, config),
  );
  const url = new URL(server.url);
  if (host === undefined) url.hostname = "localhost";
  log.lifecycle("listening", { url: url.origin });
  const notes: string[] = [];
  if (tls === "self-signed" && certificate !== undefined)
    notes.push(`Self-signed certificate with SHA-256 fingerprint ${certificate.fingerprint}`);
  if (certificate !== undefined) warnIfExpired(certificate, log, clock);
  onHangUp(() => {
    if (typeof tls === "object") reloadCertificate(tls, server, log, clock);
    else log.info("SIGHUP: no certificate files to reload");
  });

  const { metricsPort, metricsHost } = config;
  const metrics =
    metricsPort === undefined
      ? undefined
      : await listen({ port: metricsPort, host: metricsHost, flag: "--metrics-port" }, () =>
          serveMetrics({ port: metricsPort, host: metricsHost, log }, () =>
            metricsOf({
              ...server.measure(),
              version,
              kept: memory && {
                streams: memory.size,
                storedBytes: memory.memory.used,
                allocatedBytes: memory.memory.resident,
              },
              limits,
              certificateExpiresAt: server.certificate()?.expiresAt,
              descriptorLimit: workers === 1 ? descriptors : (1 + workers) * descriptors,
            }),
          ),
        );
  if (metrics !== undefined) {
    notes.push(`Metrics at ${metrics.url.origin}/metrics`);
    log.lifecycle("serving metrics", { url: `${metrics.url.origin}/metrics` });
  }

  return {
    url,
    notes,
    async stop() {
      log.lifecycle("shutting down");
      await server.stop();
      await metrics?.stop();
      if (broker instanceof ValkeyBroker) broker.close();
      log.lifecycle("stopped");
    },
    logError: (where, error) => log.error(where, error),
  };
}

/** Begins to connect to the engine. @throws UsageError for a file that cannot be read */
function openValkey({ access, caFile }: ValkeyConfig, ttl: number, log: ServerLog): ValkeyBroker {
  const { nodes, username, password, tls } =
    "file" in access ? combineAccess(parseUrlFile(readText(access.file, "--valkey-url-file"))) : access;
  const ca = caFile === undefined ? undefined : readText(caFile, "--valkey-ca");
  const options = {
    ttl,
    nodes,
    credentials: { username, password, tls: tls ? { ca } : undefined },
    warn: (text: string) => log.warning(text),
    info: (text: string) => log.info(text),
  };
  return new ValkeyBroker(options, clock);
}

/** @throws UsageError */
function readText(file: string, flag: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${flag} ${file}`, { cause: error });
  }
}

/** @throws UsageError */
async function makeCertificate(
  tls: TlsConfig | undefined,
  host: string | undefined,
): Promise<Certificate | undefined> {
  if (tls === "self-signed") {
    // Only when needed: the library takes 25 ms to load.
    const { machineNames, selfSignedCertificate } = await import("./server/tls/self-signed.ts");
    const names = new Set([...machineNames(), ...(host === undefined ? [] : [host])]);
    return selfSignedCertificate(Array.from(names), clock.wall() / 1000);
  }
  try {
    return tls && readCertificate(tls);
  } catch (error) {
    if (error instanceof CertificateError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/**
 * Calls `reload` on SIGHUP. The signal also means that the terminal was closed: the server then stops, as all programs in that
 * terminal do.
 */
function onHangUp(reload: () => void): void {
  const terminal = [0, 1, 2].find((descriptor) => isatty(descriptor));
  process.on("SIGHUP", () => {
    if (terminal !== undefined && !isatty(terminal)) interrupt.abort(new Interrupted("SIGHUP"));
    else if (!interrupt.signal.aborted) reload();
  });
}

/** Where to listen, and the flag to choose another port. */
interface Listening {
  readonly port: number;
  readonly host: string | undefined;
  readonly flag: string;
}

/** Starts to listen. @throws UsageError that explains why that is not possible */
async function listen<T>(where: Listening, open: () => Maybe<T>): Promise<T> {
  try {
    // Bun reports a name that does not resolve as a port in use.
    if (where.host !== undefined) await lookup(where.host);
    return await open();
  } catch (error) {
    throw new UsageError(listenProblem(error, where), { cause: error });
  }
}

/** Explains why the server cannot listen. @throws the error itself if it has another cause */
function listenProblem(error: unknown, { port, host, flag }: Listening): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `port ${port} is already in use. Stop the other program or choose another port with ${flag}`;
  if (code === "EACCES")
    return `no permission to listen on port ${port}. Use a port above 1023: ${flag} 9090`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `cannot listen on ${host ?? "all addresses"}: not an address of this machine`;
  throw error;
}
