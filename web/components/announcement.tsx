import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** Says aloud what it was first given, and stays with it: give it another key for another announcement. */
export function Announcement({ text }: { readonly text: string }): JSX.Element {
  const [first] = useState(text);
  return (
    <span class="unseen" role="status">
      {first}
    </span>
  );
}
