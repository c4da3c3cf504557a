import type { Summary } from "./stats.ts";
import { short } from "./table.ts";

/** One line of a line plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: Summary }[];
}

export interface LinePlot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Applies to the y axis, which otherwise starts at 0. The x axis is always logarithmic. */
  readonly logarithmic: boolean;
  readonly series: readonly Series[];
}

export interface BarPlot {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly { readonly name: string; readonly value: Summary }[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 64;
const RIGHT = 190;
const TOP = 40;
const BOTTOM = 52;
const BAR = 26;

/** Okabe and Ito's palette, which is safe for colour-blind readers, without the colours that vanish on white or black. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888"] as const;

/** Transparent background and a text colour for each colour scheme, for light and dark pages. */
const STYLE =
  "<style>text{font:13px system-ui,sans-serif;fill:#222}.title{font-weight:600;font-size:15px}" +
  ".grid{stroke:#8884;stroke-width:1}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>";

/** Draws a line plot with the range of the rounds as SVG. */
export function lines({ title, x, y, logarithmic, series }: LinePlot): string {
  const points = series.flatMap((one) => one.points);
  const xs = scale(
    points.map((point) => point.x),
    true,
    LEFT,
    WIDTH - RIGHT,
  );
  const values = points.flatMap((point) => [point.y.min, point.y.max]);
  const ys = scale(logarithmic ? values : [0, ...values], logarithmic, HEIGHT - BOTTOM, TOP);

  const parts = [label(LEFT, 22, `${title}: ${y}`, "start", "title")];
  for (const tick of ys.ticks) {
    parts.push(line(LEFT, ys.at(tick), WIDTH - RIGHT, ys.at(tick), 'class="grid"'));
    parts.push(label(LEFT - 8, ys.at(tick) + 4, tickText(tick), "end"));
  }
  for (const tick of new Set(points.map((point) => point.x)))
    parts.push(label(xs.at(tick), HEIGHT - BOTTOM + 20, tickText(tick), "middle"));
  parts.push(label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, "middle"));

  for (const [index, { name, points: own }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? "#888888";
    const path = own.map((point) => `${round(xs.at(point.x))},${round(ys.at(point.y.median))}`).join(" ");
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const point of own) {
      const at = xs.at(point.x);
      parts.push(line(at, ys.at(point.y.min), at, ys.at(point.y.max), `stroke="${colour}" stroke-width="1"`));
      parts.push(`<circle cx="${round(at)}" cy="${round(ys.at(point.y.median))}" r="3.5" fill="${colour}"/>`);
    }
    const row = TOP + 10 + index * 20;
    parts.push(line(WIDTH - RIGHT + 16, row, WIDTH - RIGHT + 36, row, `stroke="${colour}" stroke-width="3"`));
    parts.push(label(WIDTH - RIGHT + 42, row + 4, name, "start"));
  }
  return svg(HEIGHT, title, parts);
}

/** Draws a horizontal bar plot with the range of the rounds as SVG. */
export function bars({ title, unit, bars: all }: BarPlot): string {
  const left = 150;
  const right = WIDTH - 90;
  const xs = scale([0, ...all.map((bar) => bar.value.max)], false, left, right);
  const parts = [label(8, 22, `${title}: ${unit}`, "start", "title")];
  for (const [index, { name, value }] of all.entries()) {
    const top = TOP + index * BAR;
    const colour = name.startsWith("Malten") ? COLOURS[0] : "#888888";
    const width = Math.max(0, xs.at(value.median) - left);
    const middle = top + BAR / 2;
    parts.push(label(left - 8, middle + 4, name, "end"));
    parts.push(
      `<rect x="${left}" y="${top + 3}" width="${round(width)}" height="${BAR - 6}" fill="${colour}"/>`,
      line(xs.at(value.min), middle, xs.at(value.max), middle, 'stroke="#d55e00" stroke-width="2"'),
      label(Math.max(xs.at(value.max), xs.at(value.median)) + 8, middle + 4, short(value.median), "start"),
    );
  }
  return svg(TOP + all.length * BAR + 12, title, parts);
}

interface Axis {
  at(value: number): number;
  readonly ticks: readonly number[];
}

function scale(values: readonly number[], logarithmic: boolean, from: number, to: number): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (!logarithmic) {
    const step = niceStep((most - least) / 5);
    const top = Math.max(step, Math.ceil(most / step) * step);
    const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
    return { at: (value) => from + (value / top) * (to - from), ticks };
  }
  const low = Math.log10(least) - 0.05;
  const high = Math.max(Math.log10(most) + 0.05, low + 0.1);
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (const factor of [1, 2, 5]) {
      const exponent = Math.log10(factor) + power;
      if (exponent >= low && exponent <= high) ticks.push(factor * 10 ** power);
    }
  }
  return { at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from), ticks };
}

/** Rounds up to the next of 1, 2, 5, 10, 20, … */
function niceStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(size, 1e-9)));
  return ([1, 2, 5].find((factor) => factor * power >= size) ?? 10) * power;
}

/** Formats a tick without trailing zeros. */
function tickText(value: number): string {
  return short(value).replace(/\.(\d*?)0+(?=[kMG]?$)/, (_, digits: string) =>
    digits === "" ? "" : `.${digits}`,
  );
}

function svg(height: number, title: string, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">\n` +
    `${STYLE}\n${parts.join("\n")}\n</svg>\n`
  );
}

function label(
  x: number,
  y: number,
  text: string,
  anchor: "start" | "middle" | "end",
  name?: string,
): string {
  const kind = name === undefined ? "" : ` class="${name}"`;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${kind}>${escape(text)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, attributes: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" ${attributes}/>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function round(value: number): string {
  return value.toFixed(1);
}
