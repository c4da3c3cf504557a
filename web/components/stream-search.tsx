import type { JSX, TargetedInputEvent, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { useApp, useLanguage } from "./context.ts";
import { SEARCH_KEY } from "./use-search-shortcut.ts";

/** Not a limit of the field, which has to take a whole link to recognise it. */
const MAX_NAME = 64;

/** Finds streams by the beginning of their name, and opens the first one with Enter. */
export function StreamSearch(): JSX.Element {
  const { explorer, router } = useApp();
  const language = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const [invalid, setInvalid] = useState(false);
  const isWanted = explorer.isWanted.value;

  useEffect(() => {
    // On phones, focus would open the keyboard over the page.
    const isHome = router.view.peek().kind === "home" && router.dialog.peek() === undefined;
    // Nor is it taken from someone who has tabbed on already.
    const isFree = document.activeElement === document.body;
    if (isHome && isFree && matchMedia("(pointer: fine)").matches)
      input.current?.focus({ preventScroll: true });
  }, [router]);

  useLayoutEffect(() => {
    if (!isWanted) return;
    explorer.isWanted.value = false;
    input.current?.focus();
    input.current?.select();
  }, [isWanted, explorer]);

  const search = ({ currentTarget: field }: TargetedInputEvent<HTMLInputElement>): void => {
    const { value } = field;
    // A link is a secret, and a search is sent to the server.
    const isLink = looksLikeLink(value);
    if (isLink) router.openLink(value);
    const wanted = isLink ? "" : value.replace(/^[#/]/, "");
    field.value = wanted.replaceAll(/[^A-Za-z0-9._~-]/g, "").slice(0, MAX_NAME);
    setInvalid(field.value !== wanted);
    explorer.search(field.value);
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      // The list may still be that of a shorter name.
      const prefix = explorer.prefix.peek();
      const found = explorer.streams.peek().find(({ name }) => name.startsWith(prefix));
      const name = found?.name ?? prefix;
      if (name !== "") router.go(name);
    } else if (event.key === "Escape" && event.currentTarget.value === "")
      document.querySelector<HTMLElement>("#draft")?.focus();
  };

  return (
    <>
      <input
        ref={input}
        type="search"
        class="search"
        aria-label={language.t("search")}
        aria-keyshortcuts={SEARCH_KEY}
        aria-describedby={invalid ? "search-hint" : undefined}
        enterkeyhint="go"
        title={`${language.t("search")} (${SEARCH_KEY.replace("+", " ")})`}
        placeholder={language.t("search")}
        value={explorer.prefix}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={search}
        onKeyDown={onKeyDown}
      />
      {invalid && (
        <p id="search-hint" class="hint warn" role="alert">
          {language.t("openHint")}
        </p>
      )}
    </>
  );
}
