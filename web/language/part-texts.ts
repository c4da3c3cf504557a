import { signal } from "@preact/signals";
import type { LanguageTag } from "./choose.ts";
import { Language, type Entries } from "./language.ts";

/** Where each language's dictionary is. */
export type DictionaryFiles = Readonly<
  Record<LanguageTag, { readonly path: string; readonly integrity: string }>
>;

/** The texts of a part of the page that is loaded when it is used. */
export class PartTexts<D extends Entries<D>> {
  private readonly current = signal<Language<D> | undefined>();
  private readonly files: DictionaryFiles;

  constructor(files: DictionaryFiles) {
    this.files = files;
  }

  /** @throws TypeError if they cannot be loaded */
  async load(tag: LanguageTag): Promise<void> {
    if (this.current.peek()?.tag === tag) return;
    const { path, integrity } = this.files[tag];
    const response = await fetch(path, { integrity });
    const dictionary: unknown = await response.json();
    if (!this.isDictionary(dictionary)) throw new TypeError("Not a dictionary");
    this.current.value = new Language(tag, dictionary);
  }

  /** The texts in the page's language. Components that use them render again when it changes. @throws TypeError before they are loaded */
  get(): Language<D> {
    const { value } = this.current;
    if (value === undefined) throw new TypeError("Used before its texts were loaded");
    return value;
  }

  /** The hash says the rest. */
  private isDictionary(value: unknown): value is D {
    return typeof value === "object" && value !== null;
  }
}
