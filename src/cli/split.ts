import { MAX_TEXT } from "../protocol/limits.ts";
import { longestHead } from "../protocol/characters.ts";

const SPACE = /\s/;

/**
 * Splits a text into pieces of at most `max` code points: after a space in the second half of a piece, else between graphemes
 * (UAX #29), else between code points. Joined, the pieces are the text again.
 */
export function split(text: string, max = MAX_TEXT): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const head = longestHead(rest, max);
    if (head.length === rest.length) break;
    const end = afterSpace(head) ?? head.length;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  pieces.push(rest);
  return pieces;
}

/** Returns the position after the last space in the second half that ends a grapheme. */
function afterSpace(head: string): number | undefined {
  const starts = Array.from(new Intl.Segmenter().segment(head), ({ index }) => index);
  return [...starts, head.length].findLast(
    (end) => end > head.length / 2 && SPACE.test(head.charAt(end - 1)),
  );
}
