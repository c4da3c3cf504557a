/** The page's languages: BCP 47 subtag and native name. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  ar: "العربية",
  zh: "中文",
} as const;

export type LanguageTag = keyof typeof LANGUAGES;

/** The key of the language in `localStorage`, the only setting that outlives the tab. */
const PREFERENCE = "malten.language";

export function isLanguage(tag: string): tag is LanguageTag {
  return Object.hasOwn(LANGUAGES, tag);
}

/** The language chosen before, else the first supported one of the browser's, else English. */
export function chooseLanguage(): LanguageTag {
  const wanted = [storedLanguage() ?? "", ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? "en";
}

export function rememberLanguage(tag: LanguageTag): void {
  try {
    localStorage.setItem(PREFERENCE, tag);
  } catch {
    // Storage is disabled: the choice holds until the page is closed.
  }
}

function storedLanguage(): string | undefined {
  try {
    return localStorage.getItem(PREFERENCE) ?? undefined;
  } catch {
    return undefined;
  }
}
