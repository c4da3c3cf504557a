import { signal } from "@preact/signals";
import type { LanguageTag } from "../language/choose.ts";
import type { Translated } from "../language/dictionary.ts";
import { Language } from "../language/language.ts";
import type english from "./language/en.json";

type Dictionary = Translated<typeof english>;

export type Key = keyof Dictionary;

export type Texts = Language<Dictionary>;

/** Where each language's dictionary is; defined by the build. */
declare const ENCRYPTED_DICTIONARIES: Readonly<
  Record<LanguageTag, { readonly path: string; readonly integrity: string }>
>;

const current = signal<Texts | undefined>();

/** Loads the texts of this part of the page. @throws TypeError if they cannot be loaded */
export async function loadTexts(tag: LanguageTag): Promise<void> {
  const { path, integrity } = ENCRYPTED_DICTIONARIES[tag];
  const response = await fetch(path, { integrity });
  const dictionary: unknown = await response.json();
  if (!isDictionary(dictionary)) throw new TypeError("Not a dictionary");
  current.value = new Language(tag, dictionary);
}

/** The hash says the rest. */
function isDictionary(value: unknown): value is Dictionary {
  return typeof value === "object" && value !== null;
}

/** The texts in the page's language. Components that use them render again when it changes. @throws TypeError before they are loaded */
export function texts(): Texts {
  const { value } = current;
  if (value === undefined) throw new TypeError("Used before loadTexts");
  return value;
}
