import page from "../dist/page.json" with { type: "json" };
import { version } from "../package.json" with { type: "json" };
import { lookup } from "node:dns/promises";
import { MemoryBroker } from "./brokers/memory.ts";
import { ConfigError, HELP, readConfig, type Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { Hub } from "./core/hub.ts";
import { Numbering } from "./core/numbering.ts";
import { randomLetters } from "./core/random.ts";
import { pages } from "./server/pages.ts";
import { serve, type RunningServer } from "./server/serve.ts";
import { endOfTurn } from "./server/turn.ts";

const clock: Clock = {
  wall: () => Date.now() * 1000,
  monotonic: () => performance.now(),
};

await main();

async function main(): Promise<void> {
  try {
    const invocation = readConfig(process.argv.slice(2), process.env);
    if (invocation.command === "help") console.log(HELP);
    else if (invocation.command === "version") console.log(version);
    else await run(invocation.config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`malten: ${error.message}`);
    process.exit(2);
  }
}

/** Serves until it is told to stop. */
async function run(config: Config): Promise<void> {
  const server = await start(config);
  const stop = () => {
    void server.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);

  const shown = new URL(server.url);
  if (config.host === undefined) shown.hostname = "localhost";
  console.log(`malten ${version}: ${shown.href}`);
}

/** Puts the rooms together. */
async function start({ port, host, ttl, maxMemory }: Config): Promise<RunningServer> {
  const numbering = new Numbering(clock, randomLetters(8));
  const broker = new MemoryBroker({ ttl, maxMemory }, numbering, clock);
  const hub = new Hub(broker, numbering, clock, endOfTurn);
  try {
    // The runtime says of a name that does not resolve that its port is taken.
    if (host !== undefined) await lookup(host);
    return serve({ port, host, hub, clock, limits: { ttl, maxMemory }, pages: pages(page) });
  } catch (error) {
    throw new ConfigError(listenProblem(error, port, host), { cause: error });
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
