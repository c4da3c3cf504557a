import type { JSX, TargetedInputEvent, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
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
  const isWanted = explorer.isWanted.value;

  useEffect(() => {
    if (!isWanted) return;
    explorer.isWanted.value = false;
    input.current?.focus();
    input.current?.select();
  }, [isWanted, explorer]);

  const search = ({ currentTarget: field }: TargetedInputEvent<HTMLInputElement>): void => {
    const { value } = field;
    // A link is a secret, and a search is sent to the server.
    if (looksLikeLink(value)) router.openLink(value);
    field.value = looksLikeLink(value) ? "" : value.replaceAll(/[^A-Za-z0-9._~-]/g, "").slice(0, MAX_NAME);
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
    <input
      ref={input}
      type="search"
      class="search"
      aria-label={language.t("search")}
      aria-keyshortcuts={SEARCH_KEY}
      title={`${language.t("search")} (${SEARCH_KEY.replace("+", " ")})`}
      placeholder={language.t("search")}
      value={explorer.prefix}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      onInput={search}
      onKeyDown={onKeyDown}
    />
  );
}
