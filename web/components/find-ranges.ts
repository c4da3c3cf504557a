import { findIn } from "../text/find.ts";

/** Names of the highlights, see log.css. */
const FOUND = "found";
const CURRENT = "found-current";

/** What is searched: texts, and names where they are shown. */
const SEARCHED = '.body, .message[data-first="true"][data-own="false"] .person-name';

/** Ranges that are marked. Each costs the browser time with every change of the page, and a letter can be found a million times. */
export const MAX_RANGES = 1000;

/** Returns where the words are in the messages, in order: the newest {@link MAX_RANGES}. */
export function findRanges(log: Element, words: string): Range[] {
  return rangesIn([...log.querySelectorAll(SEARCHED)], [words]);
}

/** Returns where any of the words are in the texts of elements, the last {@link MAX_RANGES}. */
export function rangesIn(elements: readonly Element[], words: readonly string[]): Range[] {
  const found: Range[][] = [];
  let room = MAX_RANGES;
  for (const element of elements.toReversed()) {
    if (room === 0) break;
    const places = words.flatMap((one) => findIn(element.textContent, one)).slice(-room);
    room -= places.length;
    found.push(places.map(([start, end]) => rangeIn(element, start, end)));
  }
  return found.toReversed().flat();
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
