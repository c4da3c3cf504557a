import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** Announces its first text to screen readers and ignores later ones: change its key to announce again. */
export function Announcement({ text }: { readonly text: string }): JSX.Element {
  const [first] = useState(text);
  return (
    <span class="unseen" role="status">
      {first}
    </span>
  );
}
