import { addressOf, ENCRYPTED } from "./address.ts";

declare global {
  /** A link that was in the address bar, until it is taken. Set by first-request.ts, a separate script. */
  var openedLink: string | undefined;
}

/** Moves a link from the address bar to memory: what is in the address bar is copied, shown to others and kept in the history. */
export function hideLink(): void {
  globalThis.openedLink = location.href;
  history.replaceState(null, "", addressOf(ENCRYPTED));
}

/** Returns the link that was in the address bar, once. */
export function takeLink(): string | undefined {
  const link = globalThis.openedLink;
  globalThis.openedLink = undefined;
  return link;
}
