import type { Row } from "./results.ts";
import { summarize } from "./stats.ts";

/**
 * Divides each metric of a server by the same metric of the baseline, round by round, so that the range shows the noise.
 *
 * @param name start of the server's labels: "Malten" for "Malten SSE"
 * @param baseline start of the labels to compare with
 */
export function ratios(rows: readonly Row[], name: string, baseline: string): Row[] {
  const key = (server: string, { parameters }: Row) => JSON.stringify([server, parameters]);
  const byKey = new Map(rows.map((row) => [key(row.server, row), row]));
  return rows.flatMap((row) => {
    if (!row.server.startsWith(baseline)) return [];
    const server = name + row.server.slice(baseline.length);
    const measured = byKey.get(key(server, row));
    return measured === undefined ? [] : [{ ...row, server, metrics: divide(measured, row) }];
  });
}

function divide(row: Row, baseline: Row): Row["metrics"] {
  const metrics = Object.entries(row.metrics).flatMap(([metric, { samples }]) => {
    const others = baseline.metrics[metric]?.samples ?? [];
    // Where a round failed, the rounds no longer correspond.
    if (samples.length !== others.length) return [];
    // Noise can make the growth of memory negative.
    if (![...samples, ...others].every((sample) => sample > 0)) return [];
    const quotients = samples.map((sample, round) => sample / (others[round] ?? Number.NaN));
    return [[metric, summarize(quotients)] as const];
  });
  return Object.fromEntries(metrics);
}
