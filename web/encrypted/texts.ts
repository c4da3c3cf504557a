import { signal } from "@preact/signals";
import type { LanguageTag } from "../language/choose.ts";
import type { Loaders, Translated } from "../language/dictionary.ts";
import { Language } from "../language/language.ts";
import type english from "./language/en.json";

type Dictionary = Translated<typeof english>;

export type Key = keyof Dictionary;

export type Texts = Language<Dictionary>;

const LOADERS: Loaders<typeof english> = {
  en: () => import("./language/en.json"),
  de: () => import("./language/de.json"),
  es: () => import("./language/es.json"),
  fr: () => import("./language/fr.json"),
  ar: () => import("./language/ar.json"),
  zh: () => import("./language/zh.json"),
};

const current = signal<Texts | undefined>();

/** Loads the texts of this part of the page. @throws TypeError if they cannot be loaded */
export async function loadTexts(tag: LanguageTag): Promise<void> {
  current.value = new Language(tag, (await LOADERS[tag]()).default);
}

/** The texts in the page's language. Components that use them render again when it changes. @throws TypeError before they are loaded */
export function texts(): Texts {
  const { value } = current;
  if (value === undefined) throw new TypeError("Used before loadTexts");
  return value;
}
