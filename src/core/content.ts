import type { CheckedMessage } from "../protocol/checked-message.ts";

/**
 * What is kept of a message besides its time: the text, escaped as the inside of a JSON string. If its sender gave a name, that
 * precedes the text, escaped likewise, between two separators. One string, so that messages without a name cost nothing more.
 */
export type Content = string;

/** Begins a content that has a name: US (ECMA-48 §8.3.157). Escaped texts and names contain no control characters. */
export const SEPARATOR = 0x1f;

const SEPARATOR_TEXT = String.fromCharCode(SEPARATOR);

/** Returns the content of a message. */
export function contentOf({ escaped, name }: CheckedMessage): Content {
  if (name === undefined) return escaped;
  return joinContent(JSON.stringify(name).slice(1, -1), escaped);
}

/** Returns the content of a text with a name, both escaped. */
export function joinContent(name: string, text: string): Content {
  return SEPARATOR_TEXT + name + SEPARATOR_TEXT + text;
}

/** Returns the name and the text in a content, both escaped; undefined if it has no name: then it is the text. */
export function partsOf(content: Content): readonly [name: string, text: string] | undefined {
  if (content.charCodeAt(0) !== SEPARATOR) return undefined;
  const end = content.indexOf(SEPARATOR_TEXT, 1);
  return [content.slice(1, end), content.slice(end + 1)];
}

/** Returns the text of the inside of a JSON string. */
export function unescaped(escaped: string): string {
  return escaped.includes("\\") ? String(JSON.parse(`"${escaped}"`)) : escaped;
}
