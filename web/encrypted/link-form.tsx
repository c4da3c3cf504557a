import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";

/** A field for a link, which never gets into the address bar. */
export function LinkForm(): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  const [link, setLink] = useState("");
  return (
    <form
      class="open"
      onSubmit={(event) => {
        event.preventDefault();
        if (link.trim() === "") return;
        setLink("");
        router.openLink(link);
      }}
    >
      <input
        aria-label={language.t("shareLink")}
        placeholder={language.t("shareLink")}
        value={link}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        dir="ltr"
        onInput={(event) => setLink(event.currentTarget.value)}
      />
      <button class="primary">{language.t("open")}</button>
    </form>
  );
}
