import type { Counters, Transport } from "../core/counters.ts";
import type { Histogram } from "../core/histogram.ts";
import type { ProblemCode } from "../protocol/problem.ts";
import type { ProcessUsage } from "../server/metrics/process-usage.ts";

type Counts = Pick<Histogram, "counts" | "sum">;

const TRANSPORTS = ["websocket", "sse", "ndjson", "text"] as const satisfies readonly Transport[];

/** What a worker has counted. Messages are counted by the main process. */
interface CountReport {
  readonly delivered: Readonly<Record<Transport, number>>;
  readonly gaps: number;
  readonly stalled: number;
  readonly blocked: number;
  readonly requests: number;
  readonly rejected: readonly (readonly [ProblemCode, number])[];
  readonly flushes: Counts;
  readonly delays: Counts;
  readonly collections: Counts;
}

/** What a worker tells the main process about itself. */
export interface WorkerReport extends CountReport {
  readonly subscriptions: number;
  /** Open live connections. */
  readonly connections: Readonly<Record<Transport | "poll", number>>;
  readonly usage: ProcessUsage;
}

/** Returns these counts as they can be sent to another process. */
export function countsOf(counters: Counters): CountReport {
  const { delivered, gaps, stalled, blocked, requests, rejected } = counters;
  return {
    delivered: { ...delivered },
    gaps,
    stalled,
    blocked,
    requests,
    rejected: Array.from(rejected),
    flushes: bucketsOf(counters.flushes),
    delays: bucketsOf(counters.delays),
    collections: bucketsOf(counters.collections),
  };
}

/** Adds what another process has counted. */
export function addCounts(counters: Counters, report: CountReport): void {
  for (const transport of TRANSPORTS) counters.delivered[transport] += report.delivered[transport];
  counters.gaps += report.gaps;
  counters.stalled += report.stalled;
  counters.blocked += report.blocked;
  counters.requests += report.requests;
  for (const [code, count] of report.rejected)
    counters.rejected.set(code, (counters.rejected.get(code) ?? 0) + count);
  addHistogram(counters.flushes, report.flushes);
  addHistogram(counters.delays, report.delays);
  addHistogram(counters.collections, report.collections);
}

/** Returns what is open in all workers. */
export function sumConnections(reports: readonly WorkerReport[]): Record<Transport | "poll", number> {
  const sum = { websocket: 0, sse: 0, ndjson: 0, text: 0, poll: 0 };
  for (const { connections } of reports)
    for (const kind of [...TRANSPORTS, "poll"] as const) sum[kind] += connections[kind];
  return sum;
}

/** Returns what all processes use together. The first one started first. */
export function sumUsage(main: ProcessUsage, others: readonly ProcessUsage[]): ProcessUsage {
  const all = [main, ...others];
  const sum = (value: (usage: ProcessUsage) => number) =>
    all.reduce((total, usage) => total + value(usage), 0);
  const knowsDescriptors = all.every(({ descriptors }) => descriptors !== undefined);
  return {
    resident: sum(({ resident }) => resident),
    heap: sum(({ heap }) => heap),
    cpu: sum(({ cpu }) => cpu),
    descriptors: knowsDescriptors ? sum(({ descriptors = 0 }) => descriptors) : undefined,
    startedAt: main.startedAt,
  };
}

function bucketsOf({ counts, sum }: Histogram): Counts {
  return { counts: [...counts], sum };
}

function addHistogram(histogram: Histogram, { counts, sum }: Counts): void {
  for (const [bucket, count] of counts.entries())
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + count;
  histogram.sum += sum;
}
