import type { Output } from "./output.ts";
import { plain, type Plain } from "./plain.ts";

/** Less than this part of the time-to-live is shown as a warning. */
const LITTLE = 0.1;

/** A line that drains towards its start: `━━━━╸───`. @param left the part of the time-to-live that is left, from 0 to 1 */
export function lifeLine(left: number, columns: number, output: Output): Plain {
  const halves = Math.ceil(Math.min(Math.max(left, 0), 1) * columns * 2);
  const full = "━".repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? "╸" : "");
  const rest = output.dim(plain`${"─".repeat(columns - full.length)}`);
  return plain`${left < LITTLE ? output.warning(plain`${full}`) : output.alive(plain`${full}`)}${rest}`;
}

/** Formats seconds as `12 s`, `5 min`, `2 h` or `3 d`, rounded down. */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
