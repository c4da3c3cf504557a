import page from "../dist/page.json" with { type: "json" };
import { version } from "../package.json" with { type: "json" };
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { MemoryBroker } from "./brokers/memory/broker.ts";
import type { Command } from "./cli/command.ts";
import { EXIT, Interrupted, UsageError } from "./cli/failure.ts";
import { Output } from "./cli/output.ts";
import { runCommand } from "./cli/run.ts";
import type { Session } from "./cli/session.ts";
import { CONFIG_OPTIONS, readConfig, type Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { Hub } from "./core/hub.ts";
import { IdGenerator } from "./core/id-generator.ts";
import { randomLetters } from "./core/random.ts";
import { pages } from "./server/pages.ts";
import { serve, type RunningServer } from "./server/serve.ts";
import { endOfTurn } from "./server/turn.ts";

const clock: Clock = {
  wall: () => Date.now() * 1000,
  monotonic: () => performance.now(),
};

const serving: Command = {
  name: "serve",
  summary: "serve streams; malten alone does it, too",
  details: ["Serves streams over HTTP until it is told to stop. Nothing is written to disk."],
  arguments: [],
  options: CONFIG_OPTIONS,
  run: (args, session) => run(readConfig(args), session),
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

process.exit(await runCommand(serving, process.argv.slice(2), session));

/** Serves until it is told to stop. */
async function run(config: Config, { output, signal }: Session): Promise<number> {
  const server = await start(config);
  const told = once(signal, "abort");
  const shown = new URL(server.url);
  if (config.host === undefined) shown.hostname = "localhost";
  await output.line(`malten ${version}: ${shown.href}`);
  await told;
  await server.stop();
  return EXIT.done;
}

/** Puts the rooms together. */
async function start({ port, host, ttl, maxMemory }: Config): Promise<RunningServer> {
  const ids = new IdGenerator(clock, randomLetters(8));
  const broker = new MemoryBroker({ ttl, maxMemory }, ids, clock);
  const hub = new Hub(broker, ids, clock, endOfTurn);
  try {
    // The runtime says of a name that does not resolve that its port is taken.
    if (host !== undefined) await lookup(host);
    return serve({ port, host, hub, clock, limits: { ttl, maxMemory }, pages: pages(page) });
  } catch (error) {
    throw new UsageError(listenProblem(error, port, host), { cause: error });
  }
}

/** Why the server cannot listen, and what to do. @throws what is not about listening */
function listenProblem(error: unknown, port: number, host: string | undefined): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `Port ${port} is taken. Stop what uses it, or choose another with --port`;
  if (code === "EACCES")
    return `Port ${port} needs rights that this user does not have. Choose one above 1023: --port 9090`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `${host ?? "The address"} is not an address of this machine`;
  throw error;
}
