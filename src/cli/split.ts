import { MAX_TEXT } from "../protocol/limits.ts";

const SPACE = /\s/;

/**
 * Cuts a text into pieces of at most {@link MAX_TEXT} code points, which together are the text: behind a space in the second
 * half of a piece, else between graphemes (UAX #29), else between code points.
 */
export function split(text: string, most = MAX_TEXT): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const window = head(rest, most);
    if (window.length === rest.length) break;
    const end = cut(rest, window);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  pieces.push(rest);
  return pieces;
}

/** The first code points of a text. */
function head(text: string, most: number): string {
  // A code point is two units at the most.
  return Array.from(text.slice(0, 2 * most))
    .slice(0, most)
    .join("");
}

/** Where to cut within the window that may be taken. */
function cut(text: string, window: string): number {
  const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  // One code point more than the window, so that a grapheme which goes on behind it is seen to.
  const next = String.fromCodePoint(text.codePointAt(window.length) ?? 0);
  const boundaries = Array.from(graphemes.segment(window + next), ({ index }) => index).slice(1);
  const space = boundaries.findLast((end) => end > window.length / 2 && SPACE.test(text.charAt(end - 1)));
  return space ?? boundaries.at(-1) ?? window.length;
}
