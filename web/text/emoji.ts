/** More are a pattern, not a word. */
const MOST = 6;

/** Longest text that is looked at, in UTF-16 code units: families and flags need many for each emoji. */
const LONGEST = 120;

/** An emoji as people know it (Unicode Technical Standard #51), or white space. Sticky: nothing is read twice. */
const PART = /\p{RGI_Emoji}|\s/vy;

/** Reports whether a text consists of a few emoji. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > LONGEST) return false;
  let count = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const found = PART.exec(text)?.[0];
    if (found === undefined) return false;
    if (found.trim() !== "") count++;
  }
  return count > 0 && count <= MOST;
}
