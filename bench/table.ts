import type { Row } from "./results.ts";
import type { Summary } from "./stats.ts";

/** Formats a number with three significant digits and a suffix for thousands, millions or billions. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 999.5e6) return `${digits(value / 1e9)}G`;
  if (size >= 999.5e3) return `${digits(value / 1e6)}M`;
  if (size >= 9999.5) return `${digits(value / 1e3)}k`;
  return digits(value);
}

/** Formats the rows of a scenario as a Markdown table with the median and range of each metric. */
export function table(rows: readonly Row[]): string {
  const parameters = unique(rows.flatMap((row) => Object.keys(row.parameters)));
  const metrics = unique(rows.flatMap((row) => Object.keys(row.metrics)));
  const lines = rows.map((row) => [
    ...parameters.map((name) => String(row.parameters[name] ?? "")),
    row.server,
    ...metrics.map((name) => cell(row.metrics[name])),
  ]);
  const head = [...parameters, "server", ...metrics];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const format = (line: string[]) =>
    `| ${line.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [
    format(head),
    `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`,
    ...lines.map(format),
  ].join("\n");
}

function cell(summary: Summary | undefined): string {
  if (summary === undefined) return "–";
  const { median, min, max, samples } = summary;
  if (samples.length === 1) return short(median);
  return `${short(median)} (${short(min)}–${short(max)})`;
}

function digits(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 10_000) return String(value);
  const places = Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(places);
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
