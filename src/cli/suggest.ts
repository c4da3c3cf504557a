/** Maximum edit distance of a suggestion. */
const MAX_EDITS = 2;

/** Returns `unknown command "sedn". Did you mean "send"?`, or where to find help if no known word is close. */
export function unknown(kind: string, given: string, known: readonly string[], help: string): string {
  const guess = closest(given, known);
  const advice = guess === undefined ? `Run "${help}" for a list` : `Did you mean "${guess}"?`;
  return `unknown ${kind} ${JSON.stringify(given)}. ${advice}`;
}

/** Returns the known word with the fewest edits, if they look like a typing mistake. */
function closest(given: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((word) => ({ word, edits: distance(given, word) }))
    .filter(({ word, edits }) => edits <= MAX_EDITS && edits < word.length / 2)
    .toSorted((one, other) => one.edits - other.edits);
  return best?.word;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function distance(one: string, other: string): number {
  // Avoids quadratic time for a long pasted text.
  if (Math.abs(one.length - other.length) > MAX_EDITS) return Infinity;
  const table = [Array.from({ length: other.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => table[i]?.[j] ?? Infinity;
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    table.push(row);
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (same ? 0 : 1),
          swapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
