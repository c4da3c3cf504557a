import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLanguage } from "../components/context.ts";
import { Field } from "./field.tsx";

/** A link to copy. */
export function LinkField({ link }: { readonly link: string }): JSX.Element {
  const language = useLanguage();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => {},
    );
  };
  return (
    <Field id="share-link" label={language.t("shareLink")}>
      <span class="field-row">
        <input
          id="share-link"
          readOnly
          dir="ltr"
          autocomplete="off"
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button class="primary" type="button" data-first onClick={copy}>
          {language.t(copied ? "copied" : "copy")}
        </button>
      </span>
    </Field>
  );
}
