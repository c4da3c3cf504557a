import { codePoints, longestHead } from "../../src/protocol/characters.ts";

/** Places to cut, in order of preference: the first one found in the second half of a piece is used. */
const CUT_MARKS = ["\n\n", "\n", ". ", " "];

/**
 * Splits a text into pieces of at most `most` code points, between paragraphs, lines, sentences or words if possible, and within a
 * grapheme cluster only if that alone is too long. White space at a cut and blank pieces are dropped.
 */
export function splitText(text: string, most: number): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (codePoints(rest) > most) {
    const head = longestHead(rest, most);
    const cut = cutPosition(head) ?? head.length;
    pieces.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  pieces.push(rest);
  return pieces.filter((piece) => piece !== "");
}

function cutPosition(head: string): number | undefined {
  for (const mark of CUT_MARKS) {
    const found = head.lastIndexOf(mark);
    if (found > head.length / 2) return found + mark.length;
  }
  return undefined;
}
