import type { WorkerLinks } from "../brokers/workers/worker-links.ts";
import type { Clock } from "../core/clock.ts";
import { Counters, type Transport } from "../core/counters.ts";
import type { Logger } from "../server/log.ts";
import type { ProcessUsage } from "../server/metrics/process-usage.ts";
import type { Certificate } from "../server/tls/certificate.ts";
import type { Notice, WorkerSettings } from "./control.ts";
import { LimitsRelay } from "./limits-relay.ts";
import { addCounts, countsOf, sumConnections, type WorkerReport } from "./reports.ts";
import { WorkerProcess } from "./worker-process.ts";

/** How long a worker may take to answer before it is ended, in milliseconds. */
const PATIENCE = 60_000;

/** A worker that ends sooner than this after its start, in milliseconds, is started again later and later. */
const SHORT_LIFE = 1000;

/** Longest pause before a worker is started again, in milliseconds. */
const LONGEST_PAUSE = 10_000;

export interface PoolOptions {
  /** Program and arguments that run a worker. */
  readonly command: readonly string[];
  readonly links: WorkerLinks;
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the workers have counted and have open. */
export interface WorkerTotals {
  readonly counters: Counters;
  readonly connections: Record<Transport | "poll", number>;
  /** Of the workers that run. */
  readonly usage: readonly ProcessUsage[];
  /** Processor time of those that have ended, in seconds. */
  readonly endedCpu: number;
}

interface PooledWorker {
  readonly process: WorkerProcess;
  readonly startedAt: number;
  isListening: boolean;
  report: WorkerReport | undefined;
  /** When it was asked for a report that it has not sent yet. */
  askedAt: number | undefined;
}

/** The system refuses to let a worker listen. */
class ListenError extends Error {
  readonly code: string;

  constructor(code: string) {
    super("a worker cannot listen");
    this.code = code;
  }
}

/** The worker processes of a server: starts them, starts those again that end, and stops them all. */
export class WorkerPool {
  private readonly workers = new Map<WorkerProcess, PooledWorker>();
  private readonly ended = new Counters();
  private endedCpu = 0;
  private certificate: Certificate | undefined;
  private pause = 0;
  /** Called when the last worker has exited; undefined: they are started again. */
  private onEmpty: (() => void) | undefined = undefined;
  private isStarted = false;
  private readonly started = Promise.withResolvers<void>();
  private readonly limits = new LimitsRelay<WorkerProcess>((worker, use) => {
    worker.order({ type: "limits", use });
  });
  private readonly options: PoolOptions;

  private constructor(options: PoolOptions) {
    this.options = options;
    this.certificate = options.settings.certificate;
  }

  /** Resolves when all workers listen. @throws an error with the code of the system if one cannot */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    for (let i = 0; i < options.settings.workers; i++) pool.spawn();
    try {
      await pool.started.promise;
      pool.isStarted = true;
    } catch (error) {
      await pool.end();
      throw error;
    }
    return pool;
  }

  get pids(): number[] {
    return Array.from(this.workers.keys(), ({ pid }) => pid);
  }

  /** Uses a certificate for new connections. */
  replaceCertificate(certificate: Certificate): void {
    this.certificate = certificate;
    for (const process of this.workers.keys()) process.order({ type: "certificate", certificate });
  }

  /** Asks every worker for a report, and ends those that have not answered for long. Called about once a second. */
  onTimer(): void {
    const now = this.options.clock.monotonic();
    for (const worker of this.workers.values()) {
      if (!worker.isListening) continue;
      if (worker.askedAt === undefined) this.ask(worker);
      else if (now - worker.askedAt > PATIENCE) worker.process.kill();
    }
  }

  /** Returns what all workers have counted: of each, as it reported last. */
  totals(): WorkerTotals {
    const reports = Array.from(this.workers.values()).flatMap(({ report }) => report ?? []);
    const counters = new Counters();
    for (const report of [countsOf(this.ended), ...reports]) addCounts(counters, report);
    counters.subscriptions = reports.reduce((sum, { subscriptions }) => sum + subscriptions, 0);
    return {
      counters,
      connections: sumConnections(reports),
      usage: reports.map(({ usage }) => usage),
      endedCpu: this.endedCpu,
    };
  }

  /** Lets the workers send their listeners away. Resolves when all have exited. */
  stop(): Promise<void> {
    const exited = this.exited();
    for (const process of this.workers.keys()) process.order({ type: "stop" });
    return exited;
  }

  /** Ends the workers at once. */
  private end(): Promise<void> {
    const exited = this.exited();
    for (const process of this.workers.keys()) process.kill();
    return exited;
  }

  /** Starts no workers any more, and resolves when all have exited. */
  private exited(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onEmpty = resolve;
    if (this.workers.size === 0) resolve();
    return promise;
  }

  private spawn(): void {
    const { command, links, settings, clock, log } = this.options;
    const process = new WorkerProcess(command, links, {
      onConnected: (connected) => {
        if (this.onEmpty !== undefined) return connected.kill();
        connected.order({ type: "start", settings: { ...settings, certificate: this.certificate } });
      },
      onNotice: (from, notice) => this.onNotice(from, notice),
      onError: (error) => log.error("a worker", error),
      onExit: (from, reason) => this.onExit(from, reason),
    });
    const startedAt = clock.monotonic();
    this.workers.set(process, {
      process,
      startedAt,
      isListening: false,
      report: undefined,
      askedAt: undefined,
    });
  }

  private onNotice(from: WorkerProcess, notice: Notice): void {
    const worker = this.workers.get(from);
    if (worker === undefined) return;
    switch (notice.type) {
      case "listening":
        worker.isListening = true;
        this.limits.add(from);
        if (Array.from(this.workers.values()).every(({ isListening }) => isListening)) this.started.resolve();
        return;
      case "failed":
        this.started.reject(new ListenError(notice.code));
        from.kill();
        return;
      case "limits":
        return this.limits.report(from, notice.use);
      case "report":
        worker.report = notice.report;
        worker.askedAt = undefined;
    }
  }

  private onExit(from: WorkerProcess, reason: string): void {
    const worker = this.workers.get(from);
    if (worker === undefined) return;
    this.workers.delete(from);
    this.limits.remove(from);
    if (worker.report !== undefined) {
      addCounts(this.ended, worker.report);
      this.endedCpu += worker.report.usage.cpu;
    }
    if (this.onEmpty !== undefined) {
      if (this.workers.size === 0) this.onEmpty();
      return;
    }
    if (!this.isStarted) {
      this.started.reject(new Error(`a worker process ended at start (${reason})`));
      return;
    }
    this.options.log.warning(`a worker process ended (${reason}): starting another`);
    const lived = this.options.clock.monotonic() - worker.startedAt;
    this.pause = lived < SHORT_LIFE ? Math.min(Math.max(100, 2 * this.pause), LONGEST_PAUSE) : 0;
    this.spawnLater();
  }

  private spawnLater(): void {
    setTimeout(() => {
      if (this.onEmpty !== undefined) return;
      try {
        this.spawn();
      } catch (error) {
        // Such as too many processes.
        this.options.log.error("starting a worker", error);
        this.pause = LONGEST_PAUSE;
        this.spawnLater();
      }
    }, this.pause);
  }

  private ask(worker: PooledWorker): void {
    worker.askedAt = this.options.clock.monotonic();
    worker.process.order({ type: "report" });
  }
}
