import type { Plain } from "./plain.ts";

/** Number of columns that a text takes on a terminal, without the sequences that style it. */
export function widthOf(text: Plain): number {
  return Bun.stringWidth(text.text);
}
