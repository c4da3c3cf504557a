import { short } from "../table.ts";
import type { FairnessRow } from "./fairness.ts";
import type { AttackRow } from "./measure.ts";
import type { OverloadRow } from "./overload/measure.ts";

const MB = 1e6;

const ATTACK_HEAD = [
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
  return markdown(ATTACK_HEAD, rows.map(cells));
}

/** Formats what happened under overload as a Markdown table. */
export function overloadTable(row: OverloadRow): string {
  const { honest, files, seconds } = row;
  const { publish } = honest.operations;
  return markdown(
    ["what", "measured"],
    [
      ["knee, messages per s", short(row.knee)],
      ["published per s", short((row.sent + row.unsent) / seconds)],
      ["published, but not read by the server, per s", short(row.unsent / seconds)],
      ["acknowledged per s", short(row.acknowledged / seconds)],
      ["not answered: connection closed", short(row.unanswered)],
      ["answers to waiting clients that exceed their rate", short(row.awaited)],
      ["delivered per s", short(row.delivered / seconds)],
      ["refused", refusals(row)],
      ["messages lost without a reported gap", short(row.lost)],
      ["messages received twice", short(row.surplus)],
      ["gaps reported", short(row.gaps)],
      ["listeners closed by the server", `${short(row.closed)}, including ${short(row.closedAgain)} repeats`],
      ["listeners that disconnected and resumed", short(row.resumed)],
      ["honest publish p50, p99, max ms", [publish.p50, publish.p99, publish.max].map(short).join(", ")],
      ["honest failed", `${counts(honest.failed)} of ${honest.requests}`],
      ["MB before, peak, after", [row.baseline, row.peak, row.after].map(megabytes).join(", ")],
      ["files before, peak, after", [files.baseline, files.peak, files.after].join(", ")],
    ],
  );
}

/** Formats what one greedy client costs another as a Markdown table. */
export function fairnessTable(rows: readonly FairnessRow[]): string {
  return markdown(
    ["operation", "p99 ms alone", "p99 ms attacked", "ratio", "failed"],
    rows.map(({ operation, alone, attacked, failed }) => [
      operation,
      short(alone),
      short(attacked),
      short(attacked / alone),
      String(failed),
    ]),
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
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
    short(honest.all.p50),
    short(honest.all.p99),
    `${counts(honest.failed)} of ${honest.requests}`,
    refusals(row),
  ];
}

function refusals({ refused, withoutRetryAfter }: Pick<AttackRow, "refused" | "withoutRetryAfter">): string {
  return counts(refused) + (withoutRetryAfter > 0 ? ` (${withoutRetryAfter} without Retry-After)` : "");
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
