import type english from "./en.json";
import type { LanguageTag } from "./choose.ts";

/** A form for each plural category (Unicode CLDR) that the language has. */
export type Plural = { readonly other: string } & Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

export type Key = keyof typeof english;

/** English says which entries there are, and which of them are counted. */
export type Dictionary = {
  readonly [K in Key]: (typeof english)[K] extends string ? string : Plural;
};

/** Loads the one that is used. Each is complete, or this does not compile. */
const LOADERS: Readonly<Record<LanguageTag, () => Promise<{ default: Dictionary }>>> = {
  en: () => import("./en.json"),
  de: () => import("./de.json"),
  es: () => import("./es.json"),
  fr: () => import("./fr.json"),
  ar: () => import("./ar.json"),
  zh: () => import("./zh.json"),
};

/** @throws TypeError where it cannot be loaded */
export async function loadDictionary(tag: LanguageTag): Promise<Dictionary> {
  return (await LOADERS[tag]()).default;
}
