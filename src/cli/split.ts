import { MAX_TEXT } from "../protocol/limits.ts";
import { longestHead } from "../protocol/text.ts";

const SPACE = /\s/;

/**
 * Cuts a text into pieces of at most {@link MAX_TEXT} code points, which together are the text: behind a space in the second
 * half of a piece, else between graphemes (UAX #29), else between code points.
 */
export function split(text: string, most = MAX_TEXT): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const head = longestHead(rest, most);
    if (head.length === rest.length) break;
    const end = behindSpace(head) ?? head.length;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  pieces.push(rest);
  return pieces;
}

/** Behind the last space in the second half that no grapheme goes on after. */
function behindSpace(head: string): number | undefined {
  const starts = Array.from(new Intl.Segmenter().segment(head), ({ index }) => index);
  return [...starts, head.length].findLast(
    (end) => end > head.length / 2 && SPACE.test(head.charAt(end - 1)),
  );
}
