// Counting and cutting text. Apart from its validation, which the page does without.

/** Returns the number of Unicode code points of a well-formed string. */
export function codePoints(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) pairs++;
  }
  return text.length - pairs;
}

/** Returns the longest prefix of at most `most` code points that ends between graphemes (UAX #29), unless the first alone is longer. */
export function longestHead(text: string, most: number): string {
  // A code point has at most two units.
  const window = Array.from(text.slice(0, 2 * most))
    .slice(0, most)
    .join("");
  const end = new Intl.Segmenter().segment(text).containing(window.length)?.index ?? 0;
  return end === 0 ? window : window.slice(0, end);
}
