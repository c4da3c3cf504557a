import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Announces its first text to screen readers and ignores later ones: change its key to announce again. */
export function Announcement({ text }: { readonly text: string }): JSX.Element {
  const [said, setSaid] = useState("");
  // Later: what appears together with its element is not announced by all.
  useEffect(() => setSaid(text), []);
  return (
    <span class="unseen" role="status">
      {said}
    </span>
  );
}
