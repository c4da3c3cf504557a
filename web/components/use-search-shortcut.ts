import { useEffect } from "preact/hooks";
import type { App } from "../state/app.ts";

/** The keys that lead to the list of streams, as in `aria-keyshortcuts`. */
export const SEARCH_KEY = "Control+K";

/** Ctrl+K or ⌘K anywhere, and / where it is no text, lead to the list of streams. */
export function useSearchShortcut({ explorer, router }: App): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || !isSearchKey(event)) return;
      // A dialog is modal.
      if (document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      explorer.isWanted.value = true;
      // Where there is no room for the list, it is on the start page.
      if (document.querySelector(".explore") === null) router.go();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [explorer, router]);
}

function isSearchKey({ key, ctrlKey, metaKey, altKey, shiftKey, target }: KeyboardEvent): boolean {
  if (altKey) return false;
  if (ctrlKey || metaKey) return key.toLowerCase() === "k" && !shiftKey;
  return key === "/" && !(target instanceof Element && target.matches("input, textarea, select"));
}
