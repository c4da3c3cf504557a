import type { Parameters, Row } from "./results.ts";
import { short } from "./table.ts";

/** A performance target and the measured value. */
export interface Target {
  readonly metric: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
  /** Name of the scenario that measures it. */
  readonly scenario: string;
}

const CEILING = "ceiling (C)";
const PEERS = ["Redis pub/sub", "nats-server", "nchan SSE", "mosquitto"];
const BASE = { listeners: 1000, bytes: 100 };

/** Compares a run with the targets. Leaves out targets that were not measured. */
export function targets(rows: readonly Row[]): Target[] {
  const results = new Results(rows);
  return [
    ...["Malten SSE", "Malten WebSocket"].flatMap((server) =>
      [1, 8, 64].flatMap((window) => fanoutTargets(results, server, window)),
    ),
    ...atLeast(
      "publish over HTTP, pipelined, relative to bare Bun.serve",
      0.85,
      "publish",
      results.ratio("publish", "responses per CPU-s", "Malten HTTP", "bare Bun.serve", { depth: 16 }),
    ),
    ...atLeast(
      "publish over HTTP, pipelined, relative to nchan",
      1,
      "publish",
      results.ratio("publish", "responses per CPU-s", "Malten HTTP", "nchan HTTP", { depth: 16 }),
    ),
    ...atLeast(
      "publish over WebSocket, relative to publish over HTTP",
      3,
      "publish",
      results.ratio("publish", "responses per CPU-s", "Malten WebSocket", "Malten HTTP", { depth: 16 }),
    ),
    ...["HTTP", "WebSocket"].flatMap((protocol) =>
      atLeast(
        `publish over ${protocol} with all limits, relative to none`,
        0.95,
        "limits",
        results.ratio(
          "limits",
          "responses per CPU-s",
          `Malten, ${protocol}`,
          `Malten without rates, ${protocol}`,
          { depth: 16 },
        ),
      ),
    ),
    ...atLeast(
      "history, pipelined, relative to bare Bun.serve",
      0.75,
      "history",
      results.ratio("history", "responses per CPU-s", "Malten", "bare Bun.serve", { depth: 16 }),
    ),
    ...atMost(
      "bytes per idle WebSocket listener",
      2000,
      "idle",
      results.last("idle", "bytes per listener (Pss)", "Malten WebSocket"),
    ),
    ...atMost(
      "bytes per idle SSE listener",
      4000,
      "idle",
      results.last("idle", "bytes per listener (Pss)", "Malten SSE"),
    ),
    ...atMost(
      "bytes per stored message of 100 characters",
      160,
      "stored",
      results.last("stored", "bytes per message (Pss)", "Malten"),
    ),
    ...atMost(
      "bytes per stream with one message",
      1000,
      "million",
      results.last("million", "bytes per stream (Pss)", "Malten"),
    ),
    ...atMost(
      "expiry, % of a core",
      1,
      "million",
      results.last("million", "% of a core for expiry", "Malten"),
    ),
    ...atMost(
      "p99 at half the maximum rate, relative to the ceiling",
      2,
      "latency",
      results.ratio("latency", "p99 ms", "Malten SSE", CEILING, { "% of max rate": 50 }),
    ),
    ...["Malten SSE", "Malten WebSocket"].flatMap((server) =>
      atMost(
        `${server}: p99 with a tenth of the listeners stalled, relative to none stalled`,
        1.1,
        "stalled",
        stallRatio(results, server),
      ),
    ),
  ];
}

/** Fan-out relative to the ceiling and to the fastest peer. */
function fanoutTargets(results: Results, server: string, window: number): Target[] {
  const where = { ...BASE, window };
  const metric = "deliveries per CPU-s";
  const fastest = Math.max(0, ...PEERS.map((peer) => results.at("fanout", metric, peer, where) ?? 0));
  const own = results.at("fanout", metric, server, where);
  return [
    ...atLeast(
      `${server}, window ${window}, relative to the ceiling`,
      0.9,
      "fanout",
      results.ratio("fanout", metric, server, CEILING, where),
    ),
    ...(own === undefined || fastest === 0
      ? []
      : atLeast(`${server}, window ${window}, relative to the fastest peer`, 1, "fanout", own / fastest)),
  ];
}

function stallRatio(results: Results, server: string): number | undefined {
  const without = results.at("stalled", "p99 ms", server, { "stalled %": 0 });
  const withTenth = results.at("stalled", "p99 ms", server, { "stalled %": 10 });
  return without === undefined || withTenth === undefined ? undefined : withTenth / without;
}

function atLeast(metric: string, target: number, scenario: string, measured: number | undefined): Target[] {
  if (measured === undefined) return [];
  return [{ metric, target: `≥ ${target}`, measured: short(measured), met: measured >= target, scenario }];
}

function atMost(metric: string, target: number, scenario: string, measured: number | undefined): Target[] {
  if (measured === undefined) return [];
  return [{ metric, target: `≤ ${target}`, measured: short(measured), met: measured <= target, scenario }];
}

/** Looks up medians. */
class Results {
  private readonly rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.rows = rows;
  }

  at(scenario: string, metric: string, server: string, where: Parameters): number | undefined {
    return this.select(scenario, server, where).find((row) => row.metrics[metric])?.metrics[metric]?.median;
  }

  /** The value at the largest size: rows are in ascending order. */
  last(scenario: string, metric: string, server: string): number | undefined {
    return this.select(scenario, server, {}).findLast((row) => row.metrics[metric])?.metrics[metric]?.median;
  }

  ratio(
    scenario: string,
    metric: string,
    server: string,
    other: string,
    where: Parameters,
  ): number | undefined {
    const dividend = this.at(scenario, metric, server, where);
    const divisor = this.at(scenario, metric, other, where);
    return dividend === undefined || divisor === undefined ? undefined : dividend / divisor;
  }

  private select(scenario: string, server: string, where: Parameters): Row[] {
    return this.rows.filter(
      (row) =>
        row.scenario === scenario &&
        row.server === server &&
        Object.entries(where).every(([name, value]) => row.parameters[name] === value),
    );
  }
}
