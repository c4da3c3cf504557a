import { fstatSync } from "node:fs";
import { encodeWorkerFrame } from "../brokers/workers/worker-frames.ts";
import { decodeMainFrame } from "../brokers/workers/main-frames.ts";
import { SocketLink } from "../brokers/workers/socket-link.ts";
import { WorkerBroker } from "../brokers/workers/worker-broker.ts";
import type { Clock } from "../core/clock.ts";
import { Hub } from "../core/hub.ts";
import { IdGenerator } from "../core/id-generator.ts";
import { randomLetters } from "../core/random.ts";
import type { Pages } from "../server/app.ts";
import { preventCoreDumps } from "../server/core-dumps.ts";
import { ClientLedger } from "../server/limits/client-ledger.ts";
import { ServerLog } from "../server/log.ts";
import { guardMemory } from "../server/memory-guard.ts";
import { processUsage } from "../server/metrics/process-usage.ts";
import { eventLoopScheduler } from "../server/scheduler.ts";
import { serve, type RunningServer } from "../server/serve.ts";
import { parseOrder, type Notice, type Order, type WorkerSettings } from "./control.ts";
import { countsOf } from "./reports.ts";

/** The descriptor of the link to the main process. */
const LINK_DESCRIPTOR = 3;

/** How long to wait for messages that are read from history, before listeners leave, in milliseconds. */
const CATCH_UP_TIME = 5000;

/** One process of `--workers`: serves clients, and leaves the streams to the main process. */
class Worker {
  private broker: WorkerBroker | undefined = undefined;
  private hub: Hub | undefined = undefined;
  private server: RunningServer | undefined = undefined;
  private link: SocketLink | undefined = undefined;
  private log: ServerLog | undefined = undefined;
  private readonly ledger = new ClientLedger((use) => this.tell({ type: "limits", use }));
  private readonly clock: Clock;
  private readonly pages: Pages;

  constructor(clock: Clock, pages: Pages) {
    this.clock = clock;
    this.pages = pages;
  }

  async connect(): Promise<void> {
    this.link = await SocketLink.open(LINK_DESCRIPTOR, {
      onFrames: (lines) => {
        for (const line of lines) this.onFrame(line);
      },
      onDrain() {},
      // Without the main process there are no streams: clients are better off elsewhere.
      onClose: () => process.exit(1),
    });
  }

  private onFrame(line: string): void {
    try {
      const frame = decodeMainFrame(line);
      if (frame.kind === "control") this.execute(parseOrder(frame.json));
      else this.broker?.onFrame(frame);
    } catch (error) {
      this.log?.error("a frame of the main process", error);
    }
  }

  private execute(order: Order): void {
    switch (order.type) {
      case "start":
        return this.start(order.settings);
      case "certificate":
        return this.server?.replaceCertificate(order.certificate);
      case "limits":
        return this.ledger.apply(order.use);
      case "report":
        return this.report();
      case "stop":
        void this.stop();
    }
  }

  private start(settings: WorkerSettings): void {
    const { link, clock } = this;
    if (link === undefined) return;
    const { port, host, certificate, limits, workers } = settings;
    const log = new ServerLog((text) => process.stderr.write(`${text}\n`), clock, settings.logFormat);
    this.log = log;
    if (!settings.allowCoreDumps) preventCoreDumps(log);
    this.broker = new WorkerBroker(settings.server, link, clock);
    const hub = new Hub(this.broker, new IdGenerator(clock, randomLetters(8)), clock, eventLoopScheduler);
    this.hub = hub;
    guardMemory(() => hub.tails.used, hub.counters, limits.maxMemory / workers, clock);
    try {
      const { pages, ledger } = this;
      const options = { port, host, certificate, hub, clock, limits, pages, log, ledger };
      this.server = serve({ ...options, processes: workers });
      this.tell({ type: "listening" });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (code === "") log.error("starting a worker", error);
      this.tell({ type: "failed", code });
    }
  }

  private report(): void {
    const { hub, server } = this;
    if (hub === undefined || server === undefined) return;
    const { counters } = hub;
    const connections = server.connections();
    const { subscriptions } = counters;
    const report = { ...countsOf(counters), subscriptions, connections, usage: processUsage() };
    this.tell({ type: "report", report });
  }

  /** Delivers first what was published until now, also to streams whose news was left out for a while. */
  private async stop(): Promise<void> {
    await this.broker?.answered(CATCH_UP_TIME);
    await this.server?.stop();
    process.exit(0);
  }

  private tell(notice: Notice): void {
    this.link?.send(encodeWorkerFrame({ kind: "control", json: JSON.stringify(notice) }));
  }
}

/** Reports whether this process was started as a worker. */
export function hasLink(): boolean {
  try {
    return fstatSync(LINK_DESCRIPTOR).isSocket();
  } catch {
    return false;
  }
}

/** Runs a worker until the main process ends it. */
export async function runWorker(clock: Clock, pages: Pages): Promise<never> {
  // A terminal and systemd send them to all processes of a server: the main process says when to stop.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => {});
  await new Worker(clock, pages).connect();
  return new Promise(() => {});
}
