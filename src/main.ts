import page from "../dist/page.json" with { type: "json" };
import { version } from "../package.json" with { type: "json" };
import { lookup } from "node:dns/promises";
import { isatty } from "node:tty";
import { MemoryBroker } from "./brokers/memory/broker.ts";
import { serveCommand, type RunningServer } from "./cli/commands/serve.ts";
import { Interrupted } from "./cli/failure.ts";
import { Output } from "./cli/output.ts";
import { runCommand } from "./cli/run.ts";
import type { Session } from "./cli/session.ts";
import { CONFIG_OPTIONS, readConfig, type Config, type TlsConfig } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { Hub } from "./core/hub.ts";
import { IdGenerator } from "./core/id-generator.ts";
import { randomLetters } from "./core/random.ts";
import { UsageError } from "./options/errors.ts";
import { defaultMaxConnections, defaultMaxSubscriptions, descriptorLimit } from "./server/limits/defaults.ts";
import { ServerLog } from "./server/log.ts";
import { pages } from "./server/pages.ts";
import { serve } from "./server/serve.ts";
import { eventLoopScheduler } from "./server/scheduler.ts";
import { CertificateError, readCertificate, type Certificate } from "./server/tls/certificate.ts";
import { reloadCertificate, warnIfExpired } from "./server/tls/reload.ts";
import { machineNames, selfSignedCertificate } from "./server/tls/self-signed.ts";

const clock: Clock = {
  wall: () => Date.now() * 1000,
  monotonic: () => performance.now(),
};

const interrupt = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => interrupt.abort(new Interrupted(signal)));

const session: Session = {
  version,
  environment: process.env,
  input: process.stdin,
  output: new Output(process.stdout, process.env, interrupt.signal),
  errors: new Output(process.stderr, process.env, interrupt.signal),
  signal: interrupt.signal,
};

const command = serveCommand(CONFIG_OPTIONS, (values) => start(readConfig(values)));
process.exit(await runCommand(command, process.argv.slice(2), session));

/** Wires the modules together and starts the server. @throws UsageError if it cannot listen */
async function start(config: Config): Promise<RunningServer> {
  const { port, host, ttl, maxMemory, maxConnectionsPerClient, maxSubscriptionsPerClient, tls } = config;
  const ids = new IdGenerator(clock, randomLetters(8));
  const broker = new MemoryBroker({ ttl, maxMemory }, ids, clock);
  const hub = new Hub(broker, ids, clock, eventLoopScheduler);
  const log = new ServerLog((line) => process.stderr.write(`${line}\n`), clock, config.logFormat);
  try {
    // Bun reports a name that does not resolve as a port in use.
    if (host !== undefined) await lookup(host);
    const limits = {
      ttl,
      maxMemory,
      maxConnections: config.maxConnections ?? defaultMaxConnections(maxMemory, descriptorLimit()),
      maxConnectionsPerClient,
      maxSubscriptions: config.maxSubscriptions ?? defaultMaxSubscriptions(maxMemory),
      maxSubscriptionsPerClient,
    };
    const certificate = makeCertificate(tls, host);
    log.lifecycle("starting", { version, port, host, tls: certificate !== undefined, ...limits });
    const server = serve({ port, host, certificate, hub, clock, limits, pages: pages(page), log });
    if (certificate !== undefined) warnIfExpired(certificate, log, clock);
    const reload = () => {
      if (typeof tls === "object") reloadCertificate(tls, server, log, clock);
      else log.info("SIGHUP: no certificate files to reload");
    };
    const stopReloading = onHangUp(reload);
    const url = new URL(server.url);
    if (host === undefined) url.hostname = "localhost";
    log.lifecycle("listening", { url: url.origin });
    return {
      url,
      ...(tls === "self-signed" && { fingerprint: certificate?.fingerprint }),
      async stop() {
        log.lifecycle("shutting down");
        stopReloading();
        await server.stop();
        log.lifecycle("stopped");
      },
    };
  } catch (error) {
    throw new UsageError(listenProblem(error, port, host), { cause: error });
  }
}

function makeCertificate(tls: TlsConfig | undefined, host: string | undefined): Certificate | undefined {
  if (tls !== "self-signed") return tls && readCertificate(tls);
  const names = new Set([...machineNames(), ...(host === undefined ? [] : [host])]);
  return selfSignedCertificate(Array.from(names), clock.wall() / 1000);
}

/**
 * Calls `reload` on SIGHUP, until the returned function is called. The signal also means that the terminal was closed: the
 * server then stops, as all programs in that terminal do.
 */
function onHangUp(reload: () => void): () => void {
  const terminal = [0, 1, 2].find((descriptor) => isatty(descriptor));
  const onSignal = () => {
    if (terminal !== undefined && !isatty(terminal)) interrupt.abort(new Interrupted("SIGHUP"));
    else reload();
  };
  process.on("SIGHUP", onSignal);
  return () => process.off("SIGHUP", onSignal);
}

/** Explains why the server cannot listen. @throws the error itself if it has another cause */
function listenProblem(error: unknown, port: number, host: string | undefined): string {
  if (error instanceof CertificateError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `port ${port} is already in use. Stop the other program or choose another port with --port`;
  if (code === "EACCES") return `no permission to listen on port ${port}. Use a port above 1023: --port 9090`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `cannot listen on ${host ?? "all addresses"}: not an address of this machine`;
  throw error;
}
