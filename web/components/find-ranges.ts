import { findIn } from "../text/find.ts";

/** Names of the highlights, see log.css. */
const FOUND = "found";
const CURRENT = "found-current";

/** What is searched: texts, and names where they are shown. */
const SEARCHED = '.body, .message[data-first="true"][data-own="false"] .person-name';

/** Returns where the words are in the messages, in order. */
export function findRanges(log: Element, words: string): Range[] {
  return [...log.querySelectorAll(SEARCHED)].flatMap((element) => rangesIn(element, words));
}

/** Returns where the words are in the text of an element. */
export function rangesIn(element: Element, words: string): Range[] {
  return findIn(element.textContent, words).map(([start, end]) => rangeIn(element, start, end));
}

/** Returns the range between two places in the text of an element. */
function rangeIn(element: Element, start: number, end: number): Range {
  const range = document.createRange();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let before = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const after = before + (node.nodeValue?.length ?? 0);
    if (start >= before && start < after) range.setStart(node, start - before);
    if (end > before && end <= after) {
      range.setEnd(node, end - before);
      break;
    }
    before = after;
  }
  return range;
}

/** Marks ranges without changing an element (CSS Custom Highlight API). Browsers without it only scroll to them. */
export function highlight(ranges: readonly Range[], current?: Range): void {
  if (!("highlights" in CSS)) return;
  CSS.highlights.set(FOUND, new Highlight(...ranges));
  CSS.highlights.set(CURRENT, new Highlight(...(current === undefined ? [] : [current])));
}

export function clearHighlights(): void {
  if (!("highlights" in CSS)) return;
  CSS.highlights.delete(FOUND);
  CSS.highlights.delete(CURRENT);
}

/** Reports whether two ranges begin at the same place: the nodes of a message stay, ranges are made anew. */
export function isSamePlace(one: Range, other: Range): boolean {
  return one.startContainer === other.startContainer && one.startOffset === other.startOffset;
}

/** Scrolls to a range. */
export function showRange({ startContainer }: Range): void {
  startContainer.parentElement?.scrollIntoView({ block: "center" });
}
