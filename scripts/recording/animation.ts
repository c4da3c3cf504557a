import type { Frame, Run } from "./recorder.ts";

/** Size of a character, and of the margin, in pixels. */
const WIDTH = 8.4;
const HEIGHT = 20;
const MARGIN = 16;
const BASELINE = 14;

/** Colours of the terminal, in light and dark: those of its own theme, then those of names. */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ground: ["#fbfaf7", "#14181b"],
  edge: ["#d8d6cf", "#2c3338"],
  text: ["#22282b", "#e4e6e3"],
  c33: ["#8a5a00", "#e6c07b"],
  c36: ["#00665f", "#5fd6c8"],
};

interface Animation {
  readonly frames: readonly Frame[];
  /** In milliseconds. */
  readonly length: number;
  /** The frame that is shown to who wants no motion. */
  readonly still: Frame;
  readonly columns: number;
  readonly title: string;
}

/** A row that shows the same for a while. */
interface Strip {
  readonly row: number;
  readonly runs: readonly Run[];
  readonly from: number;
  to: number;
  isStill: boolean;
}

/** Makes an animated picture of text, without scripts: each row is visible while it shows the same. */
export function animatedSvg({ frames, length, still, columns, title }: Animation): string {
  const rows = still.rows.length;
  const [width, height] = [columns * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN];
  const percent = (at: number) => `${Number(((at / length) * 100).toFixed(2))}%`;
  const rules: string[] = [];
  const groups = strips(frames, length, still).map(({ row, runs, from, to, isStill }, i) => {
    const end = to < length ? `${percent(to)}{visibility:hidden}` : "";
    const begin = from === 0 ? `0%` : `0%{visibility:hidden}${percent(from)}`;
    rules.push(`@keyframes k${i}{${begin}{visibility:visible}${end}}`);
    const texts = runs.map((run) => textElement(run, row));
    return `<g class="r${isStill ? " s" : ""}" style="animation-name:k${i}">${texts.join("")}</g>`;
  });
  const places = frames.map(({ from, cursor }) => `${percent(from)}{transform:${translation(cursor)}}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(title)}</title>
<style>
svg{${variables(0)}font:14px/1 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){svg{${variables(1)}}}
text{fill:var(--text)}
${looks(frames)}
.bold{font-weight:bold}
.dim{opacity:.6}
.r,.cursor{animation-duration:${length}ms;animation-timing-function:step-end;animation-iteration-count:infinite}
.r{visibility:hidden}
.s{visibility:visible}
.cursor{fill:var(--text);opacity:.5;transform:${translation(still.cursor)};animation-name:cursor}
@keyframes cursor{${places.join("")}}
${rules.join("\n")}
@media (prefers-reduced-motion:reduce){.r,.cursor{animation:none}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="var(--ground)" stroke="var(--edge)"/>
<rect class="cursor" width="${WIDTH}" height="${HEIGHT - 2}"/>
${groups.join("\n")}
</svg>
`;
}

function strips(frames: readonly Frame[], length: number, still: Frame): Strip[] {
  const done: Strip[] = [];
  const shown = new Map<number, Strip & { key: string }>();
  for (const frame of frames)
    for (const [row, runs] of frame.rows.entries()) {
      const key = JSON.stringify(runs);
      const before = shown.get(row);
      if (before?.key !== key) {
        if (before !== undefined) before.to = frame.from;
        const strip = { row, runs, from: frame.from, to: length, isStill: false, key };
        shown.set(row, strip);
        if (runs.length > 0) done.push(strip);
      }
      const strip = shown.get(row);
      if (frame === still && strip !== undefined) strip.isStill = true;
    }
  return done;
}

/** Of the width that it has in the terminal, whatever the font. */
function textElement({ column, columns, text, look }: Run, row: number): string {
  const [x, y] = [MARGIN + column * WIDTH, MARGIN + row * HEIGHT + BASELINE];
  const width = Number((columns * WIDTH).toFixed(1));
  const className = look === "" ? "" : ` class="${look}"`;
  return `<text x="${Number(x.toFixed(1))}" y="${y}" textLength="${width}" lengthAdjust="spacingAndGlyphs"${className}>${escaped(text)}</text>`;
}

function translation({ row, column }: Frame["cursor"]): string {
  return `translate(${Number((MARGIN + column * WIDTH).toFixed(1))}px,${MARGIN + row * HEIGHT}px)`;
}

function variables(scheme: 0 | 1): string {
  return Object.entries(COLOURS)
    .map(([name, pair]) => `--${name}:${pair[scheme]};`)
    .join("");
}

/** A rule for each colour in the recording. */
function looks(frames: readonly Frame[]): string {
  const used = new Set(
    frames.flatMap(({ rows }) => rows.flat().flatMap(({ look }) => look.match(/c\d+/g) ?? [])),
  );
  return [...used].map((name) => `.${name}{fill:${colour(name)}}`).join("\n");
}

/** A colour of the terminal's theme, or of the cube of 6 × 6 × 6 colours of xterm, which begins at 16. */
function colour(name: string): string {
  const index = Number(name.slice(1));
  // SGR 30 to 37 are the first eight.
  if (index < 16) return `var(--c${index + 30})`;
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
