import { plain, visible, type Plain } from "./plain.ts";

/** Number of columns that a text takes on a terminal, without the sequences that style it. */
export function widthOf(text: Plain): number {
  return Bun.stringWidth(text.text);
}

/** Makes a text visible and cuts it to so many columns, with … at the end if something is left out. Never within a grapheme. */
export function cut(text: string, columns: number): Plain {
  const shown = visible(text);
  if (Bun.stringWidth(shown) <= columns) return plain`${shown}`;
  let head = "";
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(shown)) {
    width += Bun.stringWidth(segment);
    if (width >= columns) break;
    head += segment;
  }
  return plain`${head}…`;
}
