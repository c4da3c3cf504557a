// The colours, against the contrasts of WCAG 2.2: 4.5 for texts (1.4.3), 3 for the borders of controls and for marks (1.4.11).
import { expect, test } from "bun:test";
import { join } from "node:path";

const css = await Bun.file(join(import.meta.dir, "tokens.css")).text();

/** The light and the dark value of each colour. */
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);

/** What texts are on. */
const GROUNDS = ["ground", "surface", "sunken", "tint", "own"];

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** The pairs of colours with less than this contrast. */
function tooClose(fronts: readonly string[], backs: readonly string[], least: number): string[] {
  return fronts.flatMap((front) =>
    backs.flatMap((back) =>
      (["light", "dark"] as const)
        .filter((scheme) => {
          const one = colours.get(front)?.[scheme] ?? "";
          const other = colours.get(back)?.[scheme] ?? "";
          return !(contrast(one, other) >= least);
        })
        .map((scheme) => `${front} on ${back} (${scheme})`),
    ),
  );
}

test("texts are legible on every ground", () => {
  expect(tooClose(["ink", "quiet", "accent", "warn"], GROUNDS, 4.5)).toEqual([]);
  expect(tooClose(["ink", "warn"], ["warn-tint"], 4.5)).toEqual([]);
  expect(tooClose(["on-accent"], ["accent"], 4.5)).toEqual([]);
});

test("the borders of controls are visible", () => {
  expect(tooClose(["edge"], ["ground", "surface", "sunken", "tint"], 3)).toEqual([]);
});

test("the user's own messages stand out", () => {
  expect(tooClose(["own"], ["ground"], 1.3)).toEqual([]);
  expect(tooClose(["own-edge"], ["ground"], 2)).toEqual([]);
});
