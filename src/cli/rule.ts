import { plain, type Plain } from "./plain.ts";
import { widthOf } from "./width.ts";

/** A line of the width of the terminal, with words in it. */
export function rule(words: Plain, columns: number): Plain {
  const rest = Math.max(columns - widthOf(words) - 4, 0);
  return plain`── ${words} ${"─".repeat(rest)}`;
}
