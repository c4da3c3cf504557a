import { codePoints, longestHead } from "../../src/protocol/text.ts";

/** Where a text is best cut: the first kind that there is in the later half of a piece. */
const SEAMS = ["\n\n", "\n", ". ", " "];

/**
 * Cuts a text into pieces of at most `most` code points: between paragraphs, lines, sentences or words where it can, never inside
 * what a reader takes for one character unless that alone is too long. White space at a cut is dropped; blank pieces are, too.
 */
export function splitText(text: string, most: number): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (codePoints(rest) > most) {
    const head = longestHead(rest, most);
    const cut = seam(head) ?? head.length;
    pieces.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  pieces.push(rest);
  return pieces.filter((piece) => piece !== "");
}

function seam(head: string): number | undefined {
  for (const mark of SEAMS) {
    const found = head.lastIndexOf(mark);
    if (found > head.length / 2) return found + mark.length;
  }
  return undefined;
}
