import { short } from "../table.ts";
import type { AttackRow } from "./measure.ts";

const MB = 1e6;

const HEAD = [
  "attack",
  "clients",
  "made",
  "MB before",
  "MB peak",
  "MB after",
  "files peak",
  "files left",
  "honest p50 ms",
  "honest p99 ms",
  "honest failed",
  "refused",
];

/** Formats the results as a Markdown table. */
export function attackTable(rows: readonly AttackRow[]): string {
  const lines = [HEAD, HEAD.map(() => "---"), ...rows.map(cells)];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cells(row: AttackRow): string[] {
  const { baseline, peak, after, files, honest } = row;
  return [
    row.attack,
    row.clients,
    made(row),
    megabytes(baseline),
    `${megabytes(peak)}${row.stopped ? " (stopped)" : ""}`,
    row.died ? "died" : megabytes(after),
    String(files.peak),
    String(files.after - files.baseline),
    short(honest.p50),
    short(honest.p99),
    `${counts(honest.failed)} of ${honest.requests}`,
    counts(row.refused) +
      (row.withoutRetryAfter > 0 ? ` (${row.withoutRetryAfter} without Retry-After)` : ""),
  ];
}

function made({ succeeded, held, opened, items }: AttackRow): string {
  const parts = [
    ...(succeeded > 0 ? [`${short(succeeded)} requests`] : []),
    ...(opened > held ? [`${short(opened)} connections`] : []),
    ...(held > 0 ? [`${short(held)} held`] : []),
    ...(items > 0 ? [`${short(items)} items`] : []),
  ];
  return parts.join(", ") || "0";
}

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(0);
}

function counts(values: Readonly<Record<string, number>>): string {
  const entries = Object.entries(values);
  return entries.map(([code, count]) => `${short(count)} ${code}`).join(", ") || "0";
}
