import type english from "./en.json";
import type { LanguageTag } from "./choose.ts";

/** One form for each plural category of the language (Unicode CLDR). */
export type Plural = { readonly other: string } & Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** The entries of an English dictionary in any language, each a text or a plural. */
export type Translated<E> = { readonly [K in keyof E]: E[K] extends string ? string : Plural };

export type Dictionary = Translated<typeof english>;

export type Key = keyof Dictionary;

/** Loads a dictionary on demand. One with a missing entry does not compile. */
const LOADERS: Readonly<Record<LanguageTag, () => Promise<{ default: Dictionary }>>> = {
  en: () => import("./en.json"),
  de: () => import("./de.json"),
  es: () => import("./es.json"),
  fr: () => import("./fr.json"),
  ar: () => import("./ar.json"),
  zh: () => import("./zh.json"),
};

/** @throws TypeError if the dictionary cannot be loaded */
export async function loadDictionary(tag: LanguageTag): Promise<Dictionary> {
  return (await LOADERS[tag]()).default;
}
