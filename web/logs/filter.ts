// A filter as people type it: words that a line contains, `-word` for those it does not, and "words in quotation marks" as one.

export interface LineFilter {
  readonly wanted: readonly string[];
  readonly unwanted: readonly string[];
}

const TERM = /(-?)(?:"([^"]*)"?|(\S+))/g;

export function parseFilter(query: string): LineFilter {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  for (const [whole, minus, quoted, word] of query.toLowerCase().matchAll(TERM)) {
    const term = quoted ?? word ?? "";
    // A minus alone is a word on its way.
    if (term === "" || whole === "-") continue;
    (minus === "-" ? unwanted : wanted).push(term);
  }
  return { wanted, unwanted };
}

export function isEmpty({ wanted, unwanted }: LineFilter): boolean {
  return wanted.length === 0 && unwanted.length === 0;
}

export function isSame(one: LineFilter, other: LineFilter): boolean {
  return sameTerms(one.wanted, other.wanted) && sameTerms(one.unwanted, other.unwanted);
}

function sameTerms(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((term, i) => term === other[i]);
}

/** Reports whether a text in lower case passes. */
export function passes({ wanted, unwanted }: LineFilter, text: string): boolean {
  return wanted.every((term) => text.includes(term)) && !unwanted.some((term) => text.includes(term));
}
