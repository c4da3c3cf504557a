import type { CheckedMessage } from "../protocol/checked-message.ts";

/**
 * What is kept of a message besides its time: the text, escaped as the inside of a JSON string. If its sender gave a name, that
 * precedes the text, escaped likewise, between two separators. One string, so that messages without a name cost nothing more.
 */
export type Content = string;

/** US (ECMA-48 §8.3.157). An escaped text contains no control characters. */
const SEPARATOR = "\u001f";

/** Returns the content of a message. */
export function contentOf({ escaped, name }: CheckedMessage): Content {
  return name === undefined ? escaped : SEPARATOR + JSON.stringify(name).slice(1, -1) + SEPARATOR + escaped;
}

/** Returns where the text begins in a content: after the name, if there is one. */
export function textStart(content: Content): number {
  return content.charCodeAt(0) === SEPARATOR.charCodeAt(0) ? content.indexOf(SEPARATOR, 1) + 1 : 0;
}

/** Returns the name in a content, escaped; undefined if there is none. `start` is where its text begins. */
export function escapedName(content: Content, start: number): string | undefined {
  return start === 0 ? undefined : content.slice(1, start - 1);
}
