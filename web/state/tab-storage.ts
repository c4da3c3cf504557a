/** Returns what the tab keeps under a key of `sessionStorage`, as text; undefined if nothing, or if storage is disabled. */
export function readOfTab(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a text for the tab, across reloads. Where storage is disabled or full, it is kept only until the page is closed. */
export function keepForTab(key: string, text: string): void {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // Nothing that the page needs.
  }
}

/** Returns the JSON that the tab keeps under a key; undefined if there is none, or if it is not JSON. */
export function readJsonOfTab(key: string): unknown {
  try {
    return JSON.parse(readOfTab(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
