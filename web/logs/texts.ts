import type { LanguageTag } from "../language/choose.ts";
import type { Translated } from "../language/dictionary.ts";
import type { Language } from "../language/language.ts";
import { PartTexts, type DictionaryFiles } from "../language/part-texts.ts";
import type english from "./language/en.json";

type Dictionary = Translated<typeof english>;

/** Defined by the build. */
declare const LOGS_DICTIONARIES: DictionaryFiles;

const part = new PartTexts<Dictionary>(LOGS_DICTIONARIES);

export function loadTexts(tag: LanguageTag): Promise<void> {
  return part.load(tag);
}

export function texts(): Language<Dictionary> {
  return part.get();
}
