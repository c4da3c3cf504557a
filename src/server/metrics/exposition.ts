import type { Histogram } from "../../core/histogram.ts";
import { negotiate } from "../http/accept.ts";

/** `text`: the Prometheus text format 0.0.4. `openmetrics`: OpenMetrics 1.0. */
export type ExpositionFormat = "text" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

type Labels = Readonly<Record<string, string>>;

/** One value of a metric, and the labels that distinguish it from the others. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** A metric. Names follow https://prometheus.io/docs/practices/naming/: base units, and `_total` for counters. */
export type Metric =
  | {
      readonly type: "counter" | "gauge";
      readonly name: string;
      readonly help: string;
      /** None: the metric is left out. */
      readonly samples: readonly Sample[];
    }
  | {
      readonly type: "histogram";
      readonly name: string;
      readonly help: string;
      readonly histogram: Histogram;
      /** What the values are multiplied by: 0.001 for milliseconds shown in seconds. */
      readonly scale: number;
    };

/** Formats metrics for Prometheus. */
export function expose(metrics: readonly Metric[], format: ExpositionFormat): string {
  const lines: string[] = [];
  for (const metric of metrics) {
    const samples = samplesOf(metric);
    if (samples.length === 0) continue;
    // OpenMetrics names the family of a counter without the suffix of its samples.
    const family = format === "openmetrics" ? metric.name.replace(/_total$/, "") : metric.name;
    lines.push(`# HELP ${family} ${metric.help}`, `# TYPE ${family} ${metric.type}`, ...samples);
  }
  if (format === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function samplesOf(metric: Metric): string[] {
  if (metric.type !== "histogram")
    return metric.samples.map(({ labels = {}, value }) => sample(metric.name, labels, value));
  const { name, histogram, scale } = metric;
  let total = 0;
  const buckets = histogram.counts.map((count, index) => {
    const bound = histogram.bounds[index];
    total += count;
    return sample(`${name}_bucket`, { le: bound === undefined ? "+Inf" : float(bound * scale) }, total);
  });
  const sum = sample(`${name}_sum`, {}, histogram.sum * scale);
  return [...buckets, sum, sample(`${name}_count`, {}, total)];
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

/** OpenMetrics wants bounds as floats: `1.0`, also in the other format, so that both give the same time series. */
function float(value: number): string {
  // Without the error of the multiplication: 0.0003, not 0.00030000000000000003.
  const text = String(Number(value.toPrecision(12)));
  return /^[0-9]+$/.test(text) ? `${text}.0` : text;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

const FORMATS: Readonly<Record<string, ExpositionFormat>> = {
  "application/openmetrics-text": "openmetrics",
  "text/plain": "text",
  "text/*": "text",
  "*/*": "text",
};

/** Returns the format that a scraper prefers by its `Accept` header; the text format by default. */
export function preferredFormat(accept: string): ExpositionFormat {
  return negotiate(accept, FORMATS, "text");
}
