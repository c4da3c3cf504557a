import type { Parameters, Row } from "./results.ts";
import { short } from "./table.ts";

/** What was aimed at, and what the figures of a run say. */
export interface Target {
  readonly what: string;
  readonly target: string;
  readonly seen: string;
  readonly met: boolean;
  /** Name of the scenario that measures it. */
  readonly scenario: string;
}

const CEILING = "ceiling (C)";
const PEERS = ["Redis pub/sub", "nats-server", "nchan SSE", "mosquitto"];
const BASE = { listeners: 1000, bytes: 100 };

/** All targets for which there are figures. */
export function targets(rows: readonly Row[]): Target[] {
  const found = new Figures(rows);
  return [
    ...["Malten SSE", "Malten WebSocket"].flatMap((server) =>
      [1, 8, 64].flatMap((window) => fanout(found, server, window)),
    ),
    ...least(
      "publish over HTTP, pipelined, of bare Bun.serve",
      0.85,
      "publish",
      found.ratio("publish", "answers per CPU-s", "Malten HTTP", "bare Bun.serve", { depth: 16 }),
    ),
    ...least(
      "publish over HTTP, pipelined, of nchan",
      1,
      "publish",
      found.ratio("publish", "answers per CPU-s", "Malten HTTP", "nchan HTTP", { depth: 16 }),
    ),
    ...least(
      "publish over WebSocket, of publish over HTTP",
      3,
      "publish",
      found.ratio("publish", "answers per CPU-s", "Malten WebSocket", "Malten HTTP", { depth: 16 }),
    ),
    ...least(
      "history, pipelined, of bare Bun.serve",
      0.75,
      "history",
      found.ratio("history", "answers per CPU-s", "Malten", "bare Bun.serve", { depth: 16 }),
    ),
    ...most(
      "idle WebSocket listener, bytes",
      2000,
      "idle",
      found.last("idle", "bytes each (Pss)", "Malten WebSocket"),
    ),
    ...most("idle SSE listener, bytes", 4000, "idle", found.last("idle", "bytes each (Pss)", "Malten SSE")),
    ...most(
      "stored message of 100 characters, bytes",
      160,
      "stored",
      found.last("stored", "bytes each (Pss)", "Malten"),
    ),
    ...most(
      "stream of one message, bytes",
      1000,
      "million",
      found.last("million", "bytes each (Pss)", "Malten"),
    ),
    ...most("expiry, % of a core", 1, "million", found.last("million", "% of a core for deaths", "Malten")),
    ...most(
      "p99 at half the knee, of the ceiling's",
      2,
      "latency",
      found.ratio("latency", "p99 ms", "Malten SSE", CEILING, { "% of knee": 50 }),
    ),
    ...["Malten SSE", "Malten WebSocket"].flatMap((server) =>
      most(
        "p99 of the others when a tenth stalls, of p99 when none does",
        1.1,
        "stalled",
        stall(found, server),
        server,
      ),
    ),
  ];
}

/** Fan-out against the ceiling, and against the best of the others. */
function fanout(found: Figures, server: string, window: number): Target[] {
  const where = { ...BASE, window };
  const metric = "deliveries per CPU-s";
  const best = Math.max(0, ...PEERS.map((peer) => found.at("fanout", metric, peer, where) ?? 0));
  const own = found.at("fanout", metric, server, where);
  return [
    ...least(
      `${server}, window ${window}, of the ceiling`,
      0.9,
      "fanout",
      found.ratio("fanout", metric, server, CEILING, where),
    ),
    ...(own === undefined || best === 0
      ? []
      : least(`${server}, window ${window}, of the best peer`, 1, "fanout", own / best)),
  ];
}

function stall(found: Figures, server: string): number | undefined {
  const without = found.at("stalled", "p99 ms", server, { "stalled %": 0 });
  const withTenth = found.at("stalled", "p99 ms", server, { "stalled %": 10 });
  return without === undefined || withTenth === undefined ? undefined : withTenth / without;
}

function least(what: string, target: number, scenario: string, seen: number | undefined): Target[] {
  if (seen === undefined) return [];
  return [{ what, target: `≥ ${target}`, seen: short(seen), met: seen >= target, scenario }];
}

function most(
  what: string,
  target: number,
  scenario: string,
  seen: number | undefined,
  who?: string,
): Target[] {
  if (seen === undefined) return [];
  const whose = who === undefined ? what : `${who}: ${what}`;
  return [{ what: whose, target: `≤ ${target}`, seen: short(seen), met: seen <= target, scenario }];
}

/** Finds medians among the rows. */
class Figures {
  private readonly rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.rows = rows;
  }

  at(scenario: string, metric: string, server: string, where: Parameters): number | undefined {
    return this.select(scenario, server, where).find((row) => row.metrics[metric])?.metrics[metric]?.median;
  }

  /** Of the largest size that was measured: rows stand in the order of growth. */
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
    const one = this.at(scenario, metric, server, where);
    const two = this.at(scenario, metric, other, where);
    return one === undefined || two === undefined ? undefined : one / two;
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
