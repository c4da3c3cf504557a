import page from "../dist/page.json" with { type: "json" };
import { version } from "../package.json" with { type: "json" };
import { lookup } from "node:dns/promises";
import { MemoryBroker } from "./brokers/memory/broker.ts";
import { serveCommand, type RunningServer } from "./cli/commands/serve.ts";
import { Interrupted } from "./cli/failure.ts";
import { Output } from "./cli/output.ts";
import { runCommand } from "./cli/run.ts";
import type { Session } from "./cli/session.ts";
import { CONFIG_OPTIONS, readConfig, type Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { Hub } from "./core/hub.ts";
import { IdGenerator } from "./core/id-generator.ts";
import { randomLetters } from "./core/random.ts";
import { UsageError } from "./options/errors.ts";
import { defaultMaxConnections, defaultMaxSubscriptions, descriptorLimit } from "./server/limits/defaults.ts";
import { ErrorLog } from "./server/log.ts";
import { pages } from "./server/pages.ts";
import { serve } from "./server/serve.ts";
import { eventLoopScheduler } from "./server/scheduler.ts";

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
  const { port, host, ttl, maxMemory, maxConnectionsPerClient, maxSubscriptionsPerClient } = config;
  const ids = new IdGenerator(clock, randomLetters(8));
  const broker = new MemoryBroker({ ttl, maxMemory }, ids, clock);
  const hub = new Hub(broker, ids, clock, eventLoopScheduler);
  try {
    // Bun reports a name that does not resolve as a port in use.
    if (host !== undefined) await lookup(host);
    const log = new ErrorLog((line) => process.stderr.write(`${line}\n`), clock);
    const limits = {
      ttl,
      maxMemory,
      maxConnections: config.maxConnections ?? defaultMaxConnections(maxMemory, descriptorLimit()),
      maxConnectionsPerClient,
      maxSubscriptions: config.maxSubscriptions ?? defaultMaxSubscriptions(maxMemory),
      maxSubscriptionsPerClient,
    };
    const server = serve({ port, host, hub, clock, limits, pages: pages(page), log });
    const url = new URL(server.url);
    if (host === undefined) url.hostname = "localhost";
    return { url, stop: () => server.stop() };
  } catch (error) {
    throw new UsageError(listenProblem(error, port, host), { cause: error });
  }
}

/** Explains why the server cannot listen. @throws the error itself if it has another cause */
function listenProblem(error: unknown, port: number, host: string | undefined): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `port ${port} is already in use. Stop the other program or choose another port with --port`;
  if (code === "EACCES") return `no permission to listen on port ${port}. Use a port above 1023: --port 9090`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `cannot listen on ${host ?? "all addresses"}: not an address of this machine`;
  throw error;
}
