import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLanguage } from "../components/context.ts";
import { Icon } from "../components/icon.tsx";
import { copyText } from "../text/copy.ts";

/** What can be done with the line that is pointed at. */
export function RowActions({ text }: { readonly text: string }): JSX.Element {
  const language = useLanguage();
  const [copied, setCopied] = useState(false);
  const label = language.t(copied ? "copied" : "copy");
  return (
    <button
      type="button"
      class="copy-line"
      aria-label={label}
      title={label}
      onClick={() => void copyText(text).then(setCopied)}
    >
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
