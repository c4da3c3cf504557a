// Colours that programs mix themselves, made legible on the page in both of its schemes.
import type { Rgb } from "./ansi.ts";

/** WCAG's 4.5 (§1.4.3), and room for what is beneath a line that is pointed at. */
const CONTRAST = 5;

/** The relative luminance of the darkest ground of the light scheme, and of the lightest of the dark one. */
const LIGHT_GROUND = 0.83;
const DARK_GROUND = 0.02;

/** How often the distance to the right mixture is halved. */
const STEPS = 6;

const WHITE: Rgb = { red: 255, green: 255, blue: 255 };
const BLACK: Rgb = { red: 0, green: 0, blue: 0 };

/** Colours that were made legible, by their CSS. As many as one message could mix. */
const known = new Map<string, string>();
const MAX_KNOWN = 1024;

/** The CSS colour for text in this colour. */
export function legible(colour: Rgb): string {
  const key = css(colour);
  const before = known.get(key);
  if (before !== undefined) return before;
  const light = css(
    mixedUntil(colour, BLACK, (mixed) => contrast(luminance(mixed), LIGHT_GROUND) >= CONTRAST),
  );
  const dark = css(mixedUntil(colour, WHITE, (mixed) => contrast(luminance(mixed), DARK_GROUND) >= CONTRAST));
  const found = `light-dark(${light}, ${dark})`;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, found);
  return found;
}

export function css({ red, green, blue }: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** Mixes in as little of the other colour as will do. */
function mixedUntil(colour: Rgb, other: Rgb, isEnough: (mixed: Rgb) => boolean): Rgb {
  if (isEnough(colour)) return colour;
  let [little, much] = [0, 1];
  for (let i = 0; i < STEPS; i++) {
    const half = (little + much) / 2;
    if (isEnough(mix(colour, other, half))) much = half;
    else little = half;
  }
  return mix(colour, other, much);
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const part = (a: number, b: number): number => Math.round(a + (b - a) * share);
  return {
    red: part(one.red, other.red),
    green: part(one.green, other.green),
    blue: part(one.blue, other.blue),
  };
}

/** WCAG's relative luminance, 0 to 1. */
export function luminance({ red, green, blue }: Rgb): number {
  const linear = (channel: number): number => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** WCAG's contrast ratio of two luminances, 1 to 21. */
export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
