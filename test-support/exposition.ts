// A strict parser of metrics: the Prometheus text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/) and OpenMetrics 1.0.
import type { ExpositionFormat } from "../src/server/metrics/exposition.ts";

interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedMetric {
  readonly type: string;
  readonly help: string;
  readonly samples: ParsedSample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`;
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{(${LABEL}(?:,${LABEL})*)\})? (-?[0-9][0-9.e+-]*)$`);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ["_bucket", "_sum", "_count"] };

/** Returns the metrics by name. @throws Error at the first line that breaks a rule of the format */
export function parseExposition(text: string, format: ExpositionFormat): Map<string, ParsedMetric> {
  const end = format === "openmetrics" ? "\n# EOF\n" : "\n";
  if (!text.endsWith(end)) throw new Error(`does not end with ${JSON.stringify(end)}`);
  const metrics = new Map<string, ParsedMetric>();
  const series = new Set<string>();
  let current: { name: string; metric: ParsedMetric } | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.slice(0, -end.length).split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment;
      if (kind === "HELP") {
        help = { name, text: rest };
        continue;
      }
      if (!/^(?:counter|gauge|histogram)$/.test(rest)) throw new Error(`unknown type: ${line}`);
      if (help?.name !== name || metrics.has(name)) throw new Error(`HELP, then TYPE, once: ${line}`);
      current = { name, metric: { type: rest, help: help.text, samples: [] } };
      metrics.set(name, current.metric);
      continue;
    }
    const parsed = parseSample(line);
    if (current === undefined) throw new Error(`before the first TYPE: ${line}`);
    const { type } = current.metric;
    const counterSuffix = type === "counter" && format === "openmetrics" ? "_total" : "";
    const names = (SUFFIXES[type] ?? [counterSuffix]).map((suffix) => `${current?.name}${suffix}`);
    if (!names.includes(parsed.name)) throw new Error(`not of ${current.name}: ${line}`);
    if (type === "counter" && !(parsed.name.endsWith("_total") && parsed.value >= 0))
      throw new Error(`not a counter: ${line}`);
    const key = `${parsed.name} ${JSON.stringify(parsed.labels)}`;
    if (series.has(key)) throw new Error(`twice: ${line}`);
    series.add(key);
    current.metric.samples.push(parsed);
  }
  for (const [name, metric] of metrics) {
    if (metric.samples.length === 0) throw new Error(`no samples: ${name}`);
    if (metric.type === "histogram") checkHistogram(name, metric.samples);
  }
  return metrics;
}

function parseSample(line: string): ParsedSample {
  const [, name = "", labelText = "", digits = ""] = SAMPLE.exec(line) ?? [];
  const value = Number(digits);
  if (name === "" || !Number.isFinite(value)) throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  for (const label of labelText.match(new RegExp(LABEL, "g")) ?? []) {
    const [labelName = "", ...rest] = label.split("=");
    if (labelName in labels) throw new Error(`label twice: ${line}`);
    labels[labelName] = rest
      .join("=")
      .slice(1, -1)
      .replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
  }
  return { name, labels, value };
}

/** Buckets are cumulative, in order, and end with all values. */
function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const [count] = samples.filter((sample) => sample.name === `${name}_count`);
  const bounds = buckets.map(({ labels: { le = "" } }) => {
    if (!/^(?:[0-9]+\.[0-9]+|[0-9.]+e[+-]?[0-9]+|\+Inf)$/.test(le)) throw new Error(`${name}: le="${le}"`);
    return le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
  });
  const increasing = (values: readonly number[], strictly: boolean) =>
    values.every((value, i) => i === 0 || value - (values[i - 1] ?? 0) > (strictly ? 0 : -1));
  const counts = buckets.map(({ value }) => value);
  if (!increasing(bounds, true) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
    throw new Error(`${name}: bounds ${bounds.join()}`);
  if (!increasing(counts, false) || counts.at(-1) !== count?.value)
    throw new Error(`${name}: counts ${counts.join()}`);
  if (!samples.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}: no sum`);
}
