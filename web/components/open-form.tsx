import type { JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { isName } from "../../src/protocol/name.ts";
import { useApp, useLanguage } from "./context.ts";

/** Opens a stream by its name, or what a link leads to. */
export function OpenForm(): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [invalid, setInvalid] = useState(false);

  useEffect(() => {
    // On phones, focus would open the keyboard over the page.
    if (matchMedia("(pointer: fine)").matches && router.dialog.peek() === undefined)
      field.current?.focus({ preventScroll: true });
  }, [router]);

  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (looksLikeLink(name)) {
      setName("");
      router.openLink(name);
      return;
    }
    const wanted = name.trim().replace(/^#/, "");
    if (isName(wanted)) router.go(wanted);
    else setInvalid(true);
  }

  return (
    <form class="open" onSubmit={submit}>
      <input
        ref={field}
        aria-label={language.t("openLabel")}
        aria-describedby={invalid ? "open-hint" : undefined}
        aria-invalid={invalid}
        placeholder={language.t("openLabel")}
        value={name}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        dir="ltr"
        onInput={(event) => {
          setName(event.currentTarget.value);
          setInvalid(false);
        }}
      />
      <button class="quiet">{language.t("open")}</button>
      {invalid && (
        <p id="open-hint" class="hint warn" role="alert">
          {language.t("openHint")}
        </p>
      )}
    </form>
  );
}
