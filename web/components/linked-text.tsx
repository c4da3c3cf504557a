import type { JSX } from "preact";
import { textParts } from "../text/links.ts";

/** A message's text as text nodes; only links become elements. */
export function LinkedText({ text }: { readonly text: string }): JSX.Element {
  const parts = textParts(text);
  return (
    <>
      {parts.map((part) =>
        part.href === undefined ? (
          part.text
        ) : (
          <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        ),
      )}
    </>
  );
}
