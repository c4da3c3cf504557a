/** Light or dark; `system` is what the system says. */
export const THEMES = ["system", "light", "dark"] as const;

export type Theme = (typeof THEMES)[number];

/** The key of the theme in `localStorage`. Like the language, it says nothing of what was read or written, and is kept. */
const PREFERENCE = "malten.theme";

export function isTheme(value: string): value is Theme {
  return THEMES.some((theme) => theme === value);
}

/** The theme chosen before. */
export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(PREFERENCE) ?? "";
    return isTheme(stored) ? stored : "system";
  } catch {
    return "system";
  }
}

export function rememberTheme(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(PREFERENCE);
    else localStorage.setItem(PREFERENCE, theme);
  } catch {
    // Storage is disabled: the choice holds until the page is closed.
  }
}

/** Shows the page, and the browser's frame around it, in a theme. */
export function applyTheme(theme: Theme): void {
  const { documentElement: root } = document;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const scheme = meta.dataset["scheme"] ?? "";
    meta.media =
      theme === "system" ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? "all" : "not all";
  }
}
