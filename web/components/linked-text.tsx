import type { JSX } from "preact";
import { textParts } from "../text/links.ts";

/** A text of somebody's, as text: only its links become elements. */
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
