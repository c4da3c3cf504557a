/** A piece of a text; with `href` where it is a link. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/** Without what turns the direction of text (UAX #9), so that a link looks like where it leads. */
const LINK = /\bhttps?:\/\/[^\s<>"\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;

/** What ends a sentence is no part of its link. */
const TRAILING = /[.,;:!?'…。，、；：！？）]+$/u;

/** Cuts a text into links, of http and https only, and what is between them. The pieces together are the text. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const link = trimLink(found);
    if (!URL.canParse(link)) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: link, href: link });
    end = index + link.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** A closing bracket belongs to the link only where it was opened in it. */
function trimLink(found: string): string {
  const link = found.replace(TRAILING, "");
  if (!link.endsWith(")") || link.includes("(")) return link;
  return trimLink(link.slice(0, -1));
}
