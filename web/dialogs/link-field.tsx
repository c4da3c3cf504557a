import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { useLanguage } from "../components/context.ts";
import { copyText } from "../text/copy.ts";
import { Field } from "./field.tsx";

/** A link to copy, shown as a whole: its end is what makes it this one. */
export function LinkField({ link }: { readonly link: string }): JSX.Element {
  const language = useLanguage();
  const field = useRef<HTMLTextAreaElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(link);
    setCopied(isCopied);
    // Selected, it can be copied by hand.
    if (!isCopied) field.current?.focus();
  };
  return (
    <Field id="share-link" label={language.t("shareLink")}>
      <span class="link-row">
        <textarea
          id="share-link"
          ref={field}
          class="link"
          rows={2}
          readOnly
          dir="ltr"
          autocomplete="off"
          spellcheck={false}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button class="primary" type="button" data-first onClick={() => void copy()}>
          {language.t(copied ? "copied" : "copy")}
        </button>
      </span>
    </Field>
  );
}
