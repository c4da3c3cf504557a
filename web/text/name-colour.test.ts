import { expect, test } from "bun:test";
import { join } from "node:path";
import { HUES } from "../../src/protocol/name-hue.ts";
import { nameHue } from "./name-colour.ts";

const ALL = Array.from({ length: HUES }, (_, i) => 29 + i * 30);

test("the hue of a name is that of the terminal, on the wheel of OKLCH", () => {
  expect(["Ada", "Bob", "Eve"].map(nameHue)).toEqual([359, 149, 179]);
});

/** Linear light of sRGB, clipped as browsers do, of a colour in OKLCH (CSS Color 4 §10). */
function linear(lightness: number, chroma: number, hue: number): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((part) => Math.min(1, Math.max(0, part)));
}

function linearOfHex(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
}

/** Relative luminance (WCAG 2.2). */
function luminance([red = 0, green = 0, blue = 0]: number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: number[], other: number[]): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const style = join(import.meta.dir, "..", "style");
const tokens = await Bun.file(join(style, "tokens.css")).text();
const log = await Bun.file(join(style, "log.css")).text();
const COLOUR = /oklch\(([\d.]+) ([\d.]+) var\(--hue\)\)/g;
const colours = [...log.matchAll(COLOUR)].map(([, l, c]) => [Number(l), Number(c)] as const);

for (const [scheme, name] of ["light", "dark"].entries()) {
  for (const ground of ["ground", "surface", "sunken", "tint", "own"]) {
    test(`each hue is legible: ${name}, on ${ground}`, () => {
      const pattern = new RegExp(`--${ground}: light-dark\\((#\\w{6}), (#\\w{6})\\)`);
      const hex = pattern.exec(tokens)?.[scheme + 1] ?? "";
      const [lightness, chroma] = colours[scheme] ?? [0, 0];
      // WCAG 2.2, 1.4.3.
      for (const hue of ALL)
        expect(contrast(linear(lightness, chroma, hue), linearOfHex(hex))).toBeGreaterThan(4.5);
    });
  }
}
