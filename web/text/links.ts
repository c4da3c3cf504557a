/** A piece of a text, with `href` if it is a link. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/** Excludes characters that change the text direction (UAX #9), so that a link cannot disguise its target. */
const LINK = /\bhttps?:\/\/[^\s<>"\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;

/** Punctuation at the end of a sentence is not part of a link. */
const TRAILING = ".,;:!?'…。，、；：！？）";

/** Splits a text into http and https links and the text between them. Joined, the parts are the text again. */
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

/** A closing bracket at the end is part of the link only if the link has an opening one for it. In linear time, unlike a regular expression. */
function trimLink(link: string): string {
  let unopened = link.split(")").length - link.split("(").length;
  let end = link.length;
  for (; end > 0; end--) {
    const last = link.charAt(end - 1);
    if (last === ")" && unopened > 0) unopened--;
    else if (!TRAILING.includes(last)) break;
  }
  return link.slice(0, end);
}
