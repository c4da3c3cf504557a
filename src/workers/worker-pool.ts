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

/** How long a worker may take to answer, or to start, before it is ended, in milliseconds. */
const PATIENCE = 60_000;

/** How long workers may take to stop: they give their listeners 10 s. In milliseconds. */
const STOP_PATIENCE = 12_000;

/** A worker that does not listen for this long, in milliseconds, is started again later and later. */
const SHORT_LIFE = 10_000;

/** Pauses before a worker is started again, in milliseconds. The first one is started at once. */
const PAUSE = { first: 100, longest: 10_000 };

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
  /** How long it waited to be started, in milliseconds. */
  readonly pause: number;
  /** Undefined until it listens. */
  listeningSince: number | undefined;
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
  /** Whether workers that end are not started again. */
  private isStopping = false;
  /** Resolves when the last worker has exited. */
  private readonly empty = Promise.withResolvers<void>();
  private isStarted = false;
  private readonly started = Promise.withResolvers<void>();
  private readonly limits = new LimitsRelay<WorkerProcess>({
    tell(worker, use) {
      if (worker.isFull) return false;
      worker.order({ type: "limits", use });
      return true;
    },
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

  /** Uses a certificate for new connections. */
  replaceCertificate(certificate: Certificate): void {
    this.certificate = certificate;
    for (const process of this.workers.keys()) process.order({ type: "certificate", certificate });
  }

  /** Asks every worker for a report, and ends those that have not answered for long. Called about once a second. */
  onTimer(): void {
    const now = this.options.clock.monotonic();
    for (const worker of this.workers.values()) {
      if (worker.listeningSince === undefined) {
        if (now - worker.startedAt > PATIENCE) worker.process.kill();
      } else if (worker.askedAt === undefined) this.ask(worker);
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
  async stop(): Promise<void> {
    const exited = this.exited();
    for (const process of this.workers.keys()) process.order({ type: "stop" });
    const killer = setTimeout(() => void this.end(), STOP_PATIENCE);
    await exited;
    clearTimeout(killer);
  }

  /** Ends the workers at once. */
  private end(): Promise<void> {
    const exited = this.exited();
    for (const process of this.workers.keys()) process.kill();
    return exited;
  }

  /** Stops replacing workers, and resolves when all have exited. */
  private exited(): Promise<void> {
    this.isStopping = true;
    if (this.workers.size === 0) this.empty.resolve();
    return this.empty.promise;
  }

  /** @param pause how long it waited, in milliseconds */
  private spawn(pause = 0): void {
    const { command, links, settings, clock, log } = this.options;
    const process = new WorkerProcess(command, links, {
      onConnected: (connected) => {
        if (this.isStopping) return connected.kill();
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
      pause,
      listeningSince: undefined,
      report: undefined,
      askedAt: undefined,
    });
  }

  private onNotice(from: WorkerProcess, notice: Notice): void {
    const worker = this.workers.get(from);
    if (worker === undefined) return;
    switch (notice.type) {
      case "listening":
        worker.listeningSince = this.options.clock.monotonic();
        this.limits.add(from);
        if (Array.from(this.workers.values()).every((each) => each.listeningSince !== undefined))
          this.started.resolve();
        return;
      case "failed":
        if (this.isStarted) this.options.log.warning(`a worker process cannot listen (${notice.code})`);
        else this.started.reject(new ListenError(notice.code));
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
    if (this.isStopping) {
      if (this.workers.size === 0) this.empty.resolve();
      return;
    }
    if (!this.isStarted) {
      this.started.reject(new Error(`a worker process ended at start (${reason})`));
      return;
    }
    this.options.log.warning(`a worker process ended (${reason}): starting another`);
    const { listeningSince = Infinity, pause } = worker;
    const isShort = this.options.clock.monotonic() - listeningSince < SHORT_LIFE;
    this.spawnLater(isShort ? Math.min(Math.max(PAUSE.first, 2 * pause), PAUSE.longest) : 0);
  }

  private spawnLater(pause: number): void {
    setTimeout(() => {
      if (this.isStopping) return;
      try {
        this.spawn(pause);
      } catch (error) {
        // Such as too many processes.
        this.options.log.error("starting a worker", error);
        this.spawnLater(PAUSE.longest);
      }
    }, pause);
  }

  private ask(worker: PooledWorker): void {
    worker.askedAt = this.options.clock.monotonic();
    worker.process.order({ type: "report" });
  }
}
