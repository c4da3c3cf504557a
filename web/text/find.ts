/** Where a text begins and ends in another. */
export type Found = readonly [start: number, end: number];

/** Returns where the words are in a text, in any case, one after the other. */
export function findIn(text: string, words: string): Found[] {
  if (words === "") return [];
  const lower = text.toLowerCase();
  // A few letters are longer in lower case, and places in the text would be wrong: then the case counts.
  const isSame = lower.length === text.length;
  const [where, what] = isSame ? [lower, words.toLowerCase()] : [text, words];
  const found: Found[] = [];
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + what.length))
    found.push([at, at + what.length]);
  return found;
}
