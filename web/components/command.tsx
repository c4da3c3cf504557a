import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { copyText } from "../text/copy.ts";
import { useLanguage } from "./context.ts";
import { IconButton } from "./icon-button.tsx";

/** Something to type elsewhere, with a button that copies it. */
export function Command({ text }: { readonly text: string }): JSX.Element {
  const language = useLanguage();
  const [copied, setCopied] = useState(false);
  const id = useId();
  return (
    <div class="command" dir="ltr">
      <pre id={id}>
        <code>{text}</code>
      </pre>
      <IconButton
        icon={copied ? "check" : "copy"}
        label={language.t(copied ? "copied" : "copy")}
        describedBy={id}
        onClick={() => void copyText(text).then(setCopied)}
      />
    </div>
  );
}
