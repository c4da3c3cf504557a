import type { LanguageTag } from "../language/choose.ts";
import type { Translated } from "../language/dictionary.ts";
import type { Language } from "../language/language.ts";
import { PartTexts, type DictionaryFiles } from "../language/part-texts.ts";
import type english from "./language/en.json";

type Dictionary = Translated<typeof english>;

export type Key = keyof Dictionary;

export type Texts = Language<Dictionary>;

/** Defined by the build. */
declare const ENCRYPTED_DICTIONARIES: DictionaryFiles;

const part = new PartTexts<Dictionary>(ENCRYPTED_DICTIONARIES);

export function loadTexts(tag: LanguageTag): Promise<void> {
  return part.load(tag);
}

export function texts(): Texts {
  return part.get();
}
