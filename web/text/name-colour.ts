import { HUES, hueOf } from "../../src/protocol/name-hue.ts";

/** The hue of red in OKLCH, in degrees. */
const RED = 29;

/** Returns the hue of a name in degrees of OKLCH, the same everywhere. The style makes a legible colour of it, see log.css. */
export function nameHue(name: string): number {
  return RED + hueOf(name) * (360 / HUES);
}
