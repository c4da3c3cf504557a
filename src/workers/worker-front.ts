import { WorkerLinks } from "../brokers/workers/worker-links.ts";
import type { Broker } from "../core/broker.ts";
import type { Clock } from "../core/clock.ts";
import { copyString } from "../core/copy-string.ts";
import type { Counters } from "../core/counters.ts";
import type { IdGenerator } from "../core/id-generator.ts";
import type { ServerLimits } from "../server/http/request-context.ts";
import { clientCapacity, clientContext } from "../server/limits/client-context.ts";
import { ClientTable } from "../server/limits/client-table.ts";
import { holdPort, type HeldPort } from "../server/held-port.ts";
import { findFreePort } from "../server/listeners.ts";
import type { Logger } from "../server/log.ts";
import type { MetricsSource } from "../server/metrics/metrics.ts";
import { processUsage } from "../server/metrics/process-usage.ts";
import { eventLoopScheduler } from "../server/scheduler.ts";
import type { Certificate } from "../server/tls/certificate.ts";
import type { WorkerSettings } from "./control.ts";
import { addCounts, countsOf, sumUsage } from "./reports.ts";
import { WorkerPool } from "./worker-pool.ts";

/** Interval of periodic work, in milliseconds. */
const TICK = 1000;

/** How long a shutdown waits for workers that are behind, in milliseconds. */
const CATCH_UP_TIME = 5000;

/** How long to wait for a port, and between attempts, in milliseconds. */
const PATIENCE = 2000;
const RETRY = 50;

export interface FrontOptions {
  /** Program and arguments that run a worker. */
  readonly command: readonly string[];
  readonly broker: Broker;
  readonly ids: IdGenerator;
  readonly clock: Clock;
  readonly log: Logger;
  /** What this process counts. */
  readonly counters: Counters;
  readonly settings: Omit<WorkerSettings, "server">;
}

/** Serves clients by worker processes, which share the broker of this one. */
export class WorkerFront {
  private certificateNow: Certificate | undefined;
  private isWorking = false;
  private readonly ticker: ReturnType<typeof setInterval>;
  private readonly options: FrontOptions;
  private readonly links: WorkerLinks;
  private readonly pool: WorkerPool;
  private readonly port: HeldPort;
  /** When the timer is due. */
  private due: number;

  private constructor(options: FrontOptions, links: WorkerLinks, pool: WorkerPool, port: HeldPort) {
    this.port = port;
    this.due = options.clock.monotonic() + TICK;
    this.options = options;
    this.links = links;
    this.pool = pool;
    this.certificateNow = options.settings.certificate;
    this.ticker = setInterval(() => this.onTimer(), TICK);
  }

  /** Resolves when all workers listen. @throws an error with the code of the system if that is not possible */
  static async start(options: FrontOptions): Promise<WorkerFront> {
    const { command, broker, ids, clock, log, counters } = options;
    const held = await takePort(options.settings);
    const settings = { ...options.settings, port: held.port, server: broker.server };
    const links = new WorkerLinks({
      broker,
      ids,
      clock,
      payerOf: payersOf(settings.limits, clock),
      onPublished(message) {
        counters.published++;
        counters.textLengths.observe(message.length);
      },
      onError: (error) => log.error("the broker", error),
    });
    try {
      const pool = await WorkerPool.start({ command, links, settings, clock, log });
      return new WorkerFront({ ...options, settings }, links, pool, held);
    } catch (error) {
      held.release();
      throw error;
    }
  }

  get url(): URL {
    const { port, host, certificate } = this.options.settings;
    const name = host === undefined ? "localhost" : host.includes(":") ? `[${host}]` : host;
    return new URL(`${certificate === undefined ? "http" : "https"}://${name}:${port}`);
  }

  certificate(): Certificate | undefined {
    return this.certificateNow;
  }

  /** Uses the certificate for new connections. Only for a server with one. */
  replaceCertificate(certificate: Certificate): void {
    this.certificateNow = certificate;
    this.pool.replaceCertificate(certificate);
  }

  /** Returns what all processes together have counted, have open and use. What workers report is up to a second old. */
  measure(): Pick<MetricsSource, "counters" | "connections" | "listenedStreams" | "isReady" | "usage"> {
    const { counters: own, broker } = this.options;
    const { counters, connections, usage, endedCpu } = this.pool.totals();
    counters.published = own.published;
    counters.textLengths = own.textLengths;
    addCounts(counters, countsOf(own));
    const main = processUsage();
    return {
      counters,
      connections,
      listenedStreams: this.links.listenedStreams,
      isReady: broker.isReady?.() ?? true,
      usage: sumUsage({ ...main, cpu: main.cpu + endedCpu }, usage),
    };
  }

  /** Stops accepting messages, waits for workers that are behind, and lets them send their listeners away. */
  async stop(): Promise<void> {
    this.links.close();
    for (let waited = 0; this.links.isBehind && waited < CATCH_UP_TIME; waited += RETRY) {
      await Bun.sleep(RETRY);
      this.links.onDrain();
    }
    await this.pool.stop();
    clearInterval(this.ticker);
    this.port.release();
  }

  private onTimer(): void {
    const { clock, counters, log } = this.options;
    const now = clock.monotonic();
    counters.delays.observe(Math.max(0, now - this.due));
    this.due = now + TICK;
    try {
      this.pool.onTimer();
      this.links.onTimer();
    } catch (error) {
      log.error("periodic work", error);
    }
    if (!this.isWorking) this.work();
  }

  /** Runs periodic work of the broker, part of it in each turn of the event loop. */
  private work(): void {
    const { broker, log } = this.options;
    try {
      this.isWorking = broker.onTimer();
    } catch (error) {
      this.isWorking = false;
      log.error("periodic work", error);
    }
    if (this.isWorking) eventLoopScheduler(() => this.work(), 0);
  }
}

/**
 * Holds the port for the workers. Waits for those of a server that was killed: they take a moment to notice.
 * @throws an error with code `EADDRINUSE`
 */
async function takePort({ port, host }: FrontOptions["settings"]): Promise<HeldPort> {
  for (let waited = 0; ; waited += RETRY) {
    const held = holdPort({ port, host });
    if (held !== undefined) return held;
    try {
      // Explains why, or finds a port that cannot be held.
      return { port: findFreePort({ port, host }), release() {} };
    } catch (error) {
      if (waited >= PATIENCE || !(error instanceof Error && "code" in error && error.code === "EADDRINUSE"))
        throw error;
      await Bun.sleep(RETRY);
    }
  }
}

/** Returns a function that finds the client that pays by its key. New streams are counted here, for all workers. */
function payersOf(limits: ServerLimits, clock: Clock) {
  const table = new ClientTable(clientCapacity(limits), clientContext(limits, clock));
  return (key: string) => table.get(key) ?? table.add(copyString(key), { mayForward: false });
}
