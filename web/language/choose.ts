/** The languages of the page, by the subtag of BCP 47, each as its speakers call it. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  ar: "العربية",
  zh: "中文",
} as const;

export type LanguageTag = keyof typeof LANGUAGES;

/** Where the one preference is kept that outlives the tab. */
const PREFERENCE = "malten.language";

export function isLanguage(tag: string): tag is LanguageTag {
  return Object.hasOwn(LANGUAGES, tag);
}

/** The language that somebody chose before, else the first of the browser's that there is, else English. */
export function chooseLanguage(): LanguageTag {
  const wanted = [remembered() ?? "", ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? "en";
}

export function rememberLanguage(tag: LanguageTag): void {
  try {
    localStorage.setItem(PREFERENCE, tag);
  } catch {
    // Storage is forbidden: the choice holds until the page is closed.
  }
}

function remembered(): string | undefined {
  try {
    return localStorage.getItem(PREFERENCE) ?? undefined;
  } catch {
    return undefined;
  }
}
