/** Where a text begins and ends in another. */
export type Found = readonly [start: number, end: number];

/** Returns where the words are in a text, in any case, one after the other. */
export function findIn(text: string, words: string): Found[] {
  if (words === "") return [];
  const pattern = new RegExp(words.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`), "giu");
  return [...text.matchAll(pattern)].map(({ 0: { length }, index }) => [index, index + length]);
}
