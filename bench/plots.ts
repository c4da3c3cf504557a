import { bars, lines, type Series } from "./plot.ts";
import type { Parameters, Row } from "./results.ts";

/** A plot of a scenario, saved as a file. */
export interface Plot {
  readonly scenario: string;
  readonly file: string;
  readonly alt: string;
  readonly svg: string;
}

/** Draws all plots whose scenarios have been measured. */
export function plots(rows: readonly Row[]): Plot[] {
  return [
    linePlot(rows, {
      scenario: "fanout",
      file: "fanout.svg",
      title: "Fan-out to 1000 listeners, 100 bytes",
      where: { listeners: 1000, bytes: 100 },
      x: "window",
      xTitle: "messages in flight",
      y: "deliveries per CPU-s",
      logarithmic: true,
    }),
    linePlot(rows, {
      scenario: "fanout",
      file: "fanout-growth.svg",
      title: "CPU per delivery by number of listeners, 8 messages in flight",
      where: { bytes: 100, window: 8 },
      x: "listeners",
      xTitle: "listeners",
      y: "CPU ns per delivery",
      logarithmic: false,
    }),
    linePlot(rows, {
      scenario: "million",
      file: "publish-growth.svg",
      title: "CPU per publish by number of streams",
      where: {},
      x: "streams",
      xTitle: "streams",
      y: "CPU µs per publish",
      logarithmic: false,
    }),
    linePlot(rows, {
      scenario: "latency",
      file: "latency.svg",
      title: "Latency below saturation, 99th percentile",
      where: {},
      x: "% of max rate",
      xTitle: "% of the maximum rate",
      y: "p99 ms",
      logarithmic: false,
    }),
    barPlot(
      rows,
      "publish",
      "publish.svg",
      "Publish, 16 requests in flight",
      { depth: 16 },
      "responses per CPU-s",
    ),
    barPlot(
      rows,
      "history",
      "history.svg",
      "History, 16 requests in flight",
      { depth: 16 },
      "responses per CPU-s",
    ),
    barPlot(rows, "idle", "idle.svg", "Memory per idle listener", {}, "bytes per listener (Pss)"),
  ].filter((plot) => plot !== undefined);
}

interface LineOptions {
  readonly scenario: string;
  readonly file: string;
  readonly title: string;
  /** Fixed parameters. */
  readonly where: Parameters;
  readonly x: string;
  readonly xTitle: string;
  readonly y: string;
  readonly logarithmic: boolean;
}

function linePlot(rows: readonly Row[], options: LineOptions): Plot | undefined {
  const { scenario, file, title, where, x, xTitle, y, logarithmic } = options;
  const series = new Map<string, Series["points"][number][]>();
  for (const row of select(rows, scenario, where)) {
    const summary = row.metrics[y];
    const position = row.parameters[x];
    if (summary === undefined || typeof position !== "number") continue;
    const points = series.get(row.server) ?? [];
    series.set(row.server, points);
    points.push({ x: position, y: summary });
  }
  // Servers measured at a single point appear in the table only.
  const drawn = [...series]
    .filter(([, points]) => points.length > 1)
    .map(([name, points]) => ({ name, points: points.toSorted((a, b) => a.x - b.x) }));
  if (drawn.length === 0) return undefined;
  return { scenario, file, alt: title, svg: lines({ title, x: xTitle, y, logarithmic, series: drawn }) };
}

function barPlot(
  rows: readonly Row[],
  scenario: string,
  file: string,
  title: string,
  where: Parameters,
  metric: string,
): Plot | undefined {
  const all = select(rows, scenario, where).flatMap(({ server, metrics }) => {
    const value = metrics[metric];
    return value === undefined ? [] : [{ name: server, value }];
  });
  return all.length === 0
    ? undefined
    : { scenario, file, alt: title, svg: bars({ title, unit: metric, bars: all }) };
}

function select(rows: readonly Row[], scenario: string, where: Parameters): Row[] {
  return rows.filter(
    (row) =>
      row.scenario === scenario &&
      Object.entries(where).every(([name, value]) => row.parameters[name] === value),
  );
}
